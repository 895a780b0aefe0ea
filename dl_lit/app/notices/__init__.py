"""Telling others what happens."""
