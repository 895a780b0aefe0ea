"""What only the page asks: lists in few words, throughput, search, the graph. Parameters come as text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from db.reading.activity import latest_events
from db.reading.graph import MOST_SOURCES, MOST_WORKS, graph
from db.reading.listing import Page
from db.reading.opening import reading
from db.reading.places import Place
from db.reading.search import search
from db.reading.source_list import entries_of_source, source_lines
from db.reading.source_pages import SourceFilter, SourceOrder, page_of_sources
from db.reading.throughput import LONGEST_H, MinuteCounts
from db.reading.work_list import WorkOrder, page_of_failures, page_of_work_lines
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.web.contract import LARGEST_NUMBER, SOURCE_ID, Document, Extra, Parameter, number, one_of

_MOST_LINES = 500
_MOST_TEXT = 200  # characters that are searched for

Word = TypeVar("Word", bound=StrEnum)
Asked = Mapping[str, str]

_SOURCE = {"type": "string", "pattern": SOURCE_ID}
_TEXT = {"type": "string", "maxLength": _MOST_TEXT}
_PAGE = {
    "limit": number("how many at most", 1, _MOST_LINES, usual=100),
    "offset": number("how many to leave out before", usual=0),
}


class PageAnswers:
    """The questions, asked of one database."""

    def __init__(self, database: Path, clock: Clock) -> None:
        """Nothing is opened before a question is asked."""
        self._database = database
        self._clock = clock
        self._minutes = MinuteCounts()

    def extras(self) -> Mapping[str, Extra]:
        """All of them by path, for the application."""
        return {
            "/api/reasons": Extra(answer=self.reasons, summary="What each reason means, and what to do about it."),
            "/api/throughput": Extra(
                answer=self.throughput,
                summary="What each stage ended, in steps of time.",
                parameters={"hours": number("how far back", 1, LONGEST_H, usual=24)},
            ),
            "/api/recent": Extra(
                answer=self.recent,
                summary="What was tried last.",
                parameters={
                    "after": number("only attempts with a higher number", usual=0),
                    "limit": number("how many at most", 1, _MOST_LINES, usual=50),
                },
            ),
            "/api/bibliographies": Extra(
                answer=self.bibliographies,
                summary="The sources with how their bibliographies stand.",
                parameters={
                    "state": one_of("which", SourceFilter, usual=SourceFilter.ALL),
                    "order": one_of("in which order", SourceOrder, usual=SourceOrder.NEWEST),
                    "text": Parameter("words in title, path, authors or DOI", _TEXT),
                    "source": Parameter("only the one with this number", _SOURCE),
                    **_PAGE,
                },
            ),
            "/api/bibliography": Extra(
                answer=self.bibliography,
                summary="The entries of one source in printed order.",
                parameters={"source": Parameter("its number", _SOURCE, is_required=True), **_PAGE},
            ),
            "/api/library": Extra(
                answer=self.library,
                summary="The works with where they are.",
                parameters={
                    "state": one_of("which", _STATES, usual="all"),
                    "order": one_of("in which order", WorkOrder, usual=WorkOrder.CITED),
                    **_PAGE,
                },
            ),
            "/api/failures": Extra(
                answer=self.failures,
                summary="What failed in a stage for one reason, the latest first.",
                parameters={
                    "stage": one_of("in this stage", StageName),
                    "reason": one_of("what /api/reasons tells of", Reason),
                    **_PAGE,
                },
            ),
            "/api/search": Extra(
                answer=self.search,
                summary="Sources, works and unrecognised entries in which all the words stand.",
                parameters={
                    "text": Parameter("words of titles and names, or a DOI", _TEXT),
                    "limit": number("how many at most", 1, _MOST_LINES, usual=20),
                },
            ),
            "/api/graph": Extra(
                answer=self.graph,
                summary="The most connected part of who cites what.",
                parameters={
                    "works": number("how many at most", 1, MOST_WORKS, usual=150),
                    "sources": number("how many at most", 1, MOST_SOURCES, usual=150),
                },
            ),
        }

    def reasons(self, _asked: Asked) -> Document:
        """Every reason with its class, its sentence, and what to do (empty: nothing)."""
        told = {
            reason.value: {"class": reason.category.value, "what": text.what, "to_do": text.advice}
            for reason, text in REASON_TEXT.items()
        }
        return {"schema": "dl-lit/reasons/1", "reasons": told}

    def throughput(self, asked: Asked) -> Document:
        """Done, failed and to be tried again of each stage."""
        hours = _number(asked, "hours", 24, 1, LONGEST_H)
        with reading(self._database) as connection:
            found = self._minutes.throughput(connection, self._clock.time(), hours)
        return {"schema": "dl-lit/throughput/1", "hours": hours, **_plain(found)}

    def recent(self, asked: Asked) -> Document:
        """The latest attempts."""
        after, limit = _number(asked, "after", 0, 0, LARGEST_NUMBER), _limit(asked, 50)
        with reading(self._database) as connection:
            events = latest_events(connection, after=after, limit=limit)
        return {"schema": "dl-lit/recent/1", "events": _plain(events)}

    def bibliographies(self, asked: Asked) -> Document:
        """A page of sources."""
        wanted = _word(asked, "state", SourceFilter.ALL, SourceFilter)
        order = _word(asked, "order", SourceOrder.NEWEST, SourceOrder)
        text, limit, offset = _text(asked).strip(), _limit(asked), _offset(asked)
        source = _source(asked) if "source" in asked else None
        with reading(self._database) as connection:
            if source is not None:
                one = source_lines(connection, [source])
                page = Page(len(one), 0, one)
            else:
                page = page_of_sources(connection, wanted=wanted, order=order, text=text, limit=limit, offset=offset)
        return _paged("dl-lit/bibliographies/1", "sources", page)

    def bibliography(self, asked: Asked) -> Document:
        """A page of one source's entries."""
        source = _source(asked)
        with reading(self._database) as connection:
            page = entries_of_source(connection, source, limit=_limit(asked), offset=_offset(asked))
        return _paged("dl-lit/bibliography/1", "entries", page)

    def library(self, asked: Asked) -> Document:
        """A page of works."""
        state = asked.get("state", "") or "all"
        if state not in _STATES:
            raise BadInput(f"state is to be one of {', '.join(_STATES)}")
        with reading(self._database) as connection:
            page = page_of_work_lines(
                connection,
                place=_STATES[state],
                order=_word(asked, "order", WorkOrder.CITED, WorkOrder),
                limit=_limit(asked),
                offset=_offset(asked),
            )
        return _paged("dl-lit/library/1", "works", page)

    def failures(self, asked: Asked) -> Document:
        """A page of failures."""
        stage, reason = _word(asked, "stage", None, StageName), _word(asked, "reason", None, Reason)
        with reading(self._database) as connection:
            page = page_of_failures(connection, stage, reason, limit=_limit(asked), offset=_offset(asked))
        return _paged("dl-lit/failures/1", "failures", page)

    def search(self, asked: Asked) -> Document:
        """What fits."""
        with reading(self._database) as connection:
            found = search(connection, _text(asked), limit=_limit(asked, 20))
        return {"schema": "dl-lit/search/1", **_plain(found)}

    def graph(self, asked: Asked) -> Document:
        """A part of the graph."""
        works = _number(asked, "works", 150, 1, MOST_WORKS)
        sources = _number(asked, "sources", 150, 1, MOST_SOURCES)
        with reading(self._database) as connection:
            return {"schema": "dl-lit/graph/1", **_plain(graph(connection, works=works, sources=sources))}


