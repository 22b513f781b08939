"""The Postgres side: tables, transactions, readers and writers."""
