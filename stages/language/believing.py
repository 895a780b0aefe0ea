"""What of a model's words about one entry is taken over: what stands in the entry's text. Pure.

A model's JSON is a stranger's: of any form, of any length. A field counts only if all its letters and figures stand in
the printed entry in one run, a name's given part only if it does. An identifier that does not is no identifier of the
entry: it is only kept as one that may be looked up, and then its record must prove itself.
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
from dl_lit.core.model import Name, Reference, WorkType
from stages.language.folding import Folded, fold

_LONGEST = 2_000  # characters of a field
_MOST_NAMES = 200
_YEARS = range(1_000, 2_101)
_LABEL_LENGTH = 24  # characters
_SPACE = re.compile(r"\s+")
_NUMBERS = re.compile(r"\w+")
_SCHEME = re.compile(r"https?://", re.IGNORECASE)
_PRINTED_AS = ("title", "container_title", "publisher", "volume", "issue")
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
    printed = Folded.of(text)
    fields: dict[str, Any] = {
        name: value for name in _PRINTED_AS if (value := _text(said, name)) and printed.has(value)
    }
    fields["pages"] = _pages(_text(said, "pages"), text, printed)
    supposed: list[tuple[str, str]] = []
    for name, (kind, normalise, find) in _IDENTIFIERS.items():
        identifier = normalise(_text(said, name))
        if identifier is None:
            continue
        squeezed = _SPACE.sub("", text).lower() if name in _IN_ONE_PIECE else ""
        if is_in_print and (identifier in find(text) or (squeezed and identifier.lower() in squeezed)):
            fields[name] = identifier
        else:
            supposed.append((kind, identifier))
    return Reference(
        position=position,
        raw=text,
        label=label,
        type=_type(said.get("type")),
        authors=_names(said.get("authors"), printed),
        editors=_names(said.get("editors"), printed),
        year=_year(said.get("year"), text),
        url=_url(_text(said, "url"), text) if is_in_print else None,
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


def _labelled(label: str | None, raw: str, before: str) -> tuple[str | None, str]:
    """The label, where it is printed at the head of the text or before it, and the text without it."""
    if label is None or len(label) > _LABEL_LENGTH:
        return None, raw
    if raw.startswith(label) and not (raw[len(label) :][:1].isalnum() and label[-1].isalnum()):
        rest = raw[len(label) :].lstrip()
        return (label, rest) if rest else (None, raw)
    return (label, raw) if before.rstrip().endswith(label) else (None, raw)


def _names(said: Any, printed: Folded) -> tuple[Name, ...]:
    found = []
    for one in said[:_MOST_NAMES] if isinstance(said, list) else ():
        name = _name(one, printed) if isinstance(one, dict) else None
        if name is not None:
            found.append(name)
    return tuple(found)


def _name(said: Mapping[str, Any], printed: Folded) -> Name | None:
    family, given, literal = (_text(said, part) for part in ("family", "given", "literal"))
    if family and printed.has(family):
        is_printed = given is not None and (printed.has(given) or all(map(printed.has, _NUMBERS.findall(given))))
        return Name(family=family, given=given if is_printed else None)
    return Name(literal=literal) if literal and printed.has(literal) else None


def _year(said: Any, text: str) -> int | None:
    is_year = isinstance(said, int) and not isinstance(said, bool) and said in _YEARS
    return said if is_year and re.search(rf"(?<!\d){said}(?!\d)", text) else None


def _pages(said: str | None, text: str, printed: Folded) -> str | None:
    """The pages as printed: of "345-348", where "345-8" is printed, "345-8"."""
    numbers = _NUMBERS.findall(said or "")
    if said is None or not numbers or not printed.has(numbers[0]):
        return None
    if all(map(printed.has, numbers)):
        return re.sub(r"\s*[\u2010-\u2015\u2212-]+\s*", "-", said)
    span = re.search(rf"(?<!\w){re.escape(numbers[0])}\s*[\u2010-\u2015\u2212-]+\s*(\w+)", text)
    return f"{numbers[0]}-{span[1]}" if span else numbers[0]


def _url(said: str | None, text: str) -> str | None:
    """The address, where it is printed, perhaps with a line's end in it or without "https://"."""
    if said is None or not _SCHEME.match(said):
        return None
    bare = _SCHEME.sub("", said).rstrip("/").lower()
    squeezed = _SPACE.sub("", text).lower()
    return said if fold(bare) and bare in squeezed else None


def _type(said: Any) -> WorkType:
    try:
        return WorkType(said)
    except ValueError:
        return WorkType.DOCUMENT


def objects(value: Any, name: str) -> Sequence[Mapping[str, Any]]:
    """The objects in the list `name` of a model's answer; none where there is no such list."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else ()
