"""Answers of services on disk: `store` keeps and finds them, `use` tells how much is there and clears it."""
