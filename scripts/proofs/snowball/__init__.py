"""Snowballing stays within what is planned, fetches nothing twice, and its numbers are those of the database."""