_STATES = {"all": None} | {
    place.value: place for place in (Place.DOWNLOADED, Place.WAITING, Place.NEEDS_REVIEW, Place.FAILED)
}


def _paged(schema: str, name: str, page: Page[Any]) -> Document:
    told = {"schema": schema, "total": page.total, "offset": page.offset, name: _plain(page.items)}
    return told | {"is_cut": True} if page.is_cut else told


def _plain(value: object) -> Any:
    return msgspec.to_builtins(value)


def _source(asked: Asked) -> int:
    """Raises `BadInput`."""
    text = asked.get("source", "")
    if not re.fullmatch(SOURCE_ID, text):
        raise BadInput("source is to be a source's number: 5 or s5")
    return int(text.removeprefix("s"))


def _text(asked: Asked) -> str:
    """What is searched for; "" where nothing is. Raises `BadInput`."""
    text = asked.get("text", "")
    if len(text) > _MOST_TEXT:
        raise BadInput(f"text is to have at most {_MOST_TEXT} characters")
    return text


def _limit(asked: Asked, usual: int = 100) -> int:
    return _number(asked, "limit", usual, 1, _MOST_LINES)


def _offset(asked: Asked) -> int:
    return _number(asked, "offset", 0, 0, LARGEST_NUMBER)


def _number(asked: Asked, name: str, usual: int | None, least: int, most: int) -> int:
    """The number asked for; raises `BadInput`, also where there is none and none is usual."""
    text = asked.get(name, "" if usual is None else str(usual))
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        raise BadInput(f"{name} is to be a number from {least} to {most}")
    return int(text)


def _word(asked: Asked, name: str, usual: Word | None, words: type[Word]) -> Word:
    """The word asked for; raises `BadInput`, also where there is none and none is usual."""
    try:
        return words(asked.get(name, "" if usual is None else usual.value))
    except ValueError:
        raise BadInput(f"{name} is to be one of {', '.join(words)}") from None
