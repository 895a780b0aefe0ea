"""Sending what the operator wants sent to an address of theirs: a webhook, a collector of metrics.

It goes through the guard and the ledger like everything else. The address may be a private one, since the operator
named it; redirects are not followed, since nobody named where they lead.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import TracebackType
from typing import Self

import httpx

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.clock import Clock
from dl_lit.core.hosts import AddressRules, host_and_port
from dl_lit.core.memory import NetworkLedger
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.connections import shared_client
from dl_lit.net.departures import purpose
from dl_lit.net.failures import NETWORK_ERRORS, reason_of
from dl_lit.net.guard import within
from dl_lit.net.offline import on_this_machine

_MOST_READ = 65_536  # bytes of an answer: enough to keep the connection
_BUSY = frozenset({429, 502, 503, 504})


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """How it ended. Says nothing of the address, which may be a secret."""

    status: int | None  # None: no answer came
    why: str = ""  # it was not taken, in a few words; "" where it was
    may_repeat: bool = False  # the same may be taken later
    after_s: float | None = None  # as the receiver asked for

    @property
    def is_taken(self) -> bool:
        """Whether the receiver has it."""
        return not self.why


class Poster:
    """Posts to one host, over one connection. For one thread at a time; to be closed."""

    def __init__(
        self,
        url: str,
        *,
        user_agent: str,
        clock: Clock,
        purpose: str,
        timeout_s: float,
        ledger: NetworkLedger | None = None,
        offline: bool = False,
        keeps_connection: bool = True,
    ) -> None:
        """Nothing is sent yet. `purpose` is what the ledger tells; offline, only this machine itself is sent to.

        Where the connection is not kept, only the status of answers is read.
        """
        self._purpose = purpose
        self._timeout_s = timeout_s
        self._clock = clock
        self._keeps_connection = keeps_connection
        self._client = shared_client(
            user_agent=user_agent,
            trusted=AddressRules([host_and_port(url)]),
            public=AddressRules([]),
            connections=1,
            kept_alive=int(keeps_connection),
            timeout_s=timeout_s,
            connect_timeout_s=min(timeout_s, 10.0),
            ledger=ledger,
            only=on_this_machine([url]) if offline else None,
        )

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Posted:
        """Send `body` once."""
        try:
            with (
                within(self._timeout_s),
                self._client.stream(
                    "POST", url, content=body, headers=dict(headers), extensions=purpose(self._purpose)
                ) as answer,
            ):
                if self._keeps_connection:
                    _read_some(answer)
                return self._ended(answer)
        except NETWORK_ERRORS as error:
            reason = reason_of(error)
            return Posted(status=None, why=reason.value, may_repeat=reason is not Reason.INVALID_URL)

    def _ended(self, answer: httpx.Response) -> Posted:
        if answer.is_success:
            return Posted(status=answer.status_code)
        return Posted(
            status=answer.status_code,
            why=f"HTTP {answer.status_code}",
            may_repeat=answer.status_code in _BUSY,
            after_s=retry_after_s(answer.headers.get("retry-after"), self._clock.time()),
        )

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def _read_some(answer: httpx.Response) -> None:
    """Read what is needed to use the connection again, unless it is too long for that."""
    read = 0
    for block in answer.iter_raw():
        read += len(block)
        if read > _MOST_READ:
            break
