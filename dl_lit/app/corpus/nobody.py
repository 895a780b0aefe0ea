"""Metadata services where none is to be asked: nothing leaves the machine."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from dl_lit.core.errors import ServiceError
from dl_lit.core.ports import Params, ServiceAnswer
from dl_lit.core.reasons import Reason


class Nobody:
    """Obeys `ServiceCalls`; refuses everything."""

    is_offline = True
    contact_email: str | None = None

    def get(
        self,
        service: str,
        path: str,
        params: Params = (),
        *,
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
        is_kept_by_identifier: bool = False,
    ) -> ServiceAnswer:
        """Refuse."""
        del path, params, lane, credits, headers, is_kept_by_identifier
        raise ServiceError(service, Reason.OFFLINE, costs_attempt=False)

    def post(
        self,
        service: str,
        path: str,
        body: bytes,
        *,
        content_type: str,
        params: Params = (),
        lane: str = "",
        credits: int = 0,
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        """Refuse."""
        del path, body, content_type, params, lane, credits, headers
        raise ServiceError(service, Reason.OFFLINE, costs_attempt=False)

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """Nothing is remembered."""
        del service, keys
        return {}

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        """Forget it."""

    def wait_s(self, service: str, lane: str = "") -> float:
        """For ever."""
        del service, lane
        return math.inf

    def credits_left(self, service: str) -> float:
        """None."""
        del service
        return 0.0

    def is_available(self, service: str) -> bool:
        """No service is."""
        del service
        return False
