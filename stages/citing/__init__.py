"""What the citing works themselves tell: which works the services say they cite, and by which DOI they are known."""

from stages.citing.describing import bare_dois, described
from stages.citing.finding import FoundDoi, find_citing_doi
from stages.citing.lists import CitedLists, lists_for
from stages.citing.merging import merge

__all__ = ["CitedLists", "FoundDoi", "bare_dois", "described", "find_citing_doi", "lists_for", "merge"]
