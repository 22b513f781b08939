"""What runs, steps, waits, payload edits and reports are: pure rules, standard library only."""
