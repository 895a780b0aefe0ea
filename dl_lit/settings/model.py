"""The settings as the program uses them, with their defaults and bounds.

Every field is one setting. Its name in the TOML file is section and field, `[download] timeout_s`; in the environment
`DL_LIT_DOWNLOAD_TIMEOUT_S`. Units are in the names: `_s` seconds, `_mb` mebibytes. To add a setting, add a field here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from dl_lit.core.database_address import CONNECTIONS, is_signpost
from dl_lit.core.model import StageName
from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.services import Lane, Service
from dl_lit.core.values import dataclass
from dl_lit.settings.access import AccessSettings
from dl_lit.settings.daemon import (
    MetricsSettings,
    NotifySettings,
    RetentionSettings,
    ScalingSettings,
    ServeSettings,
    WatchSettings,
)
from dl_lit.settings.kinds import Count, Credits, Days, Megabytes, Seconds, Share, SomeSeconds, Workers
from dl_lit.settings.llm import LlmSettings, Profile
from dl_lit.settings.shared import SharedSettings
from dl_lit.settings.snowball import SnowballSettings
from dl_lit.settings.zotero import ZoteroSettings

MB = 1_048_576
"""Bytes in what the settings call an MB."""

Synchronous = Literal["FULL", "NORMAL"]
Prefer = Literal["host", "version"]
LogLevel = Literal["debug", "info", "warning", "error"]
Tdm = Literal["obey", "record"]
LogFormat = Literal["auto", "console", "json", "journal"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerSettings:
    """How many workers each stage has."""

    extraction: Workers = 2  # each has a child process
    enrichment: Workers = 4
    queueing: Workers = 4  # works without an open copy wait for many services, each slow
    download: Workers = 64  # they wait for slow hosts nearly all the time, one at a host


STAGE_NAMES = tuple(stage.value for stage in StageName)
"""The stages, in the order in which everything goes through them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSettings:
    """Which stages are worked here, how they are fed, and when to give up."""

    stages: tuple[str, ...] = STAGE_NAMES  # the others are left to processes elsewhere
    queue_size: Count = 32  # claims waiting in memory, per stage
    high_water: Count = 2_000  # rows waiting for the next stage at which this one pauses
    low_water: Count = 1_000  # ... and at which it goes on
    lease_s: SomeSeconds = 60.0  # on PostgreSQL: a daemon that was not heard of for so long loses what it has in hand
    poll_s: SomeSeconds = 1.0  # how often the tables are looked at for work of other processes
    grace_s: Seconds = 20.0  # what running items get after the first signal
    max_attempts: Workers = 5
    outlook_s: Seconds = 300.0  # a one-off run waits for work that is due within this, and leaves the rest to the next
    stall_s: Seconds = 120.0  # ... and ends when everything it tried has been in vain for so long
    outage_s: Seconds = 900.0  # ... or has waited so long for its database: longer than updates and fail-overs take

    def works(self, stage: StageName) -> bool:
        """Whether the stage is worked here."""
        return stage.value in self.stages


@dataclass(frozen=True, slots=True, kw_only=True)
class MemorySettings:
    """When memory of dl_lit and its children together slows down the taking of work."""

    soft_mb: Megabytes = 768
    soft_delay_s: Seconds = 1.0
    hard_mb: Megabytes = 1_024
    hard_delay_s: Seconds = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class DiskSettings:
    """When too little free disk space pauses the work."""

    downloads_pause_below_mb: Megabytes = 1_024
    everything_below_mb: Megabytes = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpSettings:
    """The one HTTP client."""

    pool_size: Workers = 20
    keepalive: Annotated[int, Meta(ge=0, le=256)] = 20
    timeout_s: SomeSeconds = 45.0  # where the service has none of its own
    permit_wait_s: Seconds = 30.0  # longest wait for a permit before the item is put aside
    breaker_failures: Count = 10  # in a row, that open a service's circuit breaker
    breaker_open_s: SomeSeconds = 60.0
    rate_limit_buffer: Share = 0.8  # the share used of limits that are the services' own, published or announced
    timeout_least_s: SomeSeconds = 5.0  # time-outs follow what a service has been taking, down to this
    timeout_most: Annotated[float, Meta(ge=1, le=100)] = 2.0  # ... and up to so many times its own time-out


