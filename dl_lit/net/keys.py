"""Keys that a service refuses or does not look at: noticed on the first answer, said once, and gone without."""

from __future__ import annotations

import structlog

from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.net.gate import ServiceGate
from dl_lit.net.identity import Identity
from dl_lit.net.report import Said

_WRONG_KEY = frozenset({401, 403})
_RETRY_S = 60.0  # by then whoever asks has seen that the service is not available

log = structlog.get_logger(__name__)


class KeyRefused(Exception):
    """A service answered that our key is wrong."""

    def __init__(self, status: int) -> None:
        """Keep the HTTP status."""
        super().__init__(f"HTTP {status}")
        self.status = status


class Keys:
    """What becomes of the keys of an `Identity`."""

    def __init__(self, identity: Identity) -> None:
        """Nothing is known against any of them."""
        self._identity = identity

    def is_refused(self, service: Service, status: int, body: bytes) -> bool:
        """Whether the answer says that the key we sent is wrong.

        NCBI says so with a 400: https://www.ncbi.nlm.nih.gov/books/NBK25497/ (read 2026-11-22).
        """
        says_so = status in _WRONG_KEY or (status == 400 and b"API key invalid" in body[:1_000])
        return says_so and self._identity.has_key(service.name)

    def refused(self, service: Service, gate: ServiceGate, error: KeyRefused) -> None:
        """Do without the key from now on; raises `ServiceError` where the service cannot be asked without one."""
        says = f"refused with {error}: {'not asked' if service.needs_key else 'asked without it'}"
        if self._identity.refuse(service.name, says):
            log.warning("key_refused", service=service.name, setting=f"services.{service.name}.key", says=says)
            gate.drop_key(says)
        if service.needs_key:
            raise without_its_key(service.name)

    def try_again(self, service: Service, gate: ServiceGate) -> None:
        """Take up a key that was refused long ago: services err, too."""
        if self._identity.is_due_again(service.name):
            gate.take_key()

    def taken(self, service: Service, gate: ServiceGate, said: Said | None) -> None:
        """The service has answered: look whether it minded the key at all."""
        expected = service.credits_per_day_keyed
        if not self._identity.has_key(service.name):
            return
        key = self._identity.key_hash(service.name)
        if expected and said is not None and said.credits_per_day is not None and said.credits_per_day < expected:
            says = f"gives {said.credits_per_day:,} credits a day where {expected:,} were expected: is the key right?"
            if self._identity.ignore(service.name, says):
                log.warning("key_ignored", service=service.name, setting=f"services.{service.name}.key", says=says)
                gate.distrust(key, says)
        else:
            self._identity.clear(service.name)
            gate.trust(key)


def without_its_key(service: str) -> ServiceError:
    """The error for a service that has refused the key it needs; no item is to blame."""
    says = f"it refuses services.{service}.key"
    return ServiceError(service, Reason.SERVICE_DOWN, says, after=_RETRY_S, costs_attempt=False)
