"""A replica of the scholarly web on this machine's loopback, for tests, demonstrations and benchmarks."""

from __future__ import annotations

from dl_lit.replica.access import Shares
from dl_lit.replica.faults import Fault, FaultKind
from dl_lit.replica.latency import Latency
from dl_lit.replica.log import Entry, RequestLog
from dl_lit.replica.server import Replica
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.universe import Universe

__all__ = ["Entry", "Fault", "FaultKind", "Latency", "Replica", "RequestLog", "Settings", "Shares", "Universe"]
