"""Titles, names and addresses that try to be more than text."""
