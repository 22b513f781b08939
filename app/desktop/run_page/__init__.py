"""One run: what it is, how it went, what it waits for and what may be done about it."""
