"""The environment check as a screen."""
