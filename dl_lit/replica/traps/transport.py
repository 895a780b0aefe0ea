"""What may pass, what only a person or time can change, and what is our own disk's fault."""

from __future__ import annotations

from datetime import date

from dl_lit.core.model import WorkType
from dl_lit.core.reasons import Reason
from dl_lit.replica.traps.answers import endless, endless_head, late, pdf, reset, silence, status
from dl_lit.replica.traps.model import At, Case, failed, waiting

_FAR = date(2199, 1, 1)

TRANSPORT: tuple[Case, ...] = (
    Case(name="nobody-picks-up", end=waiting(Reason.TIMEOUT_CONNECT), at=(At(url="{nobody}/paper.pdf"),)),
    Case(name="silence", end=waiting(Reason.TIMEOUT_READ), answers={"/paper.pdf": silence()}),
    Case(
        name="dripping-body",
        end=waiting(Reason.TIMEOUT_READ),
        answers={"/paper.pdf": endless(b"%PDF-1.4\n%.....", pause_s=0.05)},
        why="never silent long enough for a time-out between two pieces",
    ),
    Case(name="dripping-head", end=waiting(Reason.TIMEOUT_READ), answers={"/paper.pdf": endless_head(pause_s=0.05)}),
    Case(name="unknown-name", end=waiting(Reason.DNS_ERROR), at=(At(url="http://no-such-host.trap.test/paper.pdf"),)),
    Case(
        name="no-secure-connection",
        end=waiting(Reason.TLS_ERROR),
        at=(At(url="https://{a:host}/paper.pdf"),),
        answers={"/paper.pdf": pdf()},
    ),
    Case(name="reset", end=waiting(Reason.CONNECTION_RESET), answers={"/paper.pdf": reset()}),
    Case(
        name="too-many-requests",
        end=waiting(Reason.HTTP_429),
        answers={"/paper.pdf": status(429, ("retry-after", "3000"))},
        why="the host says when: what is due then is not given up before",
    ),
    Case(name="server-error", end=waiting(Reason.HTTP_5XX), answers={"/paper.pdf": status(500)}),
    Case(
        name="maintenance",
        end=waiting(Reason.HTTP_5XX),
        answers={"/paper.pdf": status(503, ("retry-after", "3000"))},
        why="likewise for a 503 with a time",
    ),
    Case(
        name="parked-host",
        end=waiting(Reason.HOST_PARKED),
        at=(At(url="/slow.pdf"), At(url="maintenance:/other.pdf")),
        answers={"/slow.pdf": late(status(404), 2.0)},
        why="another work at the host of the case before, which asked to be left alone meanwhile",
    ),
    Case(name="nothing-open", end=failed(Reason.NO_OA_LOCATION), at=()),
    Case(
        name="nothing-to-ask-by",
        end=failed(Reason.NO_IDENTIFIER),
        at=(),
        facts={"doi": None, "authors": (), "year": None, "metadata_source": "crossref"},
    ),
    Case(name="dataset", end=failed(Reason.NOT_A_DOCUMENT), at=(), facts={"type": WorkType.DATASET}),
    Case(name="software", end=failed(Reason.NOT_A_DOCUMENT), at=(), facts={"type": WorkType.SOFTWARE}),
    Case(
        name="embargoed",
        end=failed(Reason.EMBARGOED),
        at=(At(url="/paper.pdf", open_from=_FAR),),
        answers={"/paper.pdf": pdf()},
        why="the day is known: nothing is asked before",
    ),
    Case(
        name="budget-gone",
        end=waiting(Reason.BUDGET_EXHAUSTED),
        at=(),
        facts={"metadata_source": "crossref"},
        spent=("openalex",),
        why="who could know an open copy has no credits left until its reset",
    ),
    Case(name="disk-full", end=waiting(Reason.DISK_FULL), answers={"/paper.pdf": pdf()}, disk="full"),
    Case(name="disk-read-only", end=waiting(Reason.WRITE_ERROR), answers={"/paper.pdf": pdf()}, disk="read-only"),
)
