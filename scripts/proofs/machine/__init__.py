"""The proof that no fault of the machine loses anything."""
