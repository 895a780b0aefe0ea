"""OpenAlex's searches, the filters that compare with ranges, and the order of lists."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dl_lit.replica.boolean import is_boolean, parse_boolean, positive_words
from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.records import Record, words
from dl_lit.replica.services.openalex_works import describe

_MOST = 10_000
_SCANNED = 50_000  # records looked at where no index tells which may be meant

Found = list[tuple[float | None, Record]]


def searched(catalogue: Catalogue, field: str, text: str) -> Found:
    """The records that a search finds, the best first, with their scores."""
    title_only = field.startswith(("title.", "display_name."))
    search = catalogue.universe.search
    if not is_boolean(text):
        hits = search.all_words(text, _MOST, title_only=title_only).hits
        return [(hit.score * 10, hit.record) for hit in hits]
    wanted = parse_boolean(text)
    index = catalogue.universe.index
    positions = wanted.candidates(index.postings)
    kept = []
    for position in sorted(positions) if positions is not None else range(min(len(index), _SCANNED)):
        record = index.record(position)
        if wanted.stands_in(words(record.title if title_only else record.search_text())):
            kept.append(record)
    ranked = search.ranked(kept, positive_words(wanted), title_only=title_only)
    return [(hit.score * 10, hit.record) for hit in ranked[:_MOST]]


def in_range(actual: object, wanted: str) -> bool:
    """Whether a year is the wanted one, or within "2010-2020", ">2010", "<2020"."""
    if actual is None:
        return False
    text = wanted.strip()
    if text[:1] in {"<", ">"}:
        bound = int(text[1:])
        return int(str(actual)) < bound if text[0] == "<" else int(str(actual)) > bound
    first, dash, last = text.partition("-")
    if dash and first.isdigit():
        return int(first) <= int(str(actual)) <= int(last or 9999)
    return str(actual) == text


def in_order(catalogue: Catalogue, found: Found, sort: Sequence[tuple[str, bool]]) -> Found:
    """The records by these fields, each with whether it falls; ties as they came."""
    for field, is_falling in reversed(sort):
        if field == "relevance_score":
            found = sorted(found, key=lambda pair: pair[0] or 0.0, reverse=is_falling)
            continue
        keys: list[tuple[Any, int]] = []
        for at, (_, record) in enumerate(found):
            value = describe(catalogue, record, (field,))[field]
            keys.append(((value is not None, value if value is not None else 0), -at if is_falling else at))
        order = sorted(range(len(found)), key=lambda at: keys[at], reverse=is_falling)
        found = [found[at] for at in order]
    return found
