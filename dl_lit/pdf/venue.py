"""Where a work appeared: volume, issue and pages by their forms, and what kind of work that makes it."""

from __future__ import annotations

import re

from dl_lit.core.model import Name, WorkType
from dl_lit.core.values import dataclass
from dl_lit.core.volume_and_pages import tidy_issue, tidy_pages

_DASH = r"\s?[-–—‐‑−]{1,2}\s?"
_PAGE = r"[A-Za-z]{0,3}\d{1,7}[A-Za-z]?"
_RANGE = rf"{_PAGE}(?:{_DASH}{_PAGE})?"
_ISSUE = r"[^()\[\]]{1,24}"
_YEAR = r"(?:1[5-9]|20)\d\d[a-z]?"
_VOLUME = r"[A-Z]?\d{1,4}[A-Z]?(?:[-–/]\d{1,4})?"

_PATTERNS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        # 2007;13(2):442–9 (Vancouver)
        (
            rf"{_YEAR}[^;:]{{0,24}};\s*(?:vol\.?\s*)?(?P<volume>{_VOLUME})?\s*"
            rf"(?:\((?P<issue>{_ISSUE})\))?\s*:\s*(?P<pages>{_RANGE}(?:\.{_DASH}\w+)?)"
        ),
        # vol. 10, no. 19, pp. 1-18 · v. 10, n. 19, p. 1-18 · Jg. 10, H. 2, S. 3-4
        (
            rf"\b(?:vol(?:ume|\.)?|v\.|bd\.|band|jg\.|т\.|том)\s*(?P<volume>{_VOLUME})\s*[.,]?\s*(?:\(?(?:no?\.|nr\.?|"
            rf"núm\.|num\.|n[º°]|issue|iss\.|heft|h\.|№|в[ыі]п\.)\s*(?P<issue>[\w\-–/]{{1,12}})\)?|"
            rf"\((?P<issue2>{_ISSUE})\))?"
            rf"(?:[^\d]{{1,24}}?(?:{_YEAR}[,.]?\s*)?(?:pp?\.?|pages?|art(?:icle)?\.?(?:\s*(?:no|id)\.?)?|s\.|с\.|"
            rf"seiten)\s*(?P<pages>{_RANGE}))?"
        ),
        # 30(8):2245–2283 · 30(8), 2245–2283
        (
            rf"(?<![\d.])(?P<volume>{_VOLUME})\s?\(\s?(?!(?:19|20)\d\d\))(?P<issue>{_ISSUE})\s?\)\s*[:,.]\s*(?:pp?\.\s*|"
            rf"e-?pages?\s*)?(?P<pages>{_RANGE})"
        ),
        # 30 (2019) 2245–2283
        rf"(?<![\d.])(?P<volume>{_VOLUME})\s?(?:,\s?)?\(\s?{_YEAR}\s?\)\s*[:,]?\s*(?:pp?\.\s*)?(?P<pages>{_RANGE})",
        # 30:2245–2283 · 30, 2245–2283
        rf"(?<![\d.:])(?P<volume>{_VOLUME})\s?:\s?(?P<pages>{_RANGE})(?!\d)",
        (
            rf"(?<![\d.\-–])(?P<volume>{_VOLUME}),\s?(?:pp?\.\s*)?(?P<pages>{_PAGE}{_DASH}{_PAGE}|"
            rf"[eE]?\d{{3,7}}(?=\s*[.,(]))"
        ),
        rf"(?<![\d.])(?P<volume>{_VOLUME})\s?\(\s?(?!(?:19|20)\d\d\))(?P<issue>\d{{1,4}}(?:[-–/]\d{{1,4}})?)\s?\)",
        rf"\b(?:pp?\.|pages?|s\.|с\.)\s*(?P<pages>{_PAGE}{_DASH}{_PAGE}|\d+)",
        rf"{_YEAR}[^;:]{{0,14}};\s*(?P<volume>{_VOLUME})(?:\((?P<issue>{_ISSUE})\))?",
    )
)
_CONFERENCE = re.compile(
    r"\bproc\.|\b(?:proceedings|conference|conf\.|workshop|symposium|symp\.|congress|meeting|tagung|tagungsband|actes|"
    r"anais|atti|transactions of the \w+ conference|"
    r"neurips|nips|icml|iclr|cvpr|iccv|eccv|acl|emnlp|naacl|aaai|ijcai|sigir|kdd|chi '?\d|sigcse)\b",
    re.IGNORECASE,
)
_THESIS = re.compile(
    r"\b(?:(?:ph\.?\s?d|doctoral|master'?s?|bachelor'?s?|m\.?sc|diploma|habilitation|mestrado|"
    r"doutorado)\.?[\s\-]*(?:thesis|dissertation)|(?:doctoral|unpublished) dissertation|"
    r"dissertation|thesis|diplomarbeit|masterarbeit|bachelorarbeit|habilitationsschrift|inauguraldissertation|"
    r"th[eè]se|tesis|tese|tesi|proefschrift|диссертация|дис\.)\b",
    re.IGNORECASE,
)
_REPORT = re.compile(
    r"\b(?:technical report|tech\. rep|research report|working papers?|discussion papers?|white paper|policy brief|"
    r"report no|rfc \d+|deliverable|arbeitspapier|forschungsbericht|internal report)\b",
    re.IGNORECASE,
)
_PREPRINT = re.compile(
    r"\b(?:arxiv|biorxiv|medrxiv|preprint|psyarxiv|socarxiv|ssrn|chemrxiv|corr|osf\.io/preprints)\b", re.IGNORECASE
)
_SOFTWARE = re.compile(
    r"\b(?:r package|python package|software|computer program|github\.com|gitlab\.com|version \d+(?:\.\d+)+|"
    r"cran\.r-project|pypi\.org|source code)\b",
    re.IGNORECASE,
)
_DATASET = re.compile(r"\b(?:data ?set|database|dataverse|figshare|datensatz)\b|\[data", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Venue:
    """What was read behind the title."""

    container_title: str | None = None
    publisher: str | None = None
    volume: str | None = None
    issue: str | None = None
    pages: str | None = None
    editors: tuple[Name, ...] = ()
    is_part: bool = False  # "In: …"


def read_numbers(text: str) -> tuple[str | None, str | None, str | None]:
    """Volume, issue and pages in `text`, an entry's part behind its title."""
    volume = issue = pages = None
    for pattern in _PATTERNS:
        match = pattern.search(text)
        if match is None:
            continue
        found = match.groupdict()
        volume = volume or found.get("volume")
        issue = issue or found.get("issue") or found.get("issue2")
        pages = pages or found.get("pages")
        if volume and pages:
            break
    if volume and re.fullmatch(_YEAR, volume):
        volume = None
    return volume, tidy_issue(issue), tidy_pages(pages)


def work_type(text: str, venue: Venue, *, has_url: bool, has_arxiv_id: bool) -> WorkType:
    """The kind of work that the entry `text` with `venue` describes."""
    if _THESIS.search(text) and not venue.volume:
        return WorkType.THESIS
    if (
        venue.volume
        and venue.container_title
        and not venue.is_part
        and not re.search(r"\bproc(?:eedings|\.)", venue.container_title, re.IGNORECASE)
    ):
        return (
            WorkType.ARTICLE
            if re.search(r"\barxiv", venue.container_title, re.IGNORECASE)
            else WorkType.ARTICLE_JOURNAL
        )
    if _CONFERENCE.search(venue.container_title or "") or (venue.is_part and _CONFERENCE.search(text)):
        return WorkType.PAPER_CONFERENCE
    if venue.is_part and venue.container_title:
        return WorkType.CHAPTER
    if has_arxiv_id or _PREPRINT.search(text):
        return WorkType.ARTICLE
    if _REPORT.search(text):
        return WorkType.REPORT
    if _SOFTWARE.search(text):
        return WorkType.SOFTWARE
    if _DATASET.search(text):
        return WorkType.DATASET
    if venue.container_title and (venue.pages or venue.issue):
        return WorkType.ARTICLE_JOURNAL
    if venue.publisher:
        return WorkType.BOOK
    if has_url:
        return WorkType.WEBPAGE
    return WorkType.DOCUMENT
