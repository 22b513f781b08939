"""The command-line face: arguments in, tables and JSON out."""
