"""What dl_lit raises, and what to do about it.

DlLitError                      anything dl_lit says no to; `exit_code` is what the command line ends with
├─ NeedsConfiguration           6
├─ BadInput                     2
│  ├─ NothingKnown              it might be, but nothing is known of it
│  └─ NotFailed                 what is to be tried again has not failed, or waits for a person
├─ DatabaseBusy                 4
├─ DatabaseUnusable             1
│  ├─ DatabaseAway              its server does not answer, or not now: it is worth waiting for
│  │  ├─ OutageTooLong          ... and was waited for in vain
│  │  └─ StoppedInOutage        130: ... and was being waited for when a stop was asked for
│  └─ DatabaseDamaged           what stands in the file is not what was written: nothing more goes into it
├─ DatabaseFull                 1
├─ ServiceError                 a metadata service did not answer as hoped; carries reason and when to come back
│  └─ RequestRefused            it refuses this very request (400, 414, 422): ask otherwise or for less
├─ FetchError                   a file could not be fetched; carries reason and when to come back
└─ PdfError                     a PDF could not be read; carries the reason

Foreign exceptions are mapped to these once, where they enter.
"""

from __future__ import annotations

from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Hops


class DlLitError(Exception):
    """Something dl_lit cannot do; the message is one line that says what to do."""

    exit_code = 1


class NeedsConfiguration(DlLitError):
    """A setting is missing or wrong; the message names it and the place to set it."""

    exit_code = 6


class BadInput(DlLitError):
    """What was named on the command line does not exist or is not of the right kind."""

    exit_code = 2


class NothingKnown(BadInput):
    """What was named might be there, but is not; the message says where to look."""


class NotFailed(BadInput):
    """What is to be tried again has not failed, or waits for a person's decision; the message says which."""


class DatabaseBusy(DlLitError):
    """Another pipeline process works this database; the message says which."""

    exit_code = 4


class DatabaseUnusable(DlLitError):
    """The database is newer than this dl_lit, is no database, or cannot be opened."""


class DatabaseAway(DatabaseUnusable):
    """The database's server does not answer, or cannot do what is asked now: waiting makes sense."""


class OutageTooLong(DatabaseAway):
    """The database did not come back in time: see to it; the same command goes on where this one stopped."""


class StoppedInOutage(DatabaseAway):
    """A stop was asked for while the database was away: the same command goes on where this one stopped."""

    exit_code = 130


class DatabaseDamaged(DatabaseUnusable):
    """The database's file is damaged: nothing more is written into it; `dl-lit restore` puts a backup in its place."""


class ServiceError(DlLitError):
    """A metadata service did not answer as hoped.

    `after` (seconds) is when asking again makes sense, None where the back-off should decide. `costs_attempt` is False
    where the item is not to blame (rate, budget, open breaker): the stage snoozes then.
    """

    def __init__(
        self, service: str, reason: Reason, detail: str = "", *, after: float | None = None, costs_attempt: bool = True
    ) -> None:
        """Say which service, why, and when to come back."""
        super().__init__(f"{service}: {reason.value}{': ' + detail if detail else ''}")
        self.service = service
        self.reason = reason
        self.detail = detail
        self.after = after
        self.costs_attempt = costs_attempt


class RequestRefused(ServiceError):
    """The service refuses this very request (HTTP 400, 410, 413, 414, 422): ask otherwise, or for fewer at a time."""

    def __init__(self, service: str, status: int, detail: str = "") -> None:
        """Keep the HTTP status."""
        super().__init__(service, Reason.BAD_ANSWER, f"HTTP {status} {detail}".strip())
        self.status = status


class FetchError(DlLitError):
    """A file could not be fetched from one location; `after` and `costs_attempt` as in `ServiceError`."""

    def __init__(
        self,
        reason: Reason,
        detail: str = "",
        *,
        after: float | None = None,
        costs_attempt: bool = True,
        final_url: str | None = None,
    ) -> None:
        """Say why, when to come back, and to which address redirects led (None: not known)."""
        super().__init__(f"{reason.value}{': ' + detail if detail else ''}")
        self.reason = reason
        self.detail = detail
        self.after = after
        self.costs_attempt = costs_attempt
        self.final_url = final_url
        self.hops: Hops = ()
        """What was asked on the way; whoever follows redirects fills it in."""
        self.line = ""
        """The line that was waited in, where the turn has not come: whoever hears that it moves may come earlier."""


class PdfError(DlLitError):
    """A PDF could not be read."""

    def __init__(self, reason: Reason, detail: str = "") -> None:
        """Say why."""
        super().__init__(f"{reason.value}{': ' + detail if detail else ''}")
        self.reason = reason
        self.detail = detail


class DatabaseFull(DlLitError):
    """The database's disk is full: free some space; nothing is lost meanwhile."""
