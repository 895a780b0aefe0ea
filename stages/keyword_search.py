"""Searching OpenAlex for works by words: Boolean queries, filters, page after page, each page at a search's price.

Read 2026-11-23: https://developers.openalex.org/guides/searching (operators, phrases, `search.exact` for wildcards, the
length of addresses), https://developers.openalex.org/guides/page-through-results (cursors),
https://developers.openalex.org/api-reference/works (filters, sorting).
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from enum import StrEnum
from urllib.parse import quote

import msgspec

from dl_lit.core.errors import BadInput, ServiceError
from dl_lit.core.model import Work
from dl_lit.core.ports import Params, ServiceCalls
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from stages.answers import decode, decode_each, list_body
from stages.enrichment.asking import remember_works
from stages.sources.openalex import PER_PAGE, SEARCH_CREDITS, SELECT, SERVICE, parse_record

MAX_CHARACTERS = 1_500  # of a query, without a plan that is paid for
MAX_URL_BYTES = 3_200  # of a query as it stands in the address, which may have 4,094
_SELECT = f"{SELECT},cited_by_count"
_WILDCARD = re.compile(r"[*?]")
_LOWER_OPERATOR = re.compile(r"(?<=\s)(?:and|or|not)(?=\s)")


class Within(StrEnum):
    """Where the words have to stand."""

    EVERYWHERE = "everywhere"  # title, abstract, and full text where OpenAlex has it
    TITLE_AND_ABSTRACT = "title-and-abstract"
    TITLE = "title"


class Sort(StrEnum):
    """Which works come first."""

    RELEVANCE = "relevance"
    CITATIONS = "citations"
    DATE = "date"


_PARAMETERS = {
    Within.EVERYWHERE: "search",
    Within.TITLE_AND_ABSTRACT: "search.title_and_abstract",
    Within.TITLE: "search.title",
}
_SORTS = {Sort.CITATIONS: "cited_by_count:desc", Sort.DATE: "publication_date:desc"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is searched for."""

    text: str
    within: Within = Within.EVERYWHERE
    year_from: int | None = None
    year_to: int | None = None
    types: tuple[str, ...] = ()  # by OpenAlex's names: "article", "book", ...
    languages: tuple[str, ...] = ()  # ISO 639-1
    is_open: bool = False  # only works that can be had openly

    @property
    def is_exact(self) -> bool:
        """Whether words are searched as they are written: wildcards need that."""
        return _WILDCARD.search(self.text) is not None

    @property
    def filters(self) -> dict[str, str]:
        """OpenAlex's filters."""
        named = {
            "from_publication_date": f"{self.year_from:04d}-01-01" if self.year_from is not None else "",
            "to_publication_date": f"{self.year_to:04d}-12-31" if self.year_to is not None else "",
            "type": "|".join(self.types),
            "language": "|".join(self.languages),
            "is_oa": "true" if self.is_open else "",
        }
        return {name: value for name, value in named.items() if value}

    @property
    def remark(self) -> str | None:
        """What whoever asks may not have meant; None where nothing is odd."""
        if self.is_exact:
            return "because of its wildcards the query is searched for as it is written, without other endings"
        if _LOWER_OPERATOR.search(re.sub(r'"[^"]*"', " ", self.text)):
            return "and, or, not are words here: the operators are AND, OR, NOT"
        return None


def check(query: Query) -> None:
    """Raise `BadInput` that says what OpenAlex would refuse."""
    text = query.text.strip()
    if not text:
        raise BadInput("the query is empty")
    if len(text) > MAX_CHARACTERS or len(quote(text)) > MAX_URL_BYTES:
        raise BadInput(
            f"the query is too long ({len(text):,} characters; OpenAlex takes {MAX_CHARACTERS:,}): ask in parts, "
            "each part's finds become a source"
        )
    if "|" in text or text.startswith("!"):
        raise BadInput("| and ! are no operators of OpenAlex's searches: write OR and NOT")
    if text.count('"') % 2:
        raise BadInput("a quotation mark of the query has no other")
    unquoted = re.sub(r'"[^"]*"', "", text)
    depth = 0
    for mark in re.findall(r"[()]", unquoted):
        depth += 1 if mark == "(" else -1
        if depth < 0:
            break
    if depth:
        raise BadInput("a parenthesis of the query has no other")
    if query.year_from is not None and query.year_to is not None and query.year_from > query.year_to:
        raise BadInput(f"no year is after {query.year_from - 1} and before {query.year_to + 1}")


@dataclass(frozen=True, slots=True)
class Find:
    """One work that a search found."""

    work: Work
    cited_by: int | None  # works, as OpenAlex counts


@dataclass(frozen=True, slots=True)
class Page:
    """One page of finds."""

    finds: tuple[Find, ...]
    total: int  # works that the query finds in all
    untitled: int  # records of this page without a title, which are no use
    is_remembered: bool  # it was not asked for now, and cost nothing
    is_last: bool


def credits_for(works: int) -> int:
    """What fetching so many finds costs."""
    return max(1, math.ceil(works / PER_PAGE)) * SEARCH_CREDITS


def pages(calls: ServiceCalls, query: Query, sort: Sort = Sort.RELEVANCE) -> Iterator[Page]:
    """The finds page by page, as long as somebody wants them. Raises `BadInput` and `ServiceError`.

    Each record is remembered under its identifier: whoever looks the work up next need not ask.
    """
    check(query)
    cursor: str | None = "*"
    while cursor is not None:
        params = [*_asked(query, sort), ("per_page", str(PER_PAGE)), ("cursor", cursor), ("select", _SELECT)]
        answer = calls.get(SERVICE, "/works", params, credits=SEARCH_CREDITS)
        page = decode(list_body(answer, SERVICE), _List, SERVICE)
        if page.meta.timed_out:
            raise ServiceError(SERVICE, Reason.BAD_ANSWER, "the cluster gave up after 5 s: the list is partial")
        finds, untitled = _finds(page.results)
        remember_works(calls, SERVICE, "openalex", {one.work.openalex_id: one.work for one in finds})
        cursor = page.meta.next_cursor if page.results else None
        if len(page.results) < PER_PAGE:
            cursor = None
        yield Page(finds, page.meta.count, untitled, answer.is_remembered, is_last=cursor is None)


class _Meta(msgspec.Struct):
    count: int = 0
    next_cursor: str | None = None
    timed_out: bool | None = None


class _List(msgspec.Struct):
    results: list[msgspec.Raw]
    meta: _Meta


class _Counted(msgspec.Struct):
    cited_by_count: int | None = None


def _asked(query: Query, sort: Sort) -> Params:
    name = _PARAMETERS[query.within] + (".exact" if query.is_exact else "")
    asked = [(name, " ".join(query.text.split()))]
    if query.filters:
        asked.append(("filter", ",".join(f"{name}:{value}" for name, value in query.filters.items())))
    if sort in _SORTS:
        asked.append(("sort", _SORTS[sort]))
    return asked


def _finds(results: list[msgspec.Raw]) -> tuple[tuple[Find, ...], int]:
    finds, untitled = [], 0
    for raw in results:
        try:
            work = parse_record(bytes(raw))
        except ServiceError:
            work = None
        if work is None or work.openalex_id is None:
            untitled += 1
            continue
        (counted,) = decode_each([raw], _Counted, SERVICE)
        finds.append(Find(work, counted.cited_by_count))
    return tuple(finds), untitled
