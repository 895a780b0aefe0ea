"""Telling an address of the operator's what happens: one signed POST of JSON, tried a few times, never redirected.

Headers and signature are those of Standard Webhooks (https://www.standardwebhooks.com, read 2026-11-23), for which
there are libraries in many languages.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import threading

from dl_lit.core.clock import Clock
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.net.posting import Poster

PURPOSE = "notify"
"""How the ledger tells these requests from others."""

_AGAIN_S = (2.0, 10.0)  # before the second and the third try
_PASSING = frozenset({408, 425, 429})  # refusals that may pass, besides the server's own errors


@dataclass(frozen=True, slots=True)
class Delivered:
    """What came of it."""

    is_well: bool
    says: str = ""  # what went wrong
    is_offline: bool = False  # nothing may leave this machine: nobody is to blame


class Webhook:
    """Posts to one address. For one thread; `stop` may come from any."""

    def __init__(self, poster: Poster, url: str, *, clock: Clock, secret: str | None) -> None:
        """`secret` signs; None: nothing is signed."""
        self._poster = poster
        self._url = url
        self._clock = clock
        self._key = None if secret is None else _key(secret)
        self._stopping = threading.Event()

    def post(self, id_: str, body: bytes) -> Delivered:
        """Post the event with this id; the receiver may get it more than once, under the same id."""
        delivered = self._once(id_, body)
        for wait_s in _AGAIN_S:
            if not isinstance(delivered, str) or self._stopping.wait(wait_s):
                break
            delivered = self._once(id_, body)
        return Delivered(is_well=False, says=delivered) if isinstance(delivered, str) else delivered

    def stop(self) -> None:
        """Do not wait for another try."""
        self._stopping.set()

    def _once(self, id_: str, body: bytes) -> Delivered | str:
        """What came of it; where that may pass, what went wrong."""
        stamp = str(int(self._clock.time()))
        headers = {"Content-Type": "application/json", "webhook-id": id_, "webhook-timestamp": stamp}
        if self._key is not None:
            headers["webhook-signature"] = signature(self._key, id_, stamp, body)
        posted = self._poster.post(self._url, body, headers)
        if posted.why == Reason.OFFLINE.value:
            return Delivered(is_well=False, says="offline", is_offline=True)
        if posted.status is None:
            return f"it cannot be reached ({posted.why})"  # without the address, which may be a secret
        if posted.is_taken:
            return Delivered(is_well=True)
        says = f"it answered {posted.status}"
        return says if posted.status in _PASSING or posted.status >= 500 else Delivered(is_well=False, says=says)


def signature(key: bytes, id_: str, stamp: str, body: bytes) -> str:
    """The `webhook-signature` header of a body."""
    signed = hmac.new(key, f"{id_}.{stamp}.".encode() + body, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(signed).decode()}"


def _key(secret: str) -> bytes:
    """The bytes to sign with: those that a "whsec_…" stands for, or the secret as it is written."""
    if secret.startswith("whsec_"):
        try:
            return base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
