"""The course of `dl-lit corpus extract`: list, look at what is new, read what is missing, say what there is."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from dl_lit import __version__
from dl_lit.app.corpus import plan, shapes
from dl_lit.app.corpus.engines.engine import Engine
from dl_lit.app.corpus.listing import Listing
from dl_lit.app.corpus.orders import Bad, Kind, Limits, Made, Order, Report, about
from dl_lit.app.corpus.output import (
    CONTEXTS,
    DOCUMENTS,
    REFERENCES,
    SURVEY,
    held,
    mark_origin,
    part_path,
    read_json,
    require_origin,
    write_json,
)
from dl_lit.app.corpus.parts import made_of
from dl_lit.app.corpus.places import Place
from dl_lit.app.corpus.reader_identity import limits_of, models_digest
from dl_lit.app.corpus.running import Progress, Runner, Tally
from dl_lit.app.corpus.standing import Manifest, Partition, Standing, write_manifest
from dl_lit.core.clock import Clock
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings

_PLAN = "plan.json"
_ROWS = 10_000  # of a partition of duplicates or of what cannot be read


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended."""

    manifest: Manifest
    tally: Tally

    @property
    def is_all_well(self) -> bool:
        """Whether everything could be read."""
        return not (self.manifest.reasons or self.tally.lost or self.tally.troubles) and self.manifest.is_whole


def extract(
    settings: Settings,
    listing: Listing,
    target: Place,
    open_engine: Callable[[], Engine],
    *,
    clock: Clock,
    take_over: bool,
    progress: Progress,
    again: frozenset[str] = frozenset(),
) -> Ended:
    """Read the bibliographies of a corpus, as far as they are not in the output yet.

    Handfuls in which a PDF ended with a reason of `again` are read once more.

    An interrupt lets what runs end, and is told in the tally. Raises `DlLitError`; what was done stays.
    """
    limits = limits_of(settings)
    origin = {
        "kind": "extract",
        "input": listing.given,
        "dl_lit": __version__,
        "models": models_digest(),
        "limits": _plain(limits),
    }
    require_origin(target, origin)  # before anything is left in somebody else's folder
    with (
        closing(open_engine()) as engine,
        held(target, f"corpus extract {listing.given}", clock, take_over=take_over) as run,
    ):
        mark_origin(target, origin)
        course = _Extraction(listing, target, engine, run=run, limits=limits, progress=progress)
        course.go(again)
        manifest = course.standing.manifest(origin, is_whole=course.is_whole)
        write_manifest(target, manifest)
    return Ended(manifest, course.tally)


