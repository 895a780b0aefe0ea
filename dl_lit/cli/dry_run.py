"""`--dry-run`: what a run over some PDFs would ask for, found out without asking anybody."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Reference
from dl_lit.core.ports import BibliographyReader
from dl_lit.settings import Settings

_BATCH = 50  # identifiers in one list request


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An estimate from above: nothing is known yet about the works themselves."""

    pdfs: int
    unreadable: int
    references: int
    with_identifier: int
    to_search: int
    batch_requests: int
    search_requests: int  # at most: one at each of two services for every entry to be searched
    openalex_credits: int
    at_most_files: int
    at_least_minutes: float  # by the hosts' gaps and the services' rates alone


def tell_plan(settings: Settings, paths: Sequence[Path], *, as_json: bool) -> int:
    """Read the PDFs, print the plan; 3 when some could not be read."""
    from dl_lit.app.readers import bibliography_reader  # noqa: PLC0415 - heavy, and only this needs it
    from dl_lit.runtime.together import together  # noqa: PLC0415

    with bibliography_reader(settings) as reader:
        read = list(together(lambda path: _read(reader, path), paths, settings.workers.extraction))
    found = plan(settings, [one for one in read if one is not None], unreadable=read.count(None))
    if as_json:
        click.echo(json.dumps({"schema": "dl-lit/plan/1", **asdict(found)}, indent=1))
    else:
        for name, value in asdict(found).items():
            click.echo(f"{name.replace('_', ' '):18} {value}")
        click.echo("Nothing was asked of anybody and nothing was stored.")
    return 3 if found.unreadable else 0


def _read(reader: BibliographyReader, path: Path) -> Bibliography | None:
    try:
        return reader.read(path)
    except PdfError:
        return None


def plan(settings: Settings, read: Sequence[Bibliography], *, unreadable: int) -> Plan:
    """The plan for these bibliographies."""
    references = [reference for one in read for reference in one.references]
    named = sum(_is_named(reference) for reference in references)
    searched = len(references) - named
    batches = 2 * math.ceil(named / _BATCH)
    window = settings.services["crossref"].lanes["list"].windows[0]
    seconds = max(searched * window.seconds / window.permits, len(references) * settings.host.gap_s / 40)
    return Plan(
        pdfs=len(read) + unreadable,
        unreadable=unreadable,
        references=len(references),
        with_identifier=named,
        to_search=searched,
        batch_requests=batches,
        search_requests=2 * searched,
        openalex_credits=batches + 10 * searched,
        at_most_files=len(references),
        at_least_minutes=round(seconds / 60, 1),
    )


def _is_named(reference: Reference) -> bool:
    return bool(reference.doi or reference.arxiv_id or reference.pmid)
