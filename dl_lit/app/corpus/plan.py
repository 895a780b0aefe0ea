"""What is missing: files nobody has looked at, contents nobody has read; in handfuls that are the same every time.

Tables of Arrow, since a million paths as Python's own objects would take gigabytes.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Iterator, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from dl_lit.app.corpus.orders import Piece
from dl_lit.app.corpus.shapes import SURVEY
from dl_lit.core.values import dataclass

SURVEY_FILES, SURVEY_BYTES = 256, 1 << 30  # of one task
MOST_FILES, MOST_BYTES = 128, 256 << 20  # of one task that reads
_LEAST, _USUAL, _TASKS = 2, 48, 128  # files of a handful, and handfuls of a small corpus
_BATCH = 20_000
_KEYS = ["path", "size_bytes", "stamp"]
LISTED = pa.schema([SURVEY.field(name) for name in _KEYS])
READ = pa.schema([pa.field("sha256", pa.string()), pa.field("path", pa.string())])


@dataclass(frozen=True, slots=True)
class Handful:
    """What one task is handed, and the name of what it makes."""

    part: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """What is to be done about the contents of an input."""

    contents: pa.Table  # path, size_bytes, sha256 of each content nobody has read, once, by sha256
    same: pa.Table  # path, size_bytes, sha256, duplicate_of of further files with a content


def listed(pieces: Iterable[Piece]) -> pa.Table:
    """The listing as a table, each name once."""
    batches: list[pa.RecordBatch] = []
    rows: list[dict[str, object]] = []
    for piece in pieces:
        rows.append({"path": piece.name, "size_bytes": piece.size, "stamp": piece.stamp})
        if len(rows) >= _BATCH:
            batches.append(pa.RecordBatch.from_pylist(rows, schema=LISTED))
            rows = []
    batches.append(pa.RecordBatch.from_pylist(rows, schema=LISTED))
    table = pa.Table.from_batches(batches, schema=LISTED)
    return _distinct(table, _KEYS)


def unsurveyed(listing: pa.Table, survey: pa.Table) -> pa.Table:
    """Those of the listing that were not looked at as they are now, by name."""
    rest = listing.join(_distinct(survey.select(_KEYS), _KEYS), keys=_KEYS, join_type="left anti")
    return rest.sort_by("path")


def contents(listing: pa.Table, survey: pa.Table) -> pa.Table:
    """path, size_bytes, sha256 of the files whose content is known, by sha256 and path."""
    known = _distinct(survey, [*_KEYS, "sha256"])
    found = listing.join(known, keys=_KEYS, join_type="inner")
    return found.select(["path", "size_bytes", "sha256"]).sort_by([("sha256", "ascending"), ("path", "ascending")])


def missing(found: pa.Table, read: pa.Table, same: pa.Table) -> Missing:
    """`found`: from `contents`; `read`: sha256 and path of what was read; `same`: of what is known to be the same."""
    is_new = pc.invert(pc.is_in(found["sha256"], value_set=read["sha256"].combine_chunks()))
    new = found.filter(is_new)
    firsts = new.filter(_is_first(new["sha256"]))
    read_by = pa.concat_tables([read, firsts.select(["sha256", "path"]).cast(READ)])
    read_by = read_by.rename_columns(["sha256", "duplicate_of"])
    known = pa.concat_tables([read, same, firsts.select(["sha256", "path"]).cast(READ)])
    further = found.join(_distinct(known, ["sha256", "path"]), keys=["sha256", "path"], join_type="left anti")
    further = further.join(read_by, keys="sha256", join_type="inner").select(
        ["path", "size_bytes", "sha256", "duplicate_of"]
    )
    return Missing(firsts, further.sort_by([("sha256", "ascending"), ("path", "ascending")]))


def surveys(rest: pa.Table) -> Iterator[Handful]:
    """Handfuls to look at."""
    for pieces in _bounded(_pieces(rest), SURVEY_FILES, SURVEY_BYTES):
        told = "".join(f"{piece.name}\0{piece.size}\0{piece.stamp}\0" for piece in pieces)
        yield Handful(_digest(told), pieces)


def bits_for(number: int) -> int:
    """Into how many handfuls contents are divided (2 to the power of this), so that all have some to do."""
    usual = min(max(number / _TASKS, _LEAST), _USUAL)
    return max(0, round(math.log2(max(number, 1) / usual)))


def handfuls(new: pa.Table, bits: int) -> Iterator[Handful]:
    """Contents by the first `bits` of their SHA-256, so that a run that was broken off makes the same ones again."""
    bucket: int | None = None
    kept: list[Piece] = []
    for piece in _pieces(new):
        begins = int(piece.sha256[:8], 16) >> (32 - bits)
        if begins != bucket and kept:
            yield from _named(kept)
            kept = []
        bucket = begins
        kept.append(piece)
    yield from _named(kept)


def _named(pieces: Sequence[Piece]) -> Iterator[Handful]:
    for some in _bounded(pieces, MOST_FILES, MOST_BYTES):
        yield Handful(_digest("".join(f"{piece.sha256}\0{piece.name}\0" for piece in some)), some)


def _bounded(pieces: Iterable[Piece], files: int, size: int) -> Iterator[tuple[Piece, ...]]:
    """Handfuls of at most so many files and bytes; a larger file stands alone."""
    kept: list[Piece] = []
    held = 0
    for piece in pieces:
        if kept and (len(kept) >= files or held + piece.size > size):
            yield tuple(kept)
            kept, held = [], 0
        kept.append(piece)
        held += max(piece.size, 0)
    if kept:
        yield tuple(kept)


def _pieces(table: pa.Table) -> Iterator[Piece]:
    for batch in table.to_batches(max_chunksize=_BATCH):
        for row in batch.to_pylist():
            sha256, stamp = row.get("sha256", ""), row.get("stamp", "")
            yield Piece(name=row["path"], size=row["size_bytes"], stamp=stamp, sha256=sha256)


def _is_first(column: pa.ChunkedArray) -> pa.Array:
    """Of a sorted column: whether each value is the first of its kind."""
    values = column.combine_chunks()
    if isinstance(values, pa.ChunkedArray):
        values = pa.concat_arrays(values.chunks) if values.num_chunks else pa.array([], column.type)
    if not len(values):
        return pa.array([], pa.bool_())
    changes = pc.not_equal(values.slice(1), values.slice(0, len(values) - 1))
    return pa.concat_arrays([pa.array([True]), changes])


def _distinct(table: pa.Table, columns: Sequence[str]) -> pa.Table:
    return table.select(list(columns)).group_by(list(columns)).aggregate([])


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
