"""The screen shown while the embedded servers start."""
