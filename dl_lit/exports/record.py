"""What an export writes of one work: its facts, its file, and what became of it."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from urllib.parse import quote

from dl_lit.core.controls import acts, without_controls
from dl_lit.core.model import Name, RelationKind, Version, Work
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.exports.standing import standing


class ItemState(StrEnum):
    """What became of a cited work, in the words that exports and reports use."""

    DOWNLOADED = "downloaded"
    DUPLICATE = "duplicate"
    WAITING = "waiting"
    NEEDS_REVIEW = "needs-review"
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Relative:
    """Another version or a translation of a work, which is a work of its own."""

    kind: RelationKind
    key: str  # its citation key
    title: str
    doi: str | None
    state: ItemState  # what became of it: whether its PDF is here


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportRecord:
    """One work of the library as the exports see it."""

    key: str  # the citation key, given once and kept
    work: Work
    state: ItemState
    reason: Reason | None = None  # why it ended so; None while it waits
    file: str | None = None  # of the PDF, with "/", relative to the exported file; None: there is none
    sources: tuple[str, ...] = ()  # names of the PDFs that cite it
    notes: tuple[str, ...] = ()
    relatives: tuple[Relative, ...] = ()  # versions and translations among the cited works
    version: Version | None = None  # of the file
    identity_score: float | None = None  # 0 to 1: how surely the file is the work; None: not judged, or no file
    look_again: date | None = None  # the day on which it, or a better version, is looked for again, in UTC
    times_looked: int = 0  # how often that was done
    contexts: tuple[tuple[str, str], ...] = ()  # the PDF's name, and JSON of the places where its text cites the work
    former_keys: tuple[str, ...] = ()  # what it was called before, or in files that people brought: they still mean it


def one_line(text: str) -> str:
    """`text` with all white space, line breaks included, folded to single blanks, and what acts on readers dropped."""
    return " ".join(without_controls(text).split())


def path_in_line(path: str) -> str:
    """The path of a file as it is; as a relative URI where no line could hold it, which readers try as well."""
    return path_as_uri(path) if acts(path) or path != path.strip() else path


def path_as_uri(path: str) -> str:
    """The path of a file as a relative URI, whatever bytes its name is made of."""
    try:
        return quote(path, errors="surrogateescape")
    except UnicodeEncodeError:  # half a pair that stands for no byte: no file is called so
        return quote(path, errors="replace")


def sortable_name(name: Name) -> str:
    """The name as "Family, Given", the family name alone, or the body's name; empty when nothing is known."""
    if name.family and name.given:
        return one_line(f"{name.family}, {name.given}")
    return one_line(name.sort_key or name.given or "")


def notes_of(record: ExportRecord) -> tuple[str, ...]:
    """The record's own notes, after what every reader must see: that the work was retracted, doubted or corrected.

    Other versions and translations come last.
    """
    said = (*standing(record.work), *record.notes, *(_relative(one) for one in record.relatives))
    return tuple(one_line(note) for note in said)


def _relative(one: Relative) -> str:
    """Such as "Other version: Knuth1997 (doi:10.1/x), downloaded"."""
    word = "Translation" if one.kind is RelationKind.TRANSLATION else "Other version"
    named = f" (doi:{one.doi})" if one.doi else ""
    return f"{word}: {one.key}{named}, {one.state.value}"
