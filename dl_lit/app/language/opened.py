"""The language model of a process: opened as the settings say, asked as reader and judge, closed in order.

Off unless `llm.provider` is set, and with `--no-llm`: then there is none of this. A reload makes it anew; the one
before finishes what it has begun.
"""

from __future__ import annotations

import random
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from db.language.claims import DiskClaims
from db.language.schema import side_file
from db.language.uploads import DiskUploads
from db.language.use import DiskUse
from dl_lit import __version__
from dl_lit.app.care.scratch import scratch_below
from dl_lit.app.language.place import model_place
from dl_lit.app.language.standing import addresses, budget
from dl_lit.app.language.terms import batch_limits, bounds_of, call_limits, section_limits
from dl_lit.app.network import Network
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.hosts import AddressRules, host_and_port
from dl_lit.core.language import Judge, ModelUse
from dl_lit.core.ports import BibliographyReader, PdfChecker
from dl_lit.net.connections import shared_client, user_agent
from dl_lit.net.language.model import HttpLanguageModel
from dl_lit.net.offline import on_this_machine
from dl_lit.pdf.coverage import recount
from dl_lit.pdf.reader import ChildPages
from dl_lit.runtime.aside import Aside
from dl_lit.runtime.brakes import Gauges
from dl_lit.runtime.in_order import InOrderThreads
from dl_lit.runtime.repeating import Repeating
from dl_lit.runtime.section_tasks import SectionThreads
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import require_model
from dl_lit.settings.model import MB
from stages.language.judge import LanguageJudge
from stages.language.reader import LanguageReader

_EVERY_S = 3_600.0  # how often is tried again to delete what could not be
_IN_A_POOL = 8  # connections: larger pools take long to look through
_MORE_CONNECTIONS = 4  # besides those of calls and uploads: for what deletes, and looks whether servers are well
log = structlog.get_logger("dl_lit.language")


class Threads:
    """What asks many questions at once, for all models that a process asks one after the other: limits go on."""

    def __init__(self, settings: Settings, *, clock: Clock, chance: random.Random, gauges: Gauges) -> None:
        """`gauges` read the memory of this process and its children."""
        self.in_order = InOrderThreads(batch_limits(settings), clock=clock, rng=chance)
        self.sections = SectionThreads(
            section_limits(settings), clock=clock, rng=chance, memory_mb=lambda: gauges.read().memory_mb
        )

    def become(self, settings: Settings) -> None:
        """Keep to other settings from now on."""
        self.in_order.become(batch_limits(settings))
        self.sections.become(section_limits(settings))

    def stop(self) -> None:
        """End all batches and sections at once, for good."""
        self.in_order.stop()
        self.sections.stop()