@dataclass(frozen=True, slots=True, kw_only=True)
class HostSettings:
    """How hosts that files come from are spared."""

    gap_s: Seconds = 2.0  # between two requests to one host
    wait_s: Seconds = 1.0  # longest wait for a host's turn before the item is put aside
    crawl_delay_most_s: Seconds = 60.0  # a host that asks for a longer gap in its robots.txt is given this one


VERSION_NAMES = ("published", "accepted", "submitted")
"""The versions of a work, by what journals call them: of record, after review, before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadSettings:
    """Bounds of one download, and which copies are wanted."""

    max_pdf_mb: Annotated[int, Meta(ge=1, le=16_384)] = 200
    timeout_s: SomeSeconds = 300.0  # for the whole file
    tdm: Tdm = "obey"  # what a reservation of text and data mining means: the copy is left alone, or it is recorded
    partial_mb: Megabytes = 500  # of large files that came in part, kept in the cache folder for the next attempt
    prefer: Prefer = "host"  # which counts more of two copies: who serves it (a repository), or which version it is
    versions: tuple[str, ...] = VERSION_NAMES  # those taken, the best first; "published" alone does without preprints
    exclude_hosts: tuple[str, ...] = ()  # nothing is fetched from these and their subdomains


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSettings:
    """What the library's files are called, and what is written into them."""

    name: str = "{author}_{year}_{title}"  # `core.naming` says what may stand in braces; "/" makes folders
    ascii: bool = True  # other scripts are transliterated; false keeps them
    max_name_bytes: Annotated[int, Meta(ge=60, le=255)] = 200  # of one name, in UTF-8
    write_metadata: bool = False  # DOI, title, authors and year into the copy (XMP and document information)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportSettings:
    """What exports and reports call works."""

    citation_key: str = "{author}{year}"  # of works without a key; `core.key_pattern` has what may stand in braces


@dataclass(frozen=True, slots=True, kw_only=True)
class HandInSettings:
    """Where people drop PDFs that they got themselves."""

    folder: Path | None = None  # a watching dl-lit takes in what appears there; None: nowhere


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckSettings:
    """How what has ended is looked at again."""

    enabled: bool = True  # whether the watching daemon does so by itself; `dl-lit recheck` always can
    per_day: Annotated[int, Meta(ge=0, le=1_000_000)] = 200  # works that the daemon takes up in 24 hours
    keep_superseded: bool = False  # a file that a better one came for goes to `superseded/` instead of being removed
    retractions: bool = True  # the library's works are looked up for retractions once a month


@dataclass(frozen=True, slots=True, kw_only=True)
class PdfSettings:
    """Bounds of the child processes that open PDFs."""

    timeout_s: SomeSeconds = 120.0  # for one file
    memory_mb: Annotated[int, Meta(ge=128, le=65_536)] = 1_024  # address space (RLIMIT_AS)
    max_mb: Annotated[int, Meta(ge=1, le=16_384)] = 500  # larger files are not opened
    ocr_languages: str = "eng"  # of scans, as Tesseract calls them: "eng+deu"; "none": scans are not read
    ocr_pages: Annotated[int, Meta(ge=1, le=4_000)] = 40  # of one scan that are recognised whole
    ocr_timeout_s: SomeSeconds = 80.0  # for one scan, within timeout_s
    ocr_data: Path | None = None  # folder with Tesseract's *.traineddata; None: where distributions put them


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichmentSettings:
    """How entries are recognised."""

    use_citing_lists: bool = True  # read what services say that a source cites, and align it with what is printed
    check_retractions: bool = True  # ask Crossref for notices about the works that were recognised
    together: Annotated[int, Meta(ge=1, le=5_000)] = 400  # entries that are planned for at once, so that batches fill


