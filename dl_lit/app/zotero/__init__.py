"""Pushing works into a Zotero library: the program on this machine, or zotero.org."""