class Language:
    """A model that may be asked. To be entered, and closed by leaving."""

    def __init__(self, settings: Settings, network: Network, *, clock: Clock, chance: random.Random) -> None:
        """Nothing is sent before entering. `network` lends its cache and states; it is another's to close.

        Raises `NeedsConfiguration`.
        """
        place = model_place(settings)
        self._file = side_file(settings.shared_state)
        self._use = DiskUse(self._file, place.name, budget(settings))
        urls = addresses(settings)
        connections = settings.max_concurrent_model_calls + settings.max_concurrent_uploads + _MORE_CONNECTIONS
        self._client = shared_client(
            user_agent=user_agent(__version__, project_page=settings.project_url, contact_email=None),
            trusted=AddressRules([*settings.allow_hosts, *map(host_and_port, urls)]),
            public=AddressRules(settings.allow_hosts),
            connections=connections,
            kept_alive=connections,
            timeout_s=settings.llm.timeout_s,
            ledger=network.ledger,
            only=on_this_machine(urls) if settings.offline else None,
            pools=max(1, connections // _IN_A_POOL),
        )
        self.model = HttpLanguageModel(
            place,
            call_limits(settings),
            client=self._client,
            clock=clock,
            rng=chance,
            uses=self._use,
            uploads=DiskUploads(self._file, clock),
            states=network.states,
            cache=network.cache,
            claims=DiskClaims(self._file),
        )
        pdf = settings.pdf
        self.pages = ChildPages(
            settings.max_concurrent_splits,
            timeout_s=min(pdf.timeout_s, settings.split_timeout_seconds),
            memory_bytes=pdf.memory_mb * MB,
            max_bytes=pdf.max_mb * MB,
        )
        self._settings = settings
        self._scratch: Path | None = None  # where pages stand while they are sent
        self._is_closed = False
        self._beside = ExitStack()

    def __enter__(self) -> Self:
        with suppress(OSError):  # then the system's folder for such has to do
            self._scratch = self._beside.enter_context(scratch_below(self._settings.cache_folder / "sections"))
        # The first is entered last, so that leaving ends it first.
        self._beside.enter_context(Repeating("model clean-up", _EVERY_S, [self._clean_up]))
        self._beside.enter_context(Aside("model clean-up", self._clean_up, self.model.stop))
        log.info("language_model", model=self.model.name, at=addresses(self._settings))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def beside(self, own: BibliographyReader, checker: PdfChecker, threads: Threads) -> BibliographyReader:
        """`own` with the model beside it; `own` alone where the model is not to read."""
        llm = self._settings.llm
        if not llm.reads:
            return own
        return LanguageReader(
            own,
            model=self.model,
            pages=self.pages,
            sections=threads.sections,
            in_order=threads.in_order,
            checker=checker,
            bounds=bounds_of(self._settings),
            entries_together=llm.entries_together,
            upload_timeout_s=self._settings.upload_timeout_seconds,
            recount=recount,
            scratch=self._scratch,
        )

    def judge(self) -> Judge | None:
        """Says what ambiguous entries cite; None where the model is not to judge."""
        return LanguageJudge(self.model) if self._settings.llm.judges else None

    @property
    def longest_s(self) -> float:
        """For how long what was begun with it may go on."""
        return self._settings.section_task_timeout_seconds + self._settings.llm.batch_timeout_s

    def use(self) -> ModelUse:
        """What was asked so far; whoever looks has it written down as well."""
        self._use.flush()
        return self.model.use()

    def stop(self) -> None:
        """End all waits and calls at once; who asks hears that the program stops. Remote files are still deleted."""
        self.model.stop()

    def abort(self) -> None:
        """Break what is still under way, deleting included: the next start deletes what is left."""
        self._is_closed = True
        self.model.stop()
        self._client.close()
        self.pages.kill()

    def close(self) -> None:
        """Stop, delete what could not be deleted so far, and let go of everything, whatever fails of it."""
        with ExitStack() as last:  # what is named first is done last
            last.callback(self._file.close)
            last.callback(self._use.close)
            last.callback(self.pages.close)
            last.callback(self._beside.close)
            last.callback(self._client.close)  # ends what is still being deleted: the next start goes on with it
            last.callback(self._ended)
            self.model.stop()
            if not self._is_closed and self.model.use().remote_files:
                self._clean_up()

    def _ended(self) -> None:
        self._is_closed = True

    def _clean_up(self) -> None:
        try:
            deleted = self.model.clean_up()
        except RuntimeError:  # of the client, closed meanwhile
            if not self._is_closed:
                raise
            return
        if deleted:
            log.info("remote_files_deleted", model=self.model.name, files=deleted)


def clean_up(settings: Settings) -> int:
    """Delete what killed processes left at the model's provider: how many files. Raises `NeedsConfiguration`."""
    require_model(settings)
    if not settings.llm.is_on:
        raise NeedsConfiguration("llm.provider is not set: only who has its key can delete what was uploaded")
    with Network(settings, clock=SystemClock(), chance=random.Random()) as network:
        language = Language(settings, network, clock=SystemClock(), chance=random.Random())
        try:
            return language.model.clean_up()
        finally:
            language.close()
