"""`--dry-run`: what a run over some PDFs would ask for, found out without asking anybody."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, CitingWork
from dl_lit.core.ports import BibliographyReader
from dl_lit.core.values import dataclass
from dl_lit.settings import Settings

if TYPE_CHECKING:
    from dl_lit.app.language.plan import ModelPlan
    from dl_lit.app.outlook import Outlook
    from dl_lit.app.snowballing.plan import SnowballPlan
    from stages.enrichment.desk import Desk
    from stages.enrichment.forecast import Forecast
    from stages.enrichment.supposed import Span

SCHEMA = "dl-lit/plan/2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything that is told."""

    pdfs: int
    unreadable: int
    references: int
    with_own_doi: int  # of the PDFs: what services say that they cite can be asked for
    told: Forecast
    outlook: Outlook
    model: ModelPlan | None  # None: no language model is to read
    snowball: SnowballPlan | None = None  # None: nothing that was fetched is to be read in turn


def tell_plan(settings: Settings, paths: Sequence[Path], *, as_json: bool) -> int:
    """Read the PDFs, print the plan; 3 when some could not be read."""
    from dl_lit.app.reading.readers import bibliography_reader  # noqa: PLC0415 - heavy, and only this needs it
    from dl_lit.runtime.together import together  # noqa: PLC0415

    with bibliography_reader(settings) as reader:
        read = list(together(lambda path: _read(reader, path), paths, settings.workers.extraction))
    found = plan(settings, [one for one in read if one is not None], unreadable=read.count(None))
    if as_json:
        click.echo(json.dumps(document(found), indent=1))
    else:
        for line in text(found):
            click.echo(line)
    return 3 if found.unreadable else 0


def _read(reader: BibliographyReader, path: Path) -> Bibliography | None:
    try:
        return reader.read(path)
    except PdfError:
        return None


def plan(settings: Settings, read: Sequence[Bibliography], *, unreadable: int) -> Plan:
    """The plan for these bibliographies; asks the database, the imported metadata and the memory, and nobody else."""
    from dl_lit.app.language.plan import model_plan  # noqa: PLC0415 - heavy, and only this needs it
    from dl_lit.app.outlook import outlook  # noqa: PLC0415
    from dl_lit.app.snowballing.plan import snowball_plan  # noqa: PLC0415
    from stages.enrichment.forecast import Outline, forecast  # noqa: PLC0415
    from stages.enrichment.gathering import FULL  # noqa: PLC0415

    outlines = [Outline(citing=_citing(number, one), references=one.references) for number, one in enumerate(read)]
    references = sum(len(one.references) for one in read)
    with _desk(settings) as desk:
        told = forecast(desk, outlines, FULL)
        ahead = outlook(settings, desk.calls, told, references=references, clock=desk.clock)
    return Plan(
        pdfs=len(read) + unreadable,
        unreadable=unreadable,
        references=references,
        with_own_doi=sum(bool(one.doi or one.arxiv_id) for one in read),
        told=told,
        outlook=ahead,
        model=model_plan(settings, read),
        snowball=snowball_plan(settings.snowball, sum(bool(one.doi or one.arxiv_id) for one in read)),
    )


def _citing(number: int, read: Bibliography) -> CitingWork:
    return CitingWork(
        source_id=number, doi=read.doi, arxiv_id=read.arxiv_id, title=read.title, authors=read.authors, year=read.year
    )


@contextmanager
def _desk(settings: Settings) -> Iterator[Desk]:
    """What the stage has at hand, with the door to the network closed."""
    from db.connect import is_there  # noqa: PLC0415 - heavy, and only this needs it
    from db.known import opened_to_read  # noqa: PLC0415 - heavy, and only this needs it
    from dl_lit.app.metadata.local_metadata import open_local_index  # noqa: PLC0415
    from dl_lit.app.network import Network  # noqa: PLC0415
    from dl_lit.app.recognising import RECOGNISER  # noqa: PLC0415
    from stages.enrichment.desk import Desk, Habits, NoBibliographies  # noqa: PLC0415
    from stages.sources.registry import ordered  # noqa: PLC0415

    enrichment, clock = settings.enrichment, SystemClock()
    with ExitStack() as stack:
        network = stack.enter_context(Network(replace(settings, offline=True), clock=clock, chance=random.Random(0)))
        local = open_local_index(settings.local_index)
        stack.callback(local.close)
        known = None
        if is_there(settings.database):
            known = stack.enter_context(opened_to_read(settings.database, RECOGNISER))
        yield Desk(
            calls=network.calls,
            sources=ordered(settings.sources.order),
            bibliographies=known or NoBibliographies(),
            local=local,
            clock=clock,
            habits=Habits(
                use_citing_lists=enrichment.use_citing_lists,
                check_retractions=enrichment.check_retractions,
                together=enrichment.together,
            ),
        )


