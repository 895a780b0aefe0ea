"""Service calls that count what is asked through them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dl_lit.core.errors import ServiceError
from dl_lit.core.ports import Params, ServiceAnswer, ServiceCalls
from dl_lit.core.reasons import Reason


class Metered:
    """Obeys `ServiceCalls`, counts requests and credits of one caller; for one thread.

    `keeps` says that the caller keeps what the answers say by `remember`, so that they are not kept whole as well.
    """

    def __init__(self, calls: ServiceCalls, *, keeps: bool = False) -> None:
        """Count from nought."""
        self._calls = calls
        self._keeps = keeps
        self.requests = 0
        self.credits = 0
        self.remembered = 0  # answers that cost neither

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
        """As `ServiceCalls.get`."""
        self.requests += 1
        self.credits += credits
        try:
            answer = self._calls.get(
                service,
                path,
                params,
                lane=lane,
                credits=credits,
                headers=headers,
                is_kept_by_identifier=is_kept_by_identifier or self._keeps,
            )
        except ServiceError as error:
            self._refused_here(error, credits)
            raise
        self._not_made(answer, credits)
        return answer

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
        """As `ServiceCalls.post`."""
        self.requests += 1
        self.credits += credits
        try:
            answer = self._calls.post(
                service,
                path,
                body,
                content_type=content_type,
                params=params,
                lane=lane,
                credits=credits,
                headers=headers,
            )
        except ServiceError as error:
            self._refused_here(error, credits)
            raise
        self._not_made(answer, credits)
        return answer

    def _refused_here(self, error: ServiceError, credits_: int) -> None:
        if error.reason is Reason.OFFLINE:  # nothing left the machine
            self.requests -= 1
            self.credits -= credits_

    def _not_made(self, answer: ServiceAnswer, credits_: int) -> None:
        if answer.is_remembered:
            self.remembered += 1
            self.requests -= 1
            self.credits -= credits_

    def recall(self, service: str, keys: Sequence[str]) -> Mapping[str, bytes | None]:
        """As `ServiceCalls.recall`."""
        return self._calls.recall(service, keys)

    def remember(self, service: str, answers: Mapping[str, bytes | None]) -> None:
        """As `ServiceCalls.remember`."""
        self._calls.remember(service, answers)

    @property
    def is_offline(self) -> bool:
        """As `ServiceCalls.is_offline`."""
        return self._calls.is_offline

    def wait_s(self, service: str, lane: str = "") -> float:
        """As `ServiceCalls.wait_s`."""
        return self._calls.wait_s(service, lane)

    def credits_left(self, service: str) -> float:
        """As `ServiceCalls.credits_left`."""
        return self._calls.credits_left(service)

    def is_available(self, service: str) -> bool:
        """As `ServiceCalls.is_available`."""
        return self._calls.is_available(service)

    @property
    def contact_email(self) -> str | None:
        """As `ServiceCalls.contact_email`."""
        return self._calls.contact_email
