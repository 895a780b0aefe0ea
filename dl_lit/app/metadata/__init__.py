"""Metadata on this machine: dumps, their index, and looking for whole records."""
