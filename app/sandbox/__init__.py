"""The embedded stack: Postgres, Temporal, engine and seeded runs."""
