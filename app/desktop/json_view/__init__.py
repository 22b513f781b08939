"""JSON on screen: folded long strings, masked values as chips, text that arrives in slices."""
