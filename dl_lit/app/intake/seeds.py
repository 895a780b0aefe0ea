"""Seeds that were chosen before: what a search printed as JSON, looked through and perhaps shortened by people."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec

from dl_lit.core.errors import BadInput
from dl_lit.core.identifiers import normalise_doi, normalise_openalex_id
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.core.values import dataclass
from dl_lit.exports.imported import ImportedEntry, ImportProblem, printed_form
from dl_lit.exports.read_list import read_list
from stages.keyword_search import Query, Within


class _Query(msgspec.Struct):
    text: str
    within: Within = Within.EVERYWHERE
    year_from: int | None = None
    year_to: int | None = None
    types: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    is_open: bool = False


class _Author(msgspec.Struct):
    family: str | None = None
    given: str | None = None
    literal: str | None = None


class _Seed(msgspec.Struct):
    openalex_id: str | None = None
    id: str | None = None
    doi: str | None = None
    title: str | None = None
    authors: list[_Author] | None = None
    year: int | None = None
    type: str | None = None
    container_title: str | None = None


class _Document(msgspec.Struct):
    works: list[_Seed | str]
    query: _Query | None = None
    origin: dict[str, Any] | None = None


_read_list = msgspec.json.Decoder(list[_Seed | str]).decode
_read_document = msgspec.json.Decoder(_Document).decode


@dataclass(frozen=True, slots=True)
class Seeds:
    """What a file of seeds names."""

    references: tuple[Reference, ...]
    query: Query | None  # that found them, where the file says so
    origin: dict[str, Any]
    problems: tuple[ImportProblem, ...] = ()  # `line` counts the seeds


def read_seeds(path: Path) -> Seeds:
    """The seeds of a JSON file: a search's document, or a list of identifiers or objects with them.

    Raises `BadInput` for a file that is neither.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise BadInput(f"cannot read {path}: {error.strerror}") from error
    try:
        document = _decoded(data)
    except msgspec.DecodeError as error:
        raise BadInput(f"{path} is no file of seeds: what keyword-search --json prints, or a list ({error})") from error
    references: list[Reference] = []
    problems: list[ImportProblem] = []
    for number, seed in enumerate(document.works, start=1):
        found = _reference(seed, len(references) + 1)
        if found is None:
            text = seed if isinstance(seed, str) else msgspec.json.encode(seed).decode()
            problems.append(ImportProblem(number, "names no work", text[:80], is_entry_lost=True))
        else:
            references.append(found)
    query = Query(**msgspec.structs.asdict(document.query)) if document.query is not None else None
    return Seeds(tuple(references), query, document.origin or {}, tuple(problems))


def entries_of(seeds: Seeds) -> tuple[ImportedEntry, ...]:
    """The seeds as the entries of a file."""
    return tuple(ImportedEntry(one, one.position) for one in seeds.references)


def _decoded(data: bytes) -> _Document:
    if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["):
        return _Document(_read_list(data))
    return _read_document(data)


def _reference(seed: _Seed | str, position: int) -> Reference | None:
    if isinstance(seed, str):
        read = read_list(seed)
        return replace(read.references[0], position=position) if read.references else None
    openalex_id = normalise_openalex_id(seed.openalex_id) or normalise_openalex_id(seed.id)
    doi = normalise_doi(seed.doi) or normalise_doi(seed.id)
    if not (openalex_id or doi or seed.title):
        return None
    authors = tuple(Name(one.family, one.given, one.literal) for one in seed.authors or [])
    known = {kind.value for kind in WorkType}
    address = f"https://doi.org/{doi}" if doi else None
    raw = printed_form(
        authors=authors, year=seed.year, title=seed.title, container=seed.container_title, numbers="", address=address
    )
    return Reference(
        position=position,
        raw=raw or openalex_id or doi or "",
        type=WorkType(seed.type) if seed.type in known else WorkType.DOCUMENT,
        authors=authors,
        title=seed.title,
        container_title=seed.container_title,
        year=seed.year,
        doi=doi,
        openalex_id=openalex_id,
        confidence=1.0,
    )
