"""GROBID as a second reader of bibliographies: asked where its address is set, merged with our own entry by entry."""
