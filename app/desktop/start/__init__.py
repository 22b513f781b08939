"""Starting a published workflow."""
