"""The store against a model, for as long as wished."""
