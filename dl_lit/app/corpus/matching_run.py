"""The course of `dl-lit corpus match`: every partition of an extraction that has not been matched yet."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from dl_lit import __version__
from dl_lit.app.corpus.engines.engine import Engine
from dl_lit.app.corpus.extracting import Ended
from dl_lit.app.corpus.matching import index_state
from dl_lit.app.corpus.orders import Kind, Order, Report
from dl_lit.app.corpus.output import MATCHES, REFERENCES, held, mark_origin, require_origin
from dl_lit.app.corpus.places import Place
from dl_lit.app.corpus.running import Progress, Runner, Tally
from dl_lit.app.corpus.standing import Partition, Standing, partitions_of, read_manifest, write_manifest
from dl_lit.core.clock import Clock
from dl_lit.core.errors import BadInput


def match(
    index: Path,
    source: Place,
    target: Place,
    open_engine: Callable[[], Engine],
    *,
    clock: Clock,
    take_over: bool,
    progress: Progress,
) -> Ended:
    """Match the references of an extraction against the index at `index`, as far as they are not in the output yet.

    An interrupt lets what runs end, and is told in the tally. Raises `DlLitError`; what was done stays.
    """
    manifest = read_manifest(source, "extract")
    state = index_state(index)
    if state is None:
        raise BadInput(f"there is no index at {index}: dl-lit import-metadata makes it, --index names another")
    wanted = [one for one in partitions_of(manifest) if REFERENCES in one.made]
    origin = {"kind": "match", "input": source.name, "dl_lit": __version__, "index": state}
    tally, standing = Tally(), Standing(target, MATCHES, ())
    require_origin(target, origin)  # before anything is left in somebody else's folder
    with (
        closing(open_engine()) as engine,
        held(target, f"corpus match {source.name}", clock, take_over=take_over) as run,
    ):
        mark_origin(target, origin)
        standing.look()
        known = set(standing.parts)
        for part in known - {one.part for one in wanted}:
            standing.drop(part)  # of an extraction that was made anew
        missing = [one.part for one in wanted if one.part not in known]

        def orders() -> Iterator[Order]:
            for part in missing:
                yield Order(
                    dl_lit=__version__,
                    models="",
                    run=run,
                    kind=Kind.MATCH,
                    source=source.name,
                    target=target.name,
                    part=part,
                    index=str(index),
                    index_state=state,
                )

        def take(report: Report) -> None:
            standing.add(Partition(part=report.part, made=report.made, reasons=report.reasons))

        runner = Runner(engine, tally, progress)
        runner.begin("matching", len(missing))
        runner.through(orders(), take)
        is_whole = bool(manifest["is_whole"]) and not (tally.is_interrupted or tally.lost)
        made = standing.manifest(origin, is_whole=is_whole)
        write_manifest(target, made)
    return Ended(made, tally)
