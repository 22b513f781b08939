"""What the dialogs of an action share: one confirm that sends once, errors inside, nothing typed lost by accident."""
