"""The composition root: wires every room, contains no logic."""
