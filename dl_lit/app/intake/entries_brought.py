"""Bibliographies and lists that people bring: their entries become a source, ready to be recognised."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import structlog

from db.connect import Engine
from db.intake import add_entries
from db.reading.known_keys import works_under
from db.recognition import Key, work_keys_of
from dl_lit.app.intake.attachments import Attachments, attachments
from dl_lit.app.outcome.printed import work_of
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock
from dl_lit.core.model import Reference
from dl_lit.core.source_path import path_text
from dl_lit.core.store import NewSource, SourceKind
from dl_lit.core.values import dataclass
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem

log = structlog.get_logger("dl_lit.import")


@dataclass(frozen=True, slots=True)
class Again:
    """An entry of a work that is known, or that an entry before it names."""

    line: int  # 1-based
    key: str | None  # the citation key, where it has one
    of: str  # "w12", or "line 3"
    matched_on: str  # by which kind of key: "doi", "title-author-year", ...


@dataclass(frozen=True, slots=True)
class MissingFile:
    """A PDF that the bibliography names and that is not there."""

    line: int
    key: str | None
    path: str  # as it is written


@dataclass(frozen=True, slots=True, kw_only=True)
class Brought:
    """What one file came to."""

    path: str
    source: int | None  # None: there was nothing in it to add
    new: bool  # False: its content was known already
    entries: int
    problems: tuple[ImportProblem, ...]
    duplicates: tuple[Again, ...] = ()
    pdfs: int = 0  # that came with the entries, to be handed in when their works are known
    missing: tuple[MissingFile, ...] = ()
    other_files: int = 0  # attachments that are no PDFs

    @property
    def lost(self) -> int:
        """How many entries could not be read."""
        return sum(problem.is_entry_lost for problem in self.problems)


@dataclass(frozen=True, slots=True)
class Content:
    """A file that people bring, or what came by standard input."""

    name: str  # for people, as they named it
    data: bytes
    path: Path | None = None  # None: it is no file
    kind: SourceKind = SourceKind.BIBLIOGRAPHY

    def named(self, name: str, kind: SourceKind) -> Content:
        """The same by another name, which is then no path."""
        return replace(self, name=name, path=None, kind=kind)


def bring_in(engine: Engine, content: Content, read: Imported, clock: Clock, *, pdfs: Path | None = None) -> Brought:
    """Add the entries of a file that was read; `pdfs` is the folder of the PDFs that it names."""
    if not read.entries:
        return Brought(path=content.name, source=None, new=False, entries=0, problems=read.problems)
    # Positions number what is kept: a source's entries are 1 to n without gaps.
    kept = [_kept(entry, position) for position, entry in enumerate(read.entries, start=1)]
    folder = content.path.absolute().parent if content.path is not None else None
    named = [attachments(entry.files, folder, pdfs) for entry in read.entries]
    duplicates = _duplicates(engine, read.entries)
    place = content.name if content.path is None else path_text(content.path.absolute())
    digest = hashlib.sha256(content.data).hexdigest()
    files = {
        position: [path_text(path) for path in one.found] for position, one in enumerate(named, start=1) if one.found
    }
    source = NewSource(place, digest, len(content.data), content.kind)
    added = add_entries(engine, source, kept, clock, files)
    log.info("imported", file=place, source=added.id, is_new=added.is_new, entries=len(kept), pdfs=len(files))
    return Brought(
        path=content.name,
        source=added.id,
        new=added.is_new,
        entries=len(kept),
        problems=read.problems,
        duplicates=duplicates if added.is_new else (),
        pdfs=sum(len(one.found) for one in named),
        missing=_missing(read.entries, named),
        other_files=sum(one.others for one in named),
    )


def _kept(entry: ImportedEntry, position: int) -> Reference:
    """The entry as it is kept: with its citation key, and something for people to call it by."""
    one = entry.reference
    raw = one.raw or f"[no title] {entry.key or f'line {entry.line}'}"
    return replace(one, position=position, raw=raw, citation_key=entry.key or one.citation_key)


def _missing(entries: Sequence[ImportedEntry], named: Sequence[Attachments]) -> tuple[MissingFile, ...]:
    pairs = zip(entries, named, strict=True)
    return tuple(MissingFile(entry.line, entry.key, path) for entry, one in pairs for path in one.missing)


def _duplicates(engine: Engine, entries: Sequence[ImportedEntry]) -> tuple[Again, ...]:
    """The entries whose works are known, or named by an entry before.

    They are added all the same: each is recognised by itself, and merged by the evidence of its record.
    """
    keys = [_keys_of(entry.reference) for entry in entries]
    with engine.connect() as connection:
        known = works_under(connection, (key for some in keys for key in some))
    before: dict[Key, int] = {}
    found = []
    for entry, some in zip(entries, keys, strict=True):
        match = next((key for key in some if key in known or key in before), None)
        if match is not None:
            of = f"w{known[match]}" if match in known else f"line {before[match]}"
            found.append(Again(entry.line, entry.key, of, match[0]))
        for key in some:
            before.setdefault(key, entry.line)
    return tuple(found)


def _keys_of(one: Reference) -> list[Key]:
    described = replace(work_of(one), openalex_id=one.openalex_id, pmcid=one.pmcid)  # which print never has
    return work_keys_of(described, RECOGNISER.title_key(described))
