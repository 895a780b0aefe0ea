"""Reading bibliographies without a pipeline, with a language model beside our reader where one is set."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from dl_lit.app.deciding.beside import checker_beside
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import PdfError, ServiceError
from dl_lit.core.model import Bibliography
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.pdf.children import STOPPED
from dl_lit.pdf.reader import ChildReader
from dl_lit.settings import Settings


@dataclass(frozen=True, slots=True)
class Readers:
    """Our reader, completed by the model."""

    read: Callable[[Path], Bibliography]  # thread-safe; raises `PdfError`
    kill: Callable[[], None]  # whoever reads ends at once


@contextmanager
def reading_beside(settings: Settings, own: ChildReader) -> Iterator[Readers]:
    """`own`, which stays another's to close, and the model for as long as this is entered.

    Nothing of the network is loaded where no model is set. Raises `NeedsConfiguration` where it cannot be asked.
    """
    if not settings.llm.is_on:
        yield Readers(own.read, own.kill)
        return
    from dl_lit.app.language.languages import Languages  # noqa: PLC0415 - brings the HTTP client
    from dl_lit.app.network import Network  # noqa: PLC0415
    from dl_lit.runtime.brakes import Gauges  # noqa: PLC0415

    clock, chance = SystemClock(), random.Random()
    with ExitStack() as stack:
        checker = checker_beside(settings)
        stack.callback(checker.close)
        network = stack.enter_context(Network(settings, clock=clock, chance=chance))
        languages = Languages(clock, chance, Gauges((), clock))
        stack.callback(languages.close)
        languages.become(settings, network)
        reader = languages.beside(own, checker)

        def read(path: Path) -> Bibliography:
            try:
                return reader.read(path)
            except ServiceError as error:  # the program ends before the model was asked
                raise PdfError(Reason.PARSER_CRASHED, STOPPED) from error

        def kill() -> None:
            languages.stop()
            own.kill()

        yield Readers(read, kill)