class _Extraction:
    """One run."""

    def __init__(
        self, listing: Listing, target: Place, engine: Engine, *, run: str, limits: Limits, progress: Progress
    ) -> None:
        """`run` is its name in the output."""
        self.tally = Tally()
        self.standing = Standing(target, DOCUMENTS, (REFERENCES, CONTEXTS))
        self._listing = listing
        self._target = target
        self._run = run
        self._limits = limits
        self._progress = progress
        self._runner = Runner(engine, self.tally, progress)
        self._bad: list[Bad] = []
        self._has_changed = False
        self._has_looked = False

    @property
    def is_whole(self) -> bool:
        """Whether nothing was left."""
        return not (self.tally.is_interrupted or self.tally.lost or self._has_changed)

    def go(self, again: frozenset[str]) -> None:
        """See `extract`; raises `KeyboardInterrupt` only where it is not known yet what stands in the output."""
        try:
            self._go(again)
        except KeyboardInterrupt:
            if not self._has_looked:
                raise
            self.tally.is_interrupted = True

    def _go(self, again: frozenset[str]) -> None:
        read: list[pa.Table] = []

        def take(part: str, content: bytes) -> None:
            del part
            read.append(shapes.table_of(content, ["sha256", "path", "duplicate_of"]))

        self.standing.look(take, again)
        self._has_looked = True
        self._progress(self.tally)
        listing = plan.listed(self._listing.pieces(self._in_trouble))
        survey = self._surveyed(listing)
        self._note_unreadable(plan.unsurveyed(listing, survey))
        if self.tally.is_interrupted:
            return
        found = plan.contents(listing, survey)
        del listing, survey
        own, same = _told_apart(read)
        read.clear()
        missing = plan.missing(found, own, same)
        del found, own, same
        bits = self._bits(missing.contents.num_rows)
        self._note_same(missing.same)
        self._runner.begin("reading", sum(1 for _ in plan.handfuls(missing.contents, bits)))
        self._runner.through(self._orders(Kind.READ, plan.handfuls(missing.contents, bits)), self._take_read)

    def _surveyed(self, listing: pa.Table) -> pa.Table:
        """The survey, with what was not in it yet."""
        known = self._survey()
        rest = plan.unsurveyed(listing, known)
        if not rest.num_rows:
            return known
        self._runner.begin("looking", sum(1 for _ in plan.surveys(rest)))
        new: list[str] = []

        def take(report: Report) -> None:
            new.append(report.part)
            self._bad += report.bad

        self._runner.through(self._orders(Kind.SURVEY, plan.surveys(rest)), take)
        return pa.concat_tables([known, self._survey(new)])

    def _survey(self, parts: Iterable[str] | None = None) -> pa.Table:
        names = self._target.names(SURVEY) if parts is None else (part_path(SURVEY, part) for part in sorted(parts))
        tables = [shapes.SURVEY.empty_table()]
        for name in names:
            content = self._target.read(name)
            if content is None:
                continue  # all of its files were bad
            try:
                tables.append(shapes.table_of(content).cast(shapes.SURVEY))
            except shapes.UNREADABLE:
                self._target.remove(name)
        return pa.concat_tables(tables)

    def _orders(self, kind: Kind, handfuls: Iterable[plan.Handful]) -> Iterator[Order]:
        for one in handfuls:
            yield Order(
                dl_lit=__version__,
                models=models_digest(),
                run=self._run,
                kind=kind,
                source=self._listing.place,
                target=self._target.name,
                part=one.part,
                pieces=one.pieces,
                limits=self._limits,
            )

    def _take_read(self, report: Report) -> None:
        self.standing.add(Partition(part=report.part, made=report.made, reasons=report.reasons))
        if report.changed:
            self._has_changed = True
            self.tally.troubles += [f"changed while it was read: {name}" for name in report.changed]

    def _in_trouble(self, told: str) -> None:
        self.tally.troubles.append(told)

    def _note_unreadable(self, rest: pa.Table) -> None:
        """Say which files have no content; what was said of that before counts no more."""
        before = list(self.standing.alone("unread"))
        still = set(rest["path"].to_pylist())
        bad = sorted((one for one in self._bad if one.name in still), key=lambda one: one.name)
        rows = [{"path": one.name, "reason": one.reason, "reason_detail": one.detail or None} for one in bad]
        now = [self._note("unread", rows[start : start + _ROWS]) for start in range(0, len(rows), _ROWS)]
        self.tally.reasons.update(one.reason for one in bad)
        for part in set(before) - set(now):
            self.standing.drop(part)

    def _note_same(self, same: pa.Table) -> None:
        """Say which files have a content that stands elsewhere."""
        for batch in same.to_batches(max_chunksize=_ROWS):
            if batch.num_rows:
                self._note("same", batch.to_pylist())

    def _note(self, kind: str, rows: Sequence[dict[str, Any]]) -> str:
        reasons: dict[str, int] = {}
        for row in rows:
            if (reason := row.get("reason")) is not None:
                reasons[reason] = reasons.get(reason, 0) + 1
        content = shapes.packed(rows, shapes.DOCUMENTS, about({}, reasons))
        part = f"{kind}-{hashlib.sha256(content).hexdigest()[:16]}"
        self._target.write(part_path(DOCUMENTS, part), content)
        made: dict[str, Made] = {DOCUMENTS: made_of(content, len(rows))}
        self.standing.add(Partition(part=part, made=made, reasons=reasons))
        return part

    def _bits(self, number: int) -> int:
        """How finely contents are divided, which was settled when the output was begun."""
        found = read_json(self._target, _PLAN)
        if found is not None and isinstance(found.get("bits"), int):
            return int(found["bits"])
        bits = plan.bits_for(number)
        write_json(self._target, _PLAN, {"bits": bits})
        return bits


def _told_apart(read: Sequence[pa.Table]) -> tuple[pa.Table, pa.Table]:
    """(sha256, path) of what was read, and of further files with the same content."""
    schema = plan.READ.append(pa.field("duplicate_of", pa.string()))
    table = pa.concat_tables([schema.empty_table(), *(one.cast(schema) for one in read)])
    table = table.filter(pc.is_valid(table["sha256"]))
    is_own = pc.is_null(table["duplicate_of"])
    columns = ["sha256", "path"]
    return table.filter(is_own).select(columns), table.filter(pc.invert(is_own)).select(columns)


def _plain(limits: Limits) -> dict[str, Any]:
    import msgspec  # noqa: PLC0415 - a word of it

    plain: dict[str, Any] = json.loads(msgspec.json.encode(limits))
    return plain
