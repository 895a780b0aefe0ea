"""The course of `dl-lit corpus import`: what was read of a corpus becomes sources, what was matched works."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import structlog

from db.brought_read import ReadSource, bring_read
from db.codec import decode_work
from db.connect import Engine
from dl_lit.app.corpus import shapes
from dl_lit.app.corpus.output import CONTEXTS, DOCUMENTS, MATCHES, REFERENCES, part_path
from dl_lit.app.corpus.places import Place, is_address
from dl_lit.app.corpus.rows import bibliography_of, context_of, reference_of
from dl_lit.app.corpus.standing import partitions_of, read_manifest
from dl_lit.app.recognising import RECOGNISER
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput, DlLitError
from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.job import Reject
from dl_lit.core.reasons import Reason
from dl_lit.core.source_path import path_of, path_text
from dl_lit.core.store import NewSource
from dl_lit.core.values import dataclass

log = structlog.get_logger("dl_lit.corpus")


@dataclass(frozen=True, slots=True, kw_only=True)
class BroughtCorpus:
    """What an import came to."""

    sources: int  # added
    known: int  # whose content was there before: left as they are
    entries: int  # of the sources that were added
    resolved: int  # of these
    failed: int  # of the sources that were added: PDFs of which there is nothing but a reason
    last_source: int | None = None


def bring_corpus(
    engine: Engine,
    source: Place,
    matches: Place | None,
    clock: Clock,
    progress: Callable[[BroughtCorpus], None] = lambda _so_far: None,
) -> BroughtCorpus:
    """Add the PDFs of an extraction; with `matches`, what their entries are as far as the local index told.

    A partition at a time in one transaction: where it is broken off, the same call goes on, since contents that are
    known are left alone. Raises `BadInput`, `DlLitError`, and what the database refuses.
    """
    manifest = read_manifest(source, "extract")
    root = _root(manifest["origin"]["input"])
    matched_parts = _matched_parts(source, matches)
    total = BroughtCorpus(sources=0, known=0, entries=0, resolved=0, failed=0)
    for partition in partitions_of(manifest):
        if REFERENCES not in partition.made:
            continue  # further files with the same content, or files without any
        resolved = _resolved(matches, partition.part) if matches and partition.part in matched_parts else {}
        many = list(_documents(source, partition.part, root, resolved))
        added = bring_read(engine, many, RECOGNISER, clock)
        new = [one for one, of in zip(many, added, strict=True) if of.is_new]
        total = BroughtCorpus(
            sources=total.sources + len(new),
            known=total.known + len(many) - len(new),
            entries=total.entries + sum(0 if isinstance(one.read, Reject) else len(one.read.references) for one in new),
            resolved=total.resolved + sum(len(one.resolved) for one in new),
            failed=total.failed + sum(isinstance(one.read, Reject) for one in new),
            last_source=max((of.id for of in added if of.is_new), default=total.last_source),
        )
        progress(total)
    log.info("corpus_imported", corpus=source.name, sources=total.sources, known=total.known, entries=total.entries)
    return total


def _root(given: str) -> Callable[[str], str]:
    """How a path of the extraction becomes that of a source."""
    if is_address(given):
        folder = given if not any(one in given for one in "*?[") else given[: _wild(given)].rpartition("/")[0]
        return lambda name: f"{folder}/{name}"
    path = path_of(given)
    if path.is_file():  # one PDF, or a list, whose names are whole
        return lambda name: name if name.startswith("/") or is_address(name) else path_text(path.parent / path_of(name))
    below = path if not any(one in given for one in "*?[") else _fixed(path)
    return lambda name: name if name.startswith("/") or is_address(name) else path_text(below / path_of(name))


def _wild(text: str) -> int:
    return min(text.index(one) for one in "*?[" if one in text)


def _fixed(path: Path) -> Path:
    fixed = Path(path.anchor)
    for part in path.parts[1:]:
        if any(one in part for one in "*?["):
            break
        fixed /= part
    return fixed


def _matched_parts(source: Place, matches: Place | None) -> set[str]:
    if matches is None:
        return set()
    manifest = read_manifest(matches, "match")
    if manifest["origin"]["input"] != source.name:
        raise BadInput(f"{matches.name} matched {manifest['origin']['input']}, not {source.name}")
    return {one.part for one in partitions_of(manifest)}


def _documents(
    source: Place, part: str, root: Callable[[str], str], resolved: Mapping[str, Mapping[int, Resolved]]
) -> Iterator[ReadSource]:
    references = _by_document(source, REFERENCES, part)
    contexts = _by_document(source, CONTEXTS, part)
    for row in _rows(source, DOCUMENTS, part):
        sha256 = row["sha256"]
        new = NewSource(root(row["path"]), sha256, row["size_bytes"])
        if row["reason"] is not None:
            why = Reject(Reason(row["reason"]), row["reason_detail"] or "")
            yield ReadSource(source=new, read=why, resolved={})
            continue
        printed = tuple(map(reference_of, references[sha256]))
        read = bibliography_of(row, printed, tuple(map(context_of, contexts[sha256])))
        yield ReadSource(source=new, read=read, resolved=resolved.get(sha256, {}))


def _by_document(place: Place, folder: str, part: str) -> Mapping[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for row in _rows(place, folder, part):
        found[row["sha256"]].append(row)
    return found


def _rows(place: Place, folder: str, part: str) -> list[dict[str, Any]]:
    name = part_path(folder, part)
    content = place.read(name)
    try:
        return shapes.rows_of(content or b"")
    except shapes.UNREADABLE as error:
        raise DlLitError(f"{place.name}/{name} cannot be read: run dl-lit corpus again, which makes it anew") from error


def _resolved(matches: Place, part: str) -> dict[str, dict[int, Resolved]]:
    found: dict[str, dict[int, Resolved]] = defaultdict(dict)
    for row in _rows(matches, MATCHES, part):
        if row["reason"] is None:
            found[row["sha256"]][row["position"]] = Resolved(
                work=decode_work(row["work"]),
                matched_by=row["matched_by"],
                score=row["score"],
                matched_as=MatchedAs(row["matched_as"]),
            )
    return found
