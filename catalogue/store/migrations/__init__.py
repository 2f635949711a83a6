"""Migrations of the store, named by the day they were made and what they do."""
