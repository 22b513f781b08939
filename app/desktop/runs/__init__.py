"""The run list: views, filter bar, stuck banner and a table that follows the database."""
