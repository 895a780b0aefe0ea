"""Our reading of PDFs and a GROBID server's, for whoever wants to compare them."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from dl_lit.app.intake.inbox import new_source
from dl_lit.app.network import Network
from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import NeedsConfiguration, PdfError, ServiceError
from dl_lit.core.model import Reference
from dl_lit.core.ports import BibliographyReader, FileCalls
from dl_lit.core.values import dataclass
from dl_lit.net.offline import on_this_machine
from dl_lit.runtime.together import together
from dl_lit.settings import Settings
from stages.grobid.comparing import Comparison, compare
from stages.grobid.reader import ask
from stages.grobid.tei import SERVICE


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What the two readers make of one PDF; the comparison is None where one of them could not read it."""

    path: Path
    sha256: str | None  # None where there is nothing to read
    comparison: Comparison | None
    our_error: PdfError | None = None
    their_error: ServiceError | None = None


def opinions(settings: Settings, paths: Sequence[Path]) -> Iterator[Opinions]:
    """Have every PDF read by both, in order. Raises `NeedsConfiguration` where no address of a GROBID is set."""
    if not settings.services[SERVICE].available:
        raise NeedsConfiguration("no GROBID to compare with: set DL_LIT_GROBID_URL, for example http://localhost:8070")
    if settings.offline and not on_this_machine([settings.services[SERVICE].service.base_url]):
        raise NeedsConfiguration("offline only a GROBID on this machine can be compared with: unset DL_LIT_OFFLINE")
    with (
        Network(settings, clock=SystemClock(), chance=random.Random()) as network,
        bibliography_reader(settings) as reader,
    ):
        yield from together(
            lambda path: _both(reader, network.direct, path),
            paths,
            settings.workers.extraction,
            give_up=reader.kill,
        )


def _both(reader: BibliographyReader, calls: FileCalls, path: Path) -> Opinions:
    source = new_source(path)
    sha256 = source.sha256 if source.size_bytes else None
    ours: tuple[Reference, ...] = ()
    theirs: tuple[Reference, ...] = ()
    our_error, their_error = None, None
    try:
        ours = reader.read(path).references
    except PdfError as error:
        our_error = error
    try:
        theirs = ask(calls, path)
    except PdfError as error:
        our_error = our_error or error
    except ServiceError as error:
        their_error = error
    is_comparable = our_error is None and their_error is None
    return Opinions(
        path=path,
        sha256=sha256,
        comparison=compare(ours, theirs) if is_comparable else None,
        our_error=our_error,
        their_error=their_error,
    )
