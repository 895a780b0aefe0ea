"""One HTTP request to a provider of models, read whole, in bounded time; keys stay out of what is told."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import field
from functools import cached_property
from typing import Any

import httpx

from dl_lit.core.errors import FetchError
from dl_lit.core.language import ModelError, Trouble
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.bodies import whole
from dl_lit.net.connections import FOR_FILES
from dl_lit.net.departures import purpose
from dl_lit.net.failures import NETWORK_ERRORS, reason_of
from dl_lit.net.guard import within
from dl_lit.net.interrupting import Interrupt

PURPOSE = "language-model"
"""How the ledger tells these requests from others."""

MAX_BODY_BYTES = 4_000_000
"""Of an answer: a hundred times the longest that is asked for; as JSON it may take thirty times as much memory."""

_CONNECT_S = 10.0
_TOLD = 200  # characters of what goes wrong
_RUN = 6  # characters in a row
_NAME = 120  # ... of a model's name


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """A request that is to be made."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None = None
    json: Any = None  # instead of `body`
    form: tuple[str, str, bytes] | None = None  # instead of `body`: field, file name, and a PDF
    is_elsewhere: bool = False  # the address was named by an answer and is not of the provider's configured host


@dataclass(frozen=True)  # without slots: it keeps what was parsed
class Incoming:
    """An answer, read whole."""

    status: int
    headers: Mapping[str, str]  # lower-case names
    body: bytes

    @cached_property
    def value(self) -> Any:
        """The body as JSON, None where it is none. Some servers send white space ahead, to keep the line open."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class NotSent(ModelError):
    """The request never left: nothing can have come of it at the provider's."""


@dataclass(slots=True)
class Wire:
    """Makes requests. Thread-safe."""

    client: httpx.Client
    secrets: tuple[str, ...]
    interrupt: Interrupt = field(default_factory=Interrupt)
    stopping: threading.Event = field(default_factory=threading.Event)

    def send(self, outgoing: Outgoing, *, timeout_s: float, is_last: bool = False) -> Incoming:
        """The answer, whatever its status; raises `ModelError`.

        `is_last`: it is made although everything stops, and is not broken off.
        """
        if (self.stopping.is_set() and not is_last) or self.client.is_closed:
            raise NotSent(Trouble.STOPPING)
        try:
            if is_last:
                return self._sent(outgoing, timeout_s)
            with self.interrupt.covering():
                return self._sent(outgoing, timeout_s)
        except NETWORK_ERRORS as error:
            raise self._mapped(error, is_last=is_last) from error
        except RuntimeError as error:
            if not self.client.is_closed:
                raise
            raise NotSent(Trouble.STOPPING) from error  # closed a moment ago

    def told(self, text: str) -> str:
        """`text` as it may be told: without keys, whole or in part, in whatever letters, run together or apart."""
        for secret in self.secrets:
            text = " ".join("…" if _shares(word, secret) else word for word in text.split())
            if _shares(text, secret):
                return "…"
        return text[:_TOLD]

    def named(self, name: str) -> str:
        """What a server calls itself or its model, as it may be kept: printable, and of a length that names have."""
        return self.told("".join(char for char in name[:_TOLD] if char.isprintable()))[:_NAME]

    def stop(self) -> None:
        """Break off what is under way, and refuse what comes."""
        self.stopping.set()
        self.interrupt.set()

    def _sent(self, outgoing: Outgoing, timeout_s: float) -> Incoming:
        marks = {**(FOR_FILES if outgoing.is_elsewhere else {}), **purpose(PURPOSE)}
        files = None
        if outgoing.form is not None:
            name, shown_as, content = outgoing.form
            files = {name: (shown_as, content, "application/pdf")}
        request = self.client.build_request(
            outgoing.method,
            outgoing.url,
            headers={"Accept": "application/json", "Accept-Encoding": "identity", **outgoing.headers},
            content=outgoing.body,
            json=outgoing.json,
            files=files,
            timeout=httpx.Timeout(timeout_s, connect=min(_CONNECT_S, timeout_s)),
            extensions=marks,
        )
        with within(timeout_s):
            response = self.client.send(request, stream=True)
            try:
                body = whole(response, MAX_BODY_BYTES)
            except FetchError as error:
                raise ModelError(Trouble.BAD_ANSWER, f"a body that is not read: {error.reason.value}") from error
            finally:
                response.close()
        headers = {name.lower(): value for name, value in response.headers.items()}
        return Incoming(response.status_code, headers, body)

    def _mapped(self, error: Exception, *, is_last: bool) -> ModelError:
        """The error of the network, as one of the model's; hosts are told, addresses with their paths are not."""
        make: Callable[..., ModelError] = ModelError
        if isinstance(error, httpx.ConnectError | httpx.ConnectTimeout | httpx.PoolTimeout | httpx.InvalidURL):
            make = NotSent
        if self.stopping.is_set() and not is_last:
            return make(Trouble.STOPPING)
        reason = reason_of(error)
        is_theirs = isinstance(error, httpx.ProtocolError | httpx.DecodingError)  # these repeat what a server sent
        detail = self.told(reason.value if is_theirs else f"{reason.value}: {error}")
        if reason is Reason.OFFLINE:
            return NotSent(Trouble.OFFLINE, detail)
        if reason in {Reason.UNSAFE_URL, Reason.INVALID_URL}:
            return NotSent(Trouble.BAD_REQUEST, detail)
        if isinstance(error, httpx.DecodingError):
            return make(Trouble.BAD_ANSWER, detail)
        if isinstance(error, httpx.TimeoutException) and make is ModelError:
            return make(Trouble.TIMEOUT, detail)
        return make(Trouble.DOWN, detail)


def _shares(text: str, secret: str) -> bool:
    """Whether both have a run of characters in common that says something of the secret; case and signs are ignored."""
    text, secret = (_folded(one) for one in (text, secret))
    length = min(_RUN, len(secret))
    return length > 0 and any(secret[at : at + length] in text for at in range(len(secret) - length + 1))


def _folded(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
