"""Triage bundles as files: written in one pass, read with suspicion, shown through the same ports as live servers."""
