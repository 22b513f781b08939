"""One file per thing an operator does; each owns the ports it needs."""
