"""The run list: views, filter bar, banner of troubles and a table that follows the database."""
