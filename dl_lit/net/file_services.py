"""Services that also serve files: their limits hold for calls and files together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from dl_lit.core.errors import FetchError, ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.net.gate import ServiceGate
from dl_lit.net.hosts import HostPolicy
from dl_lit.net.line import Permit
from dl_lit.net.politeness import Politeness
from dl_lit.net.report import Verdict

_FILES_ELSEWHERE: dict[str, tuple[str, ...]] = {
    # the same 3 seconds hold for all of arXiv: https://info.arxiv.org/help/api/tou.html (read 2026-11-22)
    "arxiv": tuple(
        f"{scheme}://{host}/"
        for scheme in ("https", "http")
        for host in ("arxiv.org", "www.arxiv.org", "export.arxiv.org")
    ),
    # the resolver leads to files: https://www.doi.org/doi-handbook/HTML/index.html (read 2026-11-23)
    "doi": tuple(
        f"{scheme}://{host}/" for scheme in ("https", "http") for host in ("doi.org", "dx.doi.org", "www.doi.org")
    ),
    "pmc": ("https://pmc-oa-opendata.s3.amazonaws.com/",),
}
_LEAST_WAIT_S = 1.0


class ServicePermit:
    """A permit of the service that is held for a file."""

    def __init__(self, gate: ServiceGate, permit: Permit) -> None:
        """Hold `permit`."""
        self._gate = gate
        self._permit = permit
        self._ended = False

    def end(self, verdict: Verdict, status: int | None, latency_s: float, size_bytes: int) -> None:
        """Give it back with what became of the request; only the first time counts."""
        if not self._ended:
            self._ended = True
            self._gate.release(
                self._permit, verdict, status=status, latency_s=latency_s, size_bytes=size_bytes, is_file=True
            )


@dataclass(frozen=True, slots=True)
class FileService:
    """One such service: the addresses of its files, and the turns they are fetched in."""

    prefixes: tuple[str, ...]
    gate: ServiceGate
    policy: HostPolicy

    @property
    def line(self) -> str:
        """The name its line goes by among the hosts."""
        return f"service:{self.gate.service.name}"

    @contextmanager
    def permit(self) -> Iterator[ServicePermit]:
        """A permit of the service; `FetchError` (host-busy, host-parked) when there is none soon."""
        try:
            permit = self.gate.acquire(wait_s=max(_LEAST_WAIT_S, 2 * self.policy.gap_s))
        except ServiceError as error:
            reason = Reason.HOST_BUSY if error.reason is Reason.RATE_LIMITED else Reason.HOST_PARKED
            after = self.policy.gap_s if error.after is None else error.after
            raise FetchError(reason, error.detail, after=after, costs_attempt=False) from error
        held = ServicePermit(self.gate, permit)
        try:
            yield held
        finally:
            held.end(Verdict.SAYS_NOTHING, None, 0.0, 0)


def file_services(
    services: Iterable[Service], politeness: Politeness, *, is_polite: bool, buffer: float = 1.0
) -> tuple[FileService, ...]:
    """Those of `services` that serve files, each with its base address and the other places of its files."""
    found = []
    for service in services:
        if service.name not in _FILES_ELSEWHERE:
            continue
        lane = service.polite if is_polite else service.anonymous
        gap_s = max(window.seconds / window.permits for window in lane.windows) / buffer
        prefixes = (f"{service.base_url.rstrip('/')}/", *_FILES_ELSEWHERE[service.name])
        found.append(FileService(prefixes, politeness.gate(service.name), HostPolicy(gap_s, lane.concurrency)))
    return tuple(found)
