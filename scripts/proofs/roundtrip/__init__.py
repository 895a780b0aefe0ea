"""The proof that what we export is read back as it was."""
