"""Which version of the work a file says it is. Pure."""

from __future__ import annotations

import re
from typing import Final

from dl_lit.core.model import Version
from dl_lit.core.ports import PdfFacts
from dl_lit.matching.compare import Agreement
from dl_lit.matching.proof.front import Front
from dl_lit.matching.proof.named import Named
from dl_lit.matching.proof.printed_in import PrintedIn

_LABEL_CHARACTERS: Final = 220  # of a line that may tell the version

_PUBLISHED = re.compile(
    r"\b(?:published version|publisher'?s? (?:version|pdf)|version of record|final published|"
    r"document version\W+(?:publisher|"
    r"final published)|verlagsversion)\b",
    re.IGNORECASE,
)
_ACCEPTED = re.compile(
    r"\b(?:accepted (?:author )?(?:manuscript|version)|author(?:'s|s'?|s’|"
    r"’s)?(?: final)? (?:accepted )?(?:manuscript|version)|"
    r"accepted for publication|post-?print|peer[- ]reviewed (?:version|manuscript|author)|"
    r"nih public access|hhs public access|europe pmc funders|final (?:author|draft) (?:manuscript|version)|"
    r"has been accepted for publication|article in press|just accepted|author copy|akzeptierte)\b",
    re.IGNORECASE,
)
_SUBMITTED = re.compile(
    r"\b(?:pre-?print|submitted (?:to|version|manuscript|for (?:publication|review))|under review|working paper|"
    r"not (?:been )?(?:certified by )?peer[- ]review(?:ed)?|discussion paper|draft(?: version)?|"
    r"manuscript submitted|author'?s original|electronic copy available at:? https?://ssrn|"
    r"(?:bio|med)rxiv|research square|ssrn\.com|arxiv:\s*\d{4}\.\d{4,5}|arxiv:\s*[a-z\-]+/\d{7})",
    re.IGNORECASE,
)


def version_of(front: Front, facts: PdfFacts, named: Named, imprint: PrintedIn) -> Version | None:
    """Which version the first pages or the cover sheets name; None where they say nothing.

    Where nothing is named, the work's own DOI with the journal's volume or first page beside it is what only the
    published version bears.
    """
    on_covers = _told(front.cover_text.splitlines())
    if on_covers is not None:
        return on_covers
    lines = [row.text for row in front.before_abstract()] + [row.text for row in front.margins()]
    told = _told([line for line in lines if len(line) <= _LABEL_CHARACTERS])
    if told is not None:
        return told
    if facts.arxiv_id is not None:
        return Version.SUBMITTED
    has_place = Agreement.AGREE in {imprint.volume, imprint.page}
    is_named = named.is_ours or imprint.container is Agreement.AGREE
    return Version.PUBLISHED if has_place and is_named else None


def _told(lines: list[str]) -> Version | None:
    """The version that the lines name, the strongest word first."""
    text = "\n".join(lines).replace("\u2019", "'")
    if _ACCEPTED.search(text):
        return Version.ACCEPTED
    if _SUBMITTED.search(text):
        return Version.SUBMITTED
    return Version.PUBLISHED if _PUBLISHED.search(text) else None
