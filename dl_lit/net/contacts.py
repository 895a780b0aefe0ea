"""A contact address that a service refuses: noticed on the first answer, said once, remembered for all processes."""

from __future__ import annotations

import threading

import structlog

from dl_lit.core.errors import ServiceError
from dl_lit.core.reasons import Reason
from dl_lit.core.services import Service
from dl_lit.net.answers import Refused
from dl_lit.net.gate import ServiceGate
from dl_lit.net.identity import Identity

_REFUSED_WITH: dict[str, tuple[int, bytes]] = {
    # status, and a word of the answer: https://unpaywall.org/products/api (read 2026-11-22)
    "unpaywall": (422, b"email"),
}
_AGAIN_S = 86_400.0  # the same address is tried again after this: services err, too
_RETRY_S = 60.0  # by then whoever asks has seen that the service is not available
_SAYS = "refused: not asked; set it to an address of your own"

log = structlog.get_logger(__name__)


class Contact:
    """What services have against the contact address of an `Identity`. Kept in their shared state, by its hash."""

    def __init__(self, identity: Identity) -> None:
        """Nothing is looked up yet."""
        self._identity = identity
        self._lock = threading.Lock()

    def is_refused(self, service: Service, gate: ServiceGate) -> bool:
        """Whether the service has refused the address lately, in this process or another."""
        if service.name not in _REFUSED_WITH or not self._identity.contact_email:
            return False
        return gate.is_distrusted(self._identity.contact_hash(service.name), _AGAIN_S)

    def heard(self, service: Service, gate: ServiceGate, refused: Refused | None, body: bytes) -> None:
        """The service has answered, `refused` where that is no use; raises `ServiceError` if it is the address."""
        if service.name not in _REFUSED_WITH or not self._identity.contact_email:
            return
        who = self._identity.contact_hash(service.name)
        status, word = _REFUSED_WITH[service.name]
        if refused is None:
            gate.trust(who)
        elif refused.status == status and word in body[:2_000].lower():
            with self._lock:  # those that were under way together hear the same
                is_news = not gate.is_distrusted(who, _AGAIN_S)
                if is_news:
                    gate.distrust(who, _SAYS)
            if is_news:
                log.warning("contact_refused", service=service.name, setting="contact_email", says=_SAYS)
            raise without_contact(service.name)


def without_contact(service: str) -> ServiceError:
    """The error for a service that refuses our address; no item is to blame."""
    says = "it refuses the contact address (contact_email)"
    return ServiceError(service, Reason.SERVICE_DOWN, says, after=_RETRY_S, costs_attempt=False)
