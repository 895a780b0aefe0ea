"""Everything a pipeline run needs, opened in order and closed in reverse: lock, database, library, network, stages."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from db.connect import connect
from db.lock import PipelineLock
from db.set_back import SetBack
from db.stores import open_store
from dl_lit.app.care.clock_set_back import make_up
from dl_lit.app.care.fault_reports import fault_reports
from dl_lit.app.care.hastening import hasten_what_was_mended
from dl_lit.app.care.late_files import LateFiles
from dl_lit.app.care.left_over import take_over
from dl_lit.app.intake.sent import ReachedSources
from dl_lit.app.item_log import log_items
from dl_lit.app.language.languages import Languages
from dl_lit.app.locating import locating
from dl_lit.app.measures import shape_of
from dl_lit.app.metadata.local_metadata import open_local_index
from dl_lit.app.network import Network
from dl_lit.app.now.lasting import Complaints
from dl_lit.app.put_aside import PutAside
from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.app.recognising import RECOGNISER
from dl_lit.app.roles import for_models, keeps_library
from dl_lit.app.shelving import library_of
from dl_lit.app.wire import Wire
from dl_lit.core.clock import Clock, SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.core.job import Stage
from dl_lit.core.model import StageName, Work
from dl_lit.core.ports import BibliographyReader, Locating
from dl_lit.core.store import Finished, Recorded
from dl_lit.landing import RESOLVER_VERSION, find_pdf_links
from dl_lit.library.kept import KeptLibrary
from dl_lit.pdf.reader import ChildChecker
from dl_lit.runtime import collector
from dl_lit.runtime.brakes import Gauges, Pressure
from dl_lit.runtime.lease import keeping_lease
from dl_lit.runtime.line import Surroundings, Waits
from dl_lit.runtime.outage import Outage
from dl_lit.runtime.pipeline import Pipeline
from dl_lit.runtime.sequential import OneAtATime
from dl_lit.runtime.shape import Shape
from dl_lit.settings import Settings
from dl_lit.settings.check_llm import require_model
from dl_lit.settings.model import MB
from stages.download import DownloadStage, Tools
from stages.enrichment import EnrichmentStage, Habits
from stages.extraction import ExtractionStage
from stages.locators.preference import Preference
from stages.queueing import QueueingStage
from stages.rechecking import Only, Upgrader
from stages.sources.registry import ordered


class Workshop:
    """One pipeline process's tools.

    Raises on entering: `DatabaseBusy` when another process works the database, `NeedsConfiguration` when a language
    model is set that cannot be asked.
    """

    def __init__(
        self,
        settings: Settings,
        command: str,
        *,
        clock: Clock | None = None,
        seed: int | None = None,
        on_upgrade: Callable[[Path], None] | None = None,
        set_by_people: Mapping[str, Any] | None = None,
        wire: Wire | None = None,
        outage: Outage | None = None,
    ) -> None:
        """Nothing is opened before entering; `command` is what the lock file and the book of runs say about us.

        `set_by_people` are the settings that differ from the defaults, as the book of runs keeps them.
        `wire` keeps, or gives again, what is asked.
        `on_upgrade` is told where the backup is if the database is older, before it is brought up to date.
        `outage`: how it is waited for a database that is away, for ever when None.
        """
        self._on_upgrade = on_upgrade
        self.settings = settings
        self.clock: Clock = clock or SystemClock()
        self.outage = outage or Outage(self.clock)
        """Whether the database is away."""
        self._set_back = SetBack(self.clock)
        self._chance = random.Random(seed)
        self.command = command
        self.set_by_people = set_by_people or {}
        self.wire = wire or Wire()
        self.hearers: list[Callable[[Sequence[Finished]], None]] = []
        """Told of each group of outcomes once it is written down, in the recorder's thread: they must not take long."""
        self.complaints = Complaints()
        """What is wrong by the word of those who met it; told with the other conditions."""
        self._engine: Pipeline | None = None
        self._library: KeptLibrary | None = None
        self._late: LateFiles | None = None
        self.put_by: tuple[DownloadStage, ...] = ()
        self._put_aside: list[PutAside] = []  # the tools before a renewal, the oldest first
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        require_model(for_models(self.settings))
        self.outage.outlast(self._open, who="start")
        return self

    def _open(self) -> None:
        with ExitStack() as stack:
            settings = self.settings
            stack.enter_context(PipelineLock(settings.database, self.command, self.clock))
            self.store = open_store(
                settings.database,
                self.clock,
                RECOGNISER,
                synchronous=settings.synchronous,
                on_upgrade=self._on_upgrade,
                resolver=RESOLVER_VERSION,
                lease_s=settings.engine.lease_s,
                stages=",".join(settings.engine.stages),
            )
            stack.callback(self.store.close)
            stack.enter_context(keeping_lease(self.store, self._hear, self.outage))
            stack.enter_context(fault_reports(self.store.fault_file))
            self.gauges = Gauges((settings.database.parent,), self.clock)
            if keeps_library(settings):
                self._library = self._open_library()
                self.gauges = Gauges(
                    (settings.database.parent,),
                    self.clock,
                    library=settings.library_folder,
                    library_trouble=self._library.trouble,
                )
                self._adopt()
                self._late = LateFiles(self.store, self._library)
                stack.callback(self._late.look)
            hasten_what_was_mended(self.settings)
            stack.callback(self.wire.close, self.store.path_of_content)
            self.network = stack.enter_context(Network(settings, clock=self.clock, chance=self._chance, wire=self.wire))
            self.languages = Languages(self.clock, self._chance, self.gauges)
            stack.callback(self.languages.close)
            self.languages.become(for_models(settings), self.network)
            self.reader = bibliography_reader(settings)
            stack.callback(self.reader.close)
            pdf = settings.pdf
            self.checker = ChildChecker(
                2,
                timeout_s=pdf.timeout_s,
                memory_bytes=pdf.memory_mb * MB,
                max_bytes=settings.download.max_pdf_mb * MB,
                patience_s=0.5,  # to check a file is quicker than to start another child, which takes about that long
            )
            stack.callback(self.checker.close)
            self.local = open_local_index(settings.local_index)
            stack.callback(self.local.close)
            self.stages = self._stages()
            stack.callback(self._put_away)
            collector.calm()
            self._stack = stack.pop_all()

    def _open_library(self) -> KeptLibrary:
        settings = self.settings
        return library_of(
            settings,
            self.clock,
            find_same=self.store.path_of_content,
            owner_of=self.store.owner_of_file,
            annotate=self._annotate if settings.files.write_metadata else None,
            is_new=not self.store.has_files(),
        )

    @property
    def library(self) -> KeptLibrary:
        """The library; nobody asks for it where downloads are left to others (`roles.keeps_library`)."""
        if self._library is None:
            raise RuntimeError("the library is open only where downloads are worked")
        return self._library

    def give_up(self, error: DlLitError) -> None:
        """Let the pipeline, where one is at work, end with this error."""
        if self._engine is not None:
            self._engine.give_up(error)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def renew(self, settings: Settings) -> None:
        """Work by other `settings` from now on; those of what is held open must be as they were.

        What is under way is finished with the old tools, what waits for a permit or a turn comes back to the new ones.
        """
        self._put_away(by=self.clock.monotonic())
        longest_s = max(2 * self.settings.download.timeout_s, self.languages.longest_s)
        network = Network(settings, clock=self.clock, chance=self._chance, before=self.network, wire=self.wire)
        language = self.languages.become(for_models(settings), network)
        aside = PutAside(self.clock.monotonic() + longest_s, self.network, language, self.put_by)
        self.settings, self.network = settings, network
        self.stages = self._stages()
        self._put_aside.append(aside)
        if self._engine is not None:
            self.network.fetcher.tell_free(partial(self._engine.line_moves, StageName.DOWNLOAD))
            self._engine.become(self.stages, self.shape())
        aside.network.stop()
        hasten_what_was_mended(self.settings)

    def _put_away(self, *, by: float = math.inf) -> None:
        """Close the tools that were put aside and are done with, those in use as well at the end."""
        while self._put_aside and self._put_aside[0].until <= by:
            aside = self._put_aside.pop(0)
            self.languages.retire(aside.language)
            aside.close()
            (self._put_aside[0].network if self._put_aside else self.network).outlive()
        if by == math.inf:
            for stage in self.put_by:
                stage.close()

    def stop_asking(self) -> None:
        """End all waits for services, hosts and models at once."""
        self.network.stop()
        self.languages.stop()

    def _stages(self) -> list[Stage]:
        calls = self.network.calls
        wanted = self.settings.download
        preference = Preference.from_settings(wanted.prefer, wanted.versions, wanted.exclude_hosts)
        copies = locating(self.settings, calls, preference, self.clock)
        make: dict[StageName, Callable[[], Stage]] = {
            StageName.EXTRACTION: lambda: ExtractionStage(
                self._bibliographies(),
                most_of_found=self.settings.snowball.max_references,
                files=ReachedSources(self.settings, self.clock, self.store.path_of_content),
            ),
            StageName.ENRICHMENT: lambda: EnrichmentStage(
                calls,
                ordered(self.settings.sources.order),
                bibliographies=self.store,
                local=self.local,
                clock=self.clock,
                habits=self._habits(),
                judge=self.languages.judge(),
                decisions=self.store,
            ),
            StageName.QUEUEING: lambda: QueueingStage(self.store, copies, self.clock),
            StageName.DOWNLOAD: lambda: self._download(copies, preference),
        }
        return [made() for name, made in make.items() if self.settings.engine.works(name)]

    def _download(self, copies: Locating, preference: Preference) -> DownloadStage:
        lesser = DownloadStage(self._tools(Only(copies), preference), self.store)
        self.upgrader = Upgrader(copies, lesser, preference.rank_of)
        download = DownloadStage(self._tools(copies, preference), self.store)
        self.put_by = (lesser, download)
        return download

    def _tools(self, copies: Locating, preference: Preference) -> Tools:
        """What downloads are done with."""
        return Tools(
            fetcher=self.network.fetcher,
            checker=self.checker,
            library=self.library,
            find_links=find_pdf_links,
            techniques=self.store.techniques,
            locating=copies,
            clock=self.clock,
            rank_of=preference.rank_of,
            max_attempts=self.settings.engine.max_attempts,
        )

    def _habits(self) -> Habits:
        enrichment = self.settings.enrichment
        return Habits(
            use_citing_lists=enrichment.use_citing_lists,
            check_retractions=enrichment.check_retractions,
            together=enrichment.together,
            attempts=self.settings.engine.max_attempts,
        )

    def _bibliographies(self) -> BibliographyReader:
        """Our own reader, with GROBID and a language model beside it where they are set."""
        calls = self.network.direct
        own: BibliographyReader = self.reader
        if calls.is_available("grobid"):
            from dl_lit.pdf.coverage import recount  # noqa: PLC0415 - most starts do without
            from stages.grobid.reader import GrobidReader  # noqa: PLC0415

            own = GrobidReader(own, calls, self.checker, recount)
        return self.languages.beside(own, self.checker)

    def _annotate(self, path: Path, work: Work) -> bool:
        return self.checker.annotate(path, work)

    def _adopt(self) -> None:
        """Take over what a run before put into the library but did not live to write down."""
        engine = connect(self.settings.database, synchronous=self.settings.synchronous)
        try:
            take_over(self.store, engine, self.library, self.clock, keep=self.settings.recheck.keep_superseded)
        finally:
            engine.dispose()

    def shape(self) -> Shape:
        """The engine's measures, from the settings."""
        return shape_of(self.settings)

    def pipeline(self) -> Pipeline:
        """The concurrent engine; not started."""

        def read() -> Pressure:
            pressure = self.gauges.read()
            self.store.note_memory(is_short=pressure.memory_mb >= self.settings.memory.hard_mb)
            return pressure

        engine = Pipeline(
            self.stages,
            self.store,
            self.shape(),
            clock=self.clock,
            chance=self._chance,
            read_pressure=read,
            on_recorded=self._recorded,
            surroundings=Surroundings(
                waits=self._waits,
                on_hands=self._let_go,
                on_notice=self._noticed,
                on_dropped=self._dropped,
                outage=self.outage,
            ),
        )
        self.network.fetcher.tell_free(partial(engine.line_moves, StageName.DOWNLOAD))
        self._engine = engine
        return engine

    def one_at_a_time(self) -> OneAtATime:
        """The same without concurrency."""
        return OneAtATime(
            self.stages,
            self.store,
            self.shape(),
            clock=self.clock,
            chance=self._chance,
            on_recorded=self._recorded,
            surroundings=Surroundings(on_dropped=self._dropped, outage=self.outage),
        )

    def _waits(self, stage: StageName) -> Waits:
        """How many hands of a stage wait for others."""
        return Waits(*self.network.waiting_hands(stage))

    def _hear(self) -> None:
        """Other daemons wrote something: look at once."""
        if isinstance(self._engine, Pipeline):
            self._engine.look_at_once()

    def _noticed(self) -> None:
        """Where the clock was set back let nothing wait for longer by as much; see what others made of late files."""
        make_up(self.settings, self._set_back)
        if self._late is not None:
            self._late.look()

    def _let_go(self, stage: StageName, hands: int) -> None:
        """End the children that a stage with so many hands does not need; it has none at rest."""
        if stage is StageName.EXTRACTION:
            self.reader.keep(hands)
            self.languages.keep(hands)
        elif stage is StageName.DOWNLOAD:
            self.checker.keep(hands)

    def _recorded(self, group: Sequence[Finished]) -> None:
        if self._late is not None:
            self._late.settle(group)
        log_items(group)
        for hear in tuple(self.hearers):
            hear(group)

    def _dropped(self, recorded: Recorded) -> None:
        """Let no file stay that nobody wants; what others were given they may just be about to write down."""
        if self._late is not None:
            self._late.settle(recorded.moved_on)
            self._late.settle(recorded.taken_over, others_have_them=True)

    def abort(self) -> None:
        """Make whatever still runs fail fast: connections broken, children killed."""
        for aside in self._put_aside:
            aside.network.retire()
        self.languages.abort()
        self.network.close()
        self.reader.kill()
        self.checker.kill()
