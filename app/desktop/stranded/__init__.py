"""The rows that the removed engine left active, and their end."""
