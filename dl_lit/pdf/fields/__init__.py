"""Which part of a reference string is what: a sequence model over its tokens."""