def document(found: Plan) -> dict[str, Any]:
    """The plan as JSON, schema dl-lit/plan/2."""
    told, ahead = found.told, found.outlook
    return {
        "schema": SCHEMA,
        "pdfs": found.pdfs,
        "unreadable": found.unreadable,
        "with_own_doi": found.with_own_doi,
        "references": found.references,
        "without_request": dict(told.without_request),
        "remembered_answers": told.remembered,
        "to_search": _span(told.searches),
        "requests": _span(ahead.requests),
        "credits": _span(ahead.credits),
        "minutes": _span(ahead.minutes, digits=1),
        "services": {
            name: {
                "requests": _span(one.requests),
                "credits": _span(one.credits),
                "minutes": _span(one.seconds.times(1 / 60), digits=1),
                "credits_left": None if math.isinf(one.credits_left) else one.credits_left,
            }
            for name, one in ahead.services.items()
        },
        "stages": {
            "enrichment": {name: _span(span) for name, span in ahead.enrichment.items()},
            "queueing": {name: _span(span) for name, span in ahead.queueing.items()},
        },
        "budget": {
            "fits": not ahead.waiting.at_most,
            "is_expected_to_fit": not ahead.waiting.expected,
            "may_not_fit": bool(ahead.waiting.high),
            "waiting": _span(ahead.waiting),
            "resets_at": ahead.resets_at.isoformat() if ahead.resets_at else None,
            "services": list(ahead.short_of),
            "says": ahead.verdict,
        },
        "language": asdict(found.model) if found.model is not None else None,
        "snowball": asdict(found.snowball) if found.snowball is not None else None,
    }


def text(found: Plan) -> list[str]:
    """The plan for people."""
    told, ahead = found.told, found.outlook
    free = told.without_request
    own = f"{found.with_own_doi} print their own DOI"
    settled = f"{free['known']} known, {free['local']} imported, {free['remembered']} remembered"
    unasked = f"{settled}, {free['not_a_work']} that name no work"
    lines = [
        f"{found.pdfs} PDFs, {found.unreadable} unreadable, {found.references} references; {own}",
        f"  need no request: {unasked}; {told.remembered} remembered answers are of use",
        "",
        f"  {'':18}{'requests':>22}{'credits':>22}{'minutes':>18}   budget left",
    ]
    for name, one in ahead.services.items():
        left = "" if math.isinf(one.credits_left) else f"{one.credits_left:,.0f}"
        minutes = _range(one.seconds.times(1 / 60), digits=1)
        lines.append(f"  {name:18}{_range(one.requests):>22}{_range(one.credits):>22}{minutes:>18}   {left}".rstrip())
    minutes = _range(ahead.minutes, digits=1)
    return [
        *lines,
        f"  {'in all':18}{_range(ahead.requests):>22}{_range(ahead.credits):>22}{minutes:>18}",
        "",
        "  (as expected, and the range in which it probably is: what services know is not known beforehand)",
        f"  At most {_most(ahead.requests)} requests, {_most(ahead.credits)} credits and {found.references} files.",
        f"  Budget: {ahead.verdict}.",
        *([_of_model(found.model)] if found.model is not None else []),
        *([f"  Besides, {found.snowball.says}."] if found.snowball is not None else []),
        "Nothing was asked of anybody and nothing was stored.",
    ]


def _of_model(asked: ModelPlan) -> str:
    from dl_lit.app.wording import count  # noqa: PLC0415

    pages, entries = count(asked.pages, "page"), count(asked.entries, "entry", "entries")
    sources, questions = count(asked.sources, "PDF"), count(asked.questions, "question")
    sent = f"{pages} and {entries} of {sources}, in {questions}"
    return f"  {asked.model} would be sent {sent}; ambiguous matches come on top."


def _most(span: Span) -> str:
    """What a figure can reach, for people."""
    return f"{_rounded(span.at_most, 0):,}"


def _span(span: Span, digits: int = 0) -> Mapping[str, float]:
    figures = {"expected": span.expected, "low": span.low, "high": span.high, "at_most": span.at_most}
    return {name: _rounded(value, digits) for name, value in figures.items()}


def _range(span: Span, digits: int = 0) -> str:
    if not span.at_most:
        return "-"
    expected, low, high = (_rounded(one, digits) for one in (span.expected, span.low, span.high))
    return f"{expected:,} ({low:,} – {high:,})"


def _rounded(value: float, digits: int) -> float:
    return round(value, digits) if digits else math.ceil(value - 1e-9)
