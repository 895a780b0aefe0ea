"""The printed entry and the records that came near, side by side, with what agrees."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import click

from dl_lit.cli.paragraphs import cell_lines, page_width, tell, tell_field
from dl_lit.cli.printing import line, shown

if TYPE_CHECKING:
    from db.reading.candidates import Candidate
    from dl_lit.core.model import Reference

LEGEND = "= agrees   ~ nearly   ! contradicts   a number: how alike the titles are, 0 to 1"

_MARKS = {"agree": "=", "close": "~", "conflict": "!"}
_NAME = 8  # characters of a row's name
_COLUMN = 20  # characters that a column should have
_GAP = 2
_MOST = 4  # lines of a cell

_Cell = Callable[["Candidate"], str]


def tell_candidates(reference: Reference, candidates: Sequence[Candidate], *, indent: int = 2) -> None:
    """Print them, as many beside each other as the page has room for."""
    room = page_width() - indent - _NAME
    together = max(1, room // (_COLUMN + _GAP) - 1)
    for first in range(0, len(candidates), together):
        if first:
            line()
        width = room // (min(together, len(candidates)) + 1) - _GAP
        _tell_block(reference, candidates[first : first + together], width, indent)
    tell(LEGEND, indent=indent)


def tell_judgement(evidence: object, *, indent: int) -> None:
    """Print what a language model said of the candidates; nothing where none was asked."""
    from db.reading.candidates import judgement_of  # noqa: PLC0415 - brings msgspec, which --help need not load

    if (judged := judgement_of(evidence)) is not None:
        tell_field("judge", judged.says, indent=indent)


def _tell_block(reference: Reference, candidates: Sequence[Candidate], width: int, indent: int) -> None:
    headers = ["printed", *(f"[{one.number}] score {one.score:.2f}" for one in candidates)]
    click.secho(_row("", [text.ljust(width)[:width] for text in headers], indent), bold=True)
    for name, printed, cell in _rows(reference):
        texts = [printed, *(cell(one) for one in candidates)]
        if not any(texts[1:]) and (name not in {"title", "author", "year"} or not printed):
            continue
        columns = [cell_lines(shown(text) if text else "", width, _MOST) for text in texts]
        for number in range(max(map(len, columns))):
            parts = [(column[number] if number < len(column) else "").ljust(width) for column in columns]
            line(_row(name if not number else "", parts, indent))


def _row(name: str, parts: Sequence[str], indent: int) -> str:
    return (" " * indent + name.ljust(_NAME) + (" " * _GAP).join(parts)).rstrip()


def _rows(reference: Reference) -> list[tuple[str, str, _Cell]]:
    """Each row's name, what is printed, and what a candidate has."""
    people = ", ".join(person.sort_key for person in (reference.authors or reference.editors)[:5])
    own = next((value for value in (reference.doi, reference.arxiv_id, reference.isbn) if value), "")
    return [
        ("title", reference.title or reference.raw, lambda one: _marked(one, "title", one.title)),
        ("author", people, lambda one: _marked(one, "author", ", ".join(one.authors))),
        ("year", _text(reference.year), lambda one: _marked(one, "year", _text(one.year))),
        ("in", reference.container_title or "", lambda one: _marked(one, "container", one.container_title or "")),
        ("volume", reference.volume or "", lambda one: _marked(one, "volume", one.volume or "")),
        ("pages", reference.pages or "", lambda one: _marked(one, "first_page", one.pages or "")),
        ("kind", reference.type.value, lambda one: one.type),
        ("id", own, lambda one: one.doi or one.arxiv_id or one.openalex_id or one.pmid or one.isbn or ""),
        ("from", "", lambda one: one.source),
        ("veto", "", lambda one: one.veto or ""),
    ]


def _marked(one: Candidate, field: str, text: str) -> str:
    agreement = one.agreement.get(field)
    if isinstance(agreement, (int, float)):
        return f"{agreement:.2f} {text}"
    mark = _MARKS.get(agreement or "", "")
    return f"{mark} {text}".strip()


def _text(value: object) -> str:
    return "" if value is None else str(value)
