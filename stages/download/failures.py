"""How single addresses ended, and which of several endings tells most. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dl_lit.core.errors import FetchError
from dl_lit.core.model import Location
from dl_lit.core.ports import Fetched
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.trail import Hops, Tried, visits
from dl_lit.core.values import dataclass
from stages.download.leads import Lead, host_of

SOON_S = 600.0
"""What is to be had within this time is worth waiting for before something lesser or dearer is tried (seconds)."""

_HOST_IS_DOWN = frozenset(
    {Reason.TIMEOUT_CONNECT, Reason.DNS_ERROR, Reason.TLS_ERROR, Reason.CONNECTION_RESET, Reason.HTTP_429}
    | {Reason.HOST_PARKED}
)
_DETAIL = 300  # characters of what is kept to be told
_EVIDENCE_HOPS = 20

_TELLING = (ReasonClass.WALL, ReasonClass.CONTENT, ReasonClass.PAGE, ReasonClass.INPUT, ReasonClass.PERMANENT)
"""Which of several failures for good tells most: a wall shows that the work is there for a person to fetch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """One address that gave no file to be taken."""

    location: Location
    url: str  # that was asked for
    reason: Reason
    detail: str = ""
    final_url: str | None = None  # after redirects; None: not known
    after: float | None = None  # seconds until asking again makes sense; None: nobody said
    costs_attempt: bool = True  # False: it was not our turn, or our own disk's fault
    hops: Hops = ()  # from the location's address on, pages included
    technique: str | None = None  # by which a page named it
    line: str = ""  # that was waited in, where it was not our turn

    @classmethod
    def of_fetch(cls, lead: Lead, error: FetchError) -> Failure:
        """What the fetcher's refusal means for the lead."""
        return cls(
            location=lead.location,
            url=lead.url,
            reason=error.reason,
            detail=error.detail,
            final_url=error.final_url,
            after=error.after,
            costs_attempt=error.costs_attempt,
            hops=lead.hops + error.hops,
            technique=lead.technique,
            line=error.line,
        )

    @classmethod
    def of_file(cls, lead: Lead, fetched: Fetched, reason: Reason, detail: str) -> Failure:
        """How a file that came whole behind the lead ended."""
        return cls(
            location=lead.location,
            url=lead.url,
            reason=reason,
            detail="; ".join(filter(None, (detail, fetched.reservation))),
            final_url=fetched.final_url,
            hops=lead.hops + fetched.hops,
            technique=lead.technique,
        )

    @property
    def is_final(self) -> bool:
        """Whether asking the same address again would end the same way."""
        return not self.reason.is_transient

    @property
    def is_soon(self) -> bool:
        """Whether it may be over in a time that is worth waiting for."""
        return not self.is_final and (self.after or 0.0) <= SOON_S

    @property
    def is_ours(self) -> bool:
        """Whether our own disk is at fault: every other address would end the same way."""
        return self.reason.category is ReasonClass.OURS

    @property
    def closed_host(self) -> str | None:
        """The host that need not be asked for anything else now: it is not our turn there, or it does not answer."""
        if self.costs_attempt and self.reason not in _HOST_IS_DOWN:
            return None
        return host_of(self.final_url or self.url)

    @property
    def told(self) -> str:
        """One line for people."""
        parts = " ".join(part for part in (self.technique, self.detail) if part)
        return f"{self.url}: {parts}" if parts else self.url

    def tried(self, *, is_news: bool = True) -> Tried:
        """The same for the trail.

        What a visit before found out (not `is_news`) is told of the address alone, so that nobody counts the page's
        technique as having failed once more.
        """
        if not is_news:
            return Tried(
                url=self.url,
                found_by=self.location.found_by,
                hops=visits(self.hops)[-1] if self.hops else (),
                reason=self.reason.value,
                detail=self.detail[:_DETAIL],
            )
        return Tried(
            url=self.location.url,
            found_by=self.location.found_by,
            hops=self.hops,
            technique=self.technique,
            reason=self.reason.value,
            detail=self.detail[:_DETAIL],
        )

    def evidence(self) -> dict[str, Any]:
        """The same for whoever asks why the work failed; what is not known is left out."""
        location = self.location
        found: dict[str, Any] = {
            "url": self.url,
            "reason": self.reason.value,
            "detail": self.detail[:_DETAIL],
            "final_url": self.final_url,
            "found_by": location.found_by or None,
            "location": None if location.url == self.url else location.url,
            "technique": self.technique,
            "status": self.hops[-1][1] or None if self.hops else None,
            "hops": [list(hop) for hop in self.hops[:_EVIDENCE_HOPS]] or None,
            "open_from": location.open_from.isoformat() if location.open_from else None,
        }
        return {name: value for name, value in found.items() if value is not None}


def most_telling(failures: Sequence[Failure]) -> Failure:
    """The failure for good that says most about why there is no file; the first of several alike.

    An embargo before all others: it says when the work will be there. Then walls, wrong content, pages that lead
    nowhere, addresses that do not work.
    """
    return min(failures, key=lambda one: _rank(one.reason))


def _rank(reason: Reason) -> int:
    if reason is Reason.EMBARGOED:
        return -1
    return _TELLING.index(reason.category) if reason.category in _TELLING else len(_TELLING)


def remembered(tried: Sequence[Tried], locations: Mapping[str, Location]) -> list[Failure]:
    """The failures for good that the trail of an attempt tells of; `locations` are those of the work, by address.

    Addresses that the trail has cut short match nothing any more: they are only asked once more.
    """
    found = []
    for one in tried:
        reason = _reason(one.reason)
        if reason is None or reason.is_transient or reason.category in {ReasonClass.SUCCESS, ReasonClass.REVIEW}:
            continue
        last = visits(one.hops)[-1] if one.hops else ((one.url, 0),)
        found.append(
            Failure(
                location=locations.get(one.url) or Location(url=one.url, found_by=one.found_by),
                url=last[0][0] if one.technique else one.url,
                reason=reason,
                detail=one.detail,
                final_url=last[-1][0],
                hops=one.hops,
                technique=one.technique,
            )
        )
    return found


def _reason(word: str) -> Reason | None:
    try:
        return Reason(word)
    except ValueError:
        return None  # of a newer dl_lit
