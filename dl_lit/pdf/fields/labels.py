"""What a part of a reference can be."""

from __future__ import annotations

from enum import StrEnum


class Label(StrEnum):
    """The kinds of parts; what stands between them (punctuation, "In:", "pp.", the entry's label) has none."""

    AUTHOR = "author"  # all authors in one span
    EDITOR = "editor"
    COLLABORATION = "collaboration"  # of authors: "ATLAS Collaboration"
    TITLE = "title"  # of the cited work itself: article, chapter, book, thesis
    CONTAINER = "container"  # the journal
    BOOKTITLE = "booktitle"  # the book or proceedings that the work is a part of
    SERIES = "series"
    PUBLISHER = "publisher"
    PLACE = "place"
    DATE = "date"
    VOLUME = "volume"
    ISSUE = "issue"
    PAGES = "pages"
    EDITION = "edition"
    INSTITUTION = "institution"
    NOTE = "note"
    REPORT = "report"  # what kind of report or thesis: "Tech. rep.", "PhD thesis"
    NUMBER = "number"  # of a report, a standard, a patent
    DOI = "doi"
    ARXIV = "arxiv"
    IDENTIFIER = "identifier"  # PMID, PMC, ISBN, ISSN
    URL = "url"