SOURCE_NAMES = (
    "openalex", "crossref", "datacite", "arxiv", "pubmed", "europepmc", "inspire", "hal", "open_library", "acl", "doi",
    "opencitations", "semantic_scholar",
)  # fmt: skip
"""The metadata sources, in the order in which they are asked unless set otherwise."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSettings:
    """Whom to ask for metadata; `services.<name>.enabled` says who is not asked at all."""

    order: tuple[str, ...] = ()  # of `SOURCE_NAMES`, those asked first; the others follow in their usual order


@dataclass(frozen=True, slots=True, kw_only=True)
class LogSettings:
    """What is logged, how and where."""

    level: LogLevel = "info"
    format: LogFormat = "auto"  # auto: console on a terminal, journal where that reads standard error, else json
    file: Path | None = None  # None: standard error
    file_mb: Annotated[int, Meta(ge=1, le=10_240)] = 50  # size at which the file is rotated
    files_kept: Annotated[int, Meta(ge=1, le=100)] = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheSettings:
    """How long services' answers are remembered, and how many."""

    max_mb: Megabytes = 500  # size of the file; 0: nothing is remembered
    lifetime_days: Days = 30.0  # where the service has none of its own
    absent_days: Days = 7.0  # ... and at most so long that a service has nothing


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerSettings:
    """The record of what left the machine."""

    keep_days: Annotated[float, Meta(ge=1, le=36_500)] = 400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSettings:
    """What is kept of one-off runs."""

    record_mb: Annotated[int, Meta(ge=0, le=100_000)] = 500  # of answers, packed, for run-bundle; 0: none are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneSettings:
    """What one stricter kind of request at a service may use; None keeps the service's own limit."""

    rate: str | None = None  # "PERMITS/SECONDS", several separated by commas
    concurrency: Workers | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOptions:
    """What may be set for each service; None keeps what dl_lit knows about it."""

    url: str | None = None
    key: str | None = field(default=None, repr=False)
    enabled: bool = True
    rate: str | None = None  # "PERMITS/SECONDS", several separated by commas: "2/1, 100000/86400"
    concurrency: Workers | None = None
    credits_per_day: Credits | None = None
    timeout_s: SomeSeconds | None = None
    cache_days: Days | None = None  # 0: its answers are not remembered


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceSettings:
    """A service with everything decided: where it is, what it allows us, and whether it can be asked at all."""

    service: Service  # address and time-out as set
    lane: Lane  # what requests of no particular kind may use
    lanes: Mapping[str, Lane]  # what the stricter kinds of request may use besides
    unproven: Lane  # the same until the service has said that it takes us for polite
    unproven_lanes: Mapping[str, Lane]
    credits_per_day: int | None  # None: the service does not count credits
    key: str | None = field(default=None, repr=False)
    enabled: bool = True
    missing: tuple[str, ...] = ()  # the settings without which it cannot be asked
    cache_days: float = 0.0  # how long its answers are remembered

    @property
    def name(self) -> str:
        """The service's name."""
        return self.service.name

    @property
    def available(self) -> bool:
        """Whether it is switched on and has what it needs."""
        return self.enabled and not self.missing

    @property
    def is_missed(self) -> bool:
        """Whether it cannot be asked though most people would want it to be.

        Not so a server that few have of their own, nor a service that is for those who got a key from it.
        """
        is_extra = self.service.is_own or self.service.needs_key
        return not self.available and not (is_extra and self.enabled)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings, decided."""

    database: Path  # where it is on a server: the signpost that leads there
    library: Path | ObjectPlace
    state_folder: Path  # what all dl_lit processes of the machine share: whose turn it is at which host
    cache_folder: Path
    local_index: Path  # of imported metadata; it need not exist
    contact_email: str | None = field(default=None, repr=False)
    project_url: str | None = None  # told to the services beside the contact address
    allow_hosts: tuple[str, ...] = ()  # host:port, host or CIDR that the guard against private addresses lets pass
    offline: bool = False  # nothing leaves the machine: what is remembered and local has to do
    synchronous: Synchronous = "FULL"  # SQLite's; NORMAL may lose the last commits at a power cut
    database_pool_size: Workers = CONNECTIONS  # connections kept to a PostgreSQL database, to read and to write each
    max_concurrent_requests: Workers = 15  # to the control surface, handled at once; more wait
    max_concurrent_model_calls: Workers = 10  # to language models; llm.tier sets it where nobody else does
    profile: Profile | None = None  # sets five of those below together where nobody else does, see `derived.PROFILES`
    max_concurrent_section_tasks: Workers = 5  # sections of bibliographies that models read
    max_concurrent_uploads: Workers = 3  # of their pages
    max_concurrent_splits: Workers = 4  # of PDFs into such pages
    section_task_timeout_seconds: SomeSeconds = 600.0
    upload_timeout_seconds: SomeSeconds = 300.0
    split_timeout_seconds: SomeSeconds = 120.0
    enable_memory_monitoring: bool = True  # sections wait while memory is short
    max_memory_usage_mb: Megabytes = 1_024  # none begins above this
    memory_throttle_threshold_mb: Megabytes = 768  # above this one at a time
    enable_concurrent_processing: bool = True  # false: a model reads sections and entries one after the other
    workers: WorkerSettings = WorkerSettings()
    scaling: ScalingSettings = ScalingSettings()
    engine: EngineSettings = EngineSettings()
    memory: MemorySettings = MemorySettings()
    disk: DiskSettings = DiskSettings()
    http: HttpSettings = HttpSettings()
    host: HostSettings = HostSettings()
    download: DownloadSettings = DownloadSettings()
    files: FileSettings = FileSettings()
    export: ExportSettings = ExportSettings()
    zotero: ZoteroSettings = ZoteroSettings()
    watch: WatchSettings = WatchSettings()
    shared: SharedSettings = SharedSettings()
    hand_in: HandInSettings = HandInSettings()
    serve: ServeSettings = ServeSettings()
    notify: NotifySettings = NotifySettings()
    recheck: RecheckSettings = RecheckSettings()
    pdf: PdfSettings = PdfSettings()
    access: AccessSettings = AccessSettings()
    enrichment: EnrichmentSettings = EnrichmentSettings()
    llm: LlmSettings = LlmSettings()
    sources: SourceSettings = SourceSettings()
    snowball: SnowballSettings = SnowballSettings()
    log: LogSettings = LogSettings()
    cache: CacheSettings = CacheSettings()
    ledger: LedgerSettings = LedgerSettings()
    runs: RunSettings = RunSettings()
    retention: RetentionSettings = RetentionSettings()
    metrics: MetricsSettings = MetricsSettings()
    services: Mapping[str, ServiceSettings] = field(default_factory=dict)

    @property
    def library_folder(self) -> Path:
        """The library's folder on this host; of one on an object store that of its unfinished files and reports."""
        if isinstance(self.library, Path):
            return self.library
        return self.state_folder / "libraries" / self.library.folder_name

    @property
    def shared_state(self) -> Path:
        """Where it is known how services stand: this machine's folder, or the signpost to all hosts' database."""
        return self.database if is_signpost(self.database) else self.state_folder

    @property
    def shared_cache(self) -> Path:
        """Where answers are remembered: this machine's folder, or the signpost to all hosts' database."""
        return self.database if is_signpost(self.database) else self.cache_folder

    @property
    def sequential(self) -> Settings:
        """The same, for work in which a language model is asked one question at a time."""
        return replace(self, enable_concurrent_processing=False)

    @property
    def without_models(self) -> Settings:
        """The same, for work in which no language model is to be asked."""
        return replace(self, llm=replace(self.llm, enabled=False))
