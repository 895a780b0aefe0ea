"""The settings of what runs for months: watching, serving, telling, scaling, and how long things are kept."""

from __future__ import annotations

from dataclasses import field
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from dl_lit.core.values import dataclass
from dl_lit.settings.kinds import Count, Days, Seconds, SomeSeconds, Workers
from dl_lit.settings.secret_parts import parts_of_address, parts_of_header

Observing = Literal["auto", "events", "polling"]
Afterwards = Literal["leave", "move", "link"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchSettings:
    """How watched folders are looked at, and what becomes of files that have been read."""

    observe: Observing = "auto"  # auto: events, and polling where a file system has none
    poll_s: SomeSeconds = 5.0  # how often a folder without events is looked through
    stable_s: SomeSeconds = 2.0  # a file is finished when size and time have stayed the same for so long
    rescan_s: SomeSeconds = 300.0  # how often everything is looked through, whatever events said
    ignore: tuple[str, ...] = ()  # patterns of names or of paths below the folder: "drafts/*", "*_cover.pdf"
    afterwards: Afterwards = "leave"  # a file that has been read goes to completed/ or failed/, or is linked there


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeSettings:
    """The control surface: where it listens, who may change something, and how much is let in."""

    address: str = "unix"  # of the watching daemon's: "unix" (in the state folder), "unix:/path", "host:port", "off"
    token: str | None = field(default=None, repr=False)  # asked for by whatever changes something, and off this machine
    hosts: tuple[str, ...] = ()  # further names it answers to, of a reverse proxy before it; these need the token
    folders: tuple[str, ...] = ()  # below these, besides the watched ones, PDFs may be named by their path
    waiting_room: Count = 100  # requests that wait for one of `max_concurrent_requests`; more are told to come back
    max_upload_mb: Annotated[int, Meta(ge=1, le=16_384)] = 200
    uploads_per_minute: Count = 600  # of one caller


@dataclass(frozen=True, slots=True, kw_only=True)
class NotifySettings:
    """Who is told at the end of a batch, and when something goes wrong or is well again."""

    command: str | None = None  # run with the event as JSON on its standard input
    url: str | None = field(default=None, repr=False)  # the event is posted to it as JSON; often a secret itself
    secret: str | None = field(default=None, repr=False)  # signs what is posted (HMAC-SHA256)
    on: tuple[str, ...] = ("batch", "trouble", "recovery")
    least_s: Seconds = 60.0  # between two notifications of one kind about one thing
    timeout_s: SomeSeconds = 30.0

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        return (*(one for one in (self.url, self.secret) if one), *parts_of_address(self.url or ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class ScalingSettings:
    """Between what the numbers of workers move; `workers.STAGE` is the most."""

    enabled: bool = True  # false: always the most
    extraction_least: Workers = 1
    enrichment_least: Workers = 2
    queueing_least: Workers = 1
    download_least: Workers = 4
    idle_s: SomeSeconds = 60.0  # hands that had nothing to do for so long go


@dataclass(frozen=True, slots=True, kw_only=True)
class RetentionSettings:
    """How long what is not needed for the work is kept; 0: for ever."""

    attempts_days: Days = 400.0  # the story of each item's attempts; the last one of each always stays
    uploads_days: Days = 30.0  # PDFs that were uploaded, after they have been read
    runs_days: Days = 1_100.0  # the book of runs; what they brought stays
    temporary_days: Days = 2.0  # drafts and parts that a sudden end left behind


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricsSettings:
    """Where metrics go besides /metrics."""

    textfile: Path | None = None  # for the textfile collector of Prometheus' node exporter: "/var/lib/.../dl_lit.prom"
    every_s: SomeSeconds = 15.0
    otlp_url: str | None = None  # of an OpenTelemetry collector, without /v1/metrics: "http://localhost:4318"
    otlp_header: str | None = field(default=None, repr=False)  # "Authorization: Bearer ...", where it asks for one

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must not be shown anywhere."""
        return (self.otlp_header, *parts_of_header(self.otlp_header)) if self.otlp_header else ()
