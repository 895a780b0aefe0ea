"""What of a model's words about one entry is taken over: what stands in the entry's text. Pure.

A model's JSON is a stranger's: of any form, of any length. A field counts only if all its letters and figures stand in
the printed entry in one run, and is taken as it is printed there (`slices`); a name's given part counts only beside its
family. An identifier that is not printed is no identifier of the entry: it is only kept as one that may be looked up,
and then its record must prove itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from dl_lit.core.identifiers import (
    find_arxiv_ids,
    find_dois,
    find_isbns,
    find_pmids,
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_pmid,
)
from dl_lit.core.model import Reference, WorkType
from dl_lit.core.volume_and_pages import tidy_issue, tidy_pages, tidy_volume
from stages.language.people import People
from stages.language.slices import Printed, Slice

_LONGEST = 2_000  # characters of a field
_YEARS = range(1_000, 2_101)
_LABEL_LENGTH = 24  # characters
_NUMBERS = re.compile(r"\w+")
_DASHES = r"\s*[\u2010-\u2015\u2212-]+\s*"
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_WORDS = ("title", "container_title", "publisher")
_IDENTIFIERS: Mapping[str, tuple[str, Callable[[str | None], str | None], Callable[[str], list[str]]]] = {
    "doi": ("doi", normalise_doi, find_dois),
    "arxiv_id": ("arxiv", normalise_arxiv_id, find_arxiv_ids),
    "pmid": ("pmid", normalise_pmid, find_pmids),
    "isbn": ("isbn", normalise_isbn, find_isbns),
}
_IN_ONE_PIECE = frozenset({"doi", "arxiv_id"})  # long enough to be told from other text, however it is introduced


def believed(
    said: Mapping[str, Any], raw: str, *, position: int, before: str = "", is_in_print: bool = True
) -> Reference:
    """The reference that `said` makes of the printed text `raw`, before which `before` is printed.

    Where `is_in_print` is False `raw` is the model's own word: its identifiers are only such as may be looked up.
    """
    label, text = _labelled(_text(said, "label"), raw, before)
    printed = Printed(text)
    words = _apart(said, printed)
    fields: dict[str, Any] = {name: one.text for name, one in words.items()}
    fields["volume"] = _numeral(said, "volume", printed, tidy_volume)
    fields["issue"] = _numeral(said, "issue", printed, tidy_issue)
    fields["pages"] = _pages(_text(said, "pages"), printed)
    supposed: list[tuple[str, str]] = []
    for name, (kind, normalise, find) in _IDENTIFIERS.items():
        identifier = normalise(_text(said, name))
        if identifier is None:
            continue
        is_printed = identifier in find(text) or (name in _IN_ONE_PIECE and printed.find_address(identifier))
        if is_in_print and is_printed:
            fields[name] = identifier
        else:
            supposed.append((kind, identifier))
    people = People(printed, words.get("title"), tuple(words.values()))
    return Reference(
        position=position,
        raw=text,
        label=label,
        type=_type(said.get("type")),
        authors=people.named(said.get("authors")),
        editors=people.named(said.get("editors"), are_editors=True),
        year=_year(said.get("year"), text),
        url=_url(_text(said, "url"), printed) if is_in_print else None,
        supposed=tuple(supposed),
        **fields,
    )


def _text(said: Mapping[str, Any], name: str) -> str | None:
    """A field's text in one line; None where it is none, or no text of any sensible length."""
    value = said.get(name)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str) or len(value) > _LONGEST:
        return None
    return " ".join(value.split()) or None


def _apart(said: Mapping[str, Any], printed: Printed) -> dict[str, Slice]:
    """Title, container and publisher as printed: what is but a part of the title is none of the others.

    Container and publisher are sought behind the title first: bodies publish what they have written.
    """
    found: dict[str, Slice] = {}
    for name in _WORDS:
        value = _text(said, name)
        if value is None:
            continue
        one = printed.find(value)
        if (title := found.get("title")) is not None:
            free = [one for one in printed.every(value) if not one.overlaps(title) or one.text == title.text]
            one = min(free, key=lambda one: (one.start < title.start, one.text != value), default=None)
        if one is not None:
            found[name] = one
    return found


def _numeral(said: Mapping[str, Any], name: str, printed: Printed, tidy: Callable[[str], str | None]) -> str | None:
    """A volume or an issue as printed, without its word and the brackets around it; None where it is not."""
    value = _text(said, name)
    found = printed.find(value) if value else None
    tidied = tidy(found.text.strip("()[] ")) if found else None
    if tidied is None:
        return None
    return f"{tidied})" if tidied.count("(") > tidied.count(")") else tidied.strip("()[] ") or None


def _labelled(label: str | None, raw: str, before: str) -> tuple[str | None, str]:
    """The label, where it is printed at the head of the text or before it, and the text without it."""
    if label is None or len(label) > _LABEL_LENGTH:
        return None, raw
    if raw.startswith(label) and not (raw[len(label) :][:1].isalnum() and label[-1].isalnum()):
        rest = raw[len(label) :].lstrip()
        return (label, rest) if rest else (None, raw)
    return (label, raw) if before.rstrip().endswith(label) else (None, raw)


def _year(said: Any, text: str) -> int | None:
    is_year = isinstance(said, int) and not isinstance(said, bool) and said in _YEARS
    return said if is_year and re.search(rf"(?<!\d){said}(?!\d)", text) else None


def _pages(said: str | None, printed: Printed) -> str | None:
    """The pages as printed: of "345-348", where "345-8" is printed, "345-8"."""
    numbers = _NUMBERS.findall(said or "")
    first = printed.find(numbers[0]) if numbers else None
    if said is None or first is None:
        return None
    if len(numbers) == 1:
        return first.text
    if whole := printed.find(said):
        return tidy_pages(whole.text)
    span = re.search(rf"(?<!\w){re.escape(first.text)}{_DASHES}(\w+)", printed.text)
    return f"{first.text}-{span[1]}" if span else first.text


def _url(said: str | None, printed: Printed) -> str | None:
    """The address as printed, perhaps with a line's end in it or without "https://"."""
    scheme = _SCHEME.match(said or "")
    if said is None or scheme is None:
        return None
    bare = said[scheme.end() :].rstrip("/")
    for whole in (f"{scheme[0]}{bare}/", scheme[0] + bare):
        if address := printed.find_address(whole):
            return address
    found = printed.find_address(f"{bare}/") or printed.find_address(bare)
    return scheme[0].lower() + found if found else None


def _type(said: Any) -> WorkType:
    try:
        return WorkType(said)
    except ValueError:
        return WorkType.DOCUMENT


def objects(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """The objects in the list `name` of a model's answer; none where there is no such list."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()
