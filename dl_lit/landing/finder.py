"""The finder: one way after the other, the surest first."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from datetime import date
from email.utils import parsedate_to_datetime
from urllib.parse import unquote

from dl_lit.core.model import Work
from dl_lit.core.ports import Page, PdfLink, PdfLinks
from dl_lit.core.reasons import Reason
from dl_lit.landing import anchors, embeds, heads, platforms, pmc
from dl_lit.landing.address import is_bit, is_elsewhere, is_wrong_part, split
from dl_lit.landing.candidate import Candidate
from dl_lit.landing.embargo import embargo_end
from dl_lit.landing.identity import Shown, shown
from dl_lit.landing.sheet import Sheet, read_sheet
from dl_lit.landing.why import why_none

_MAX_LINKS = 12
_SEARCHED = 1_500_000  # characters of a page
GUESS = "guess-pdf"
_ENDINGS = (".pdf", ".full.pdf", "/pdf")


def links_on(page: Page, work: Work, dropped: Collection[str]) -> PdfLinks:
    """See `dl_lit.landing.find_pdf_links`."""
    sheet = read_sheet(page)
    open_from = _still_closed(embargo_end(sheet), page)
    shows = shown(sheet, work)
    if shows is Shown.OTHER:
        return PdfLinks(why_none=Reason.WRONG_WORK)
    found: dict[str, str] = {}
    loops = False
    been = {_key(page.url), *(_key(url) for url, status in page.hops if 300 <= status < 400)}
    origins: set[str] = set()  # addresses that a platform has better ones for
    for candidate in _candidates(page, sheet, work, shows):
        if candidate.url in origins or (candidate.technique == GUESS and found):
            continue
        origins |= {candidate.origin} - {"", candidate.url}
        url = pmc.in_bucket(candidate.url) if pmc.is_pmc(candidate.url) else candidate.url
        technique = pmc.TECHNIQUE if pmc.is_pmc(candidate.url) else candidate.technique
        if url is None or technique in dropped or is_elsewhere(url) or _is_refused(url, candidate, work):
            continue
        if _key(url) in been:
            loops = True
        else:
            found.setdefault(url, technique)
    links = tuple(PdfLink(url, technique) for url, technique in list(found.items())[:_MAX_LINKS])
    why = Reason.LINK_LOOP if loops and open_from is None else why_none(sheet, work, open_from)
    return PdfLinks(links=links, why_none=why, open_from=open_from)


def _still_closed(end: date | None, page: Page) -> date | None:
    """The end of an embargo, unless it was over when the server sent the page, by its own clock."""
    try:
        sent = parsedate_to_datetime(next(value for name, value in page.headers.items() if name.lower() == "date"))
    except (StopIteration, ValueError, OverflowError, TypeError, IndexError):  # what the library makes of odd dates
        return end
    return end if end is not None and end > sent.date() else None


def _candidates(page: Page, sheet: Sheet, work: Work, shows: Shown) -> Iterator[Candidate]:
    """Every way's finds, in order."""
    if pmc.in_bucket(sheet.url) is not None:
        yield Candidate(sheet.url, pmc.TECHNIQUE, is_stated=True)
        return
    yield from heads.metas(sheet)
    yield from heads.links(sheet, page.headers)
    yield from embeds.frames(sheet)
    yield from embeds.onward(sheet, page.headers)
    yield from anchors.chosen(platforms.links(sheet, work.title), work, shows)
    yield from anchors.chosen(anchors.links(sheet, work), work, shows)
    yield from _guesses(sheet)


def _guesses(sheet: Sheet) -> Iterator[Candidate]:
    """The page's own address with ".pdf" behind it, where the page says so somewhere."""
    path = split(sheet.url).path.rstrip("/")
    stem = path.removesuffix(".html").removesuffix(".htm")
    if len(stem) < 2:
        return
    for ending in _ENDINGS:
        for one in dict.fromkeys((path, stem)):
            said = rf"""["'(\s>](?:https?:)?(?://[\w.:-]{{1,100}})?{re.escape(one + ending)}(?![\w/-])"""
            is_said = re.search(said, sheet.html[:_SEARCHED]) is not None
            if is_said and not one.lower().endswith(".pdf") and (url := sheet.absolute(one + ending)) is not None:
                yield Candidate(url, GUESS)


def _is_refused(url: str, candidate: Candidate, work: Work) -> bool:
    """Whether the file's name says that it is something else; where the page states its file, only a mere bit of it."""
    return is_bit(url) if candidate.is_stated else is_wrong_part(url, work.title)


def _key(url: str) -> str:
    """An address for comparing: two spellings of one lead to the same page."""
    parts = split(url)
    return f"{(parts.hostname or '')}{unquote(parts.path).rstrip('/')}?{parts.query}"
