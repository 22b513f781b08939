"""Acting on many runs: describe, plan, decide, run, follow, export."""
