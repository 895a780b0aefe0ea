"""The small things of the core: time, names, reasons and what errors say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from freezegun import freeze_time

from dl_lit.core import errors
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DlLitError, FetchError, PdfError, RequestRefused, ServiceError
from dl_lit.core.model import Name
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.trail import Hops, visits


def test_the_systems_clock_is_in_utc_and_can_be_held_by_tests() -> None:
    clock = SystemClock()
    with freeze_time("2026-11-22 12:00:00"):
        assert clock.now() == datetime(2026, 11, 22, 12, tzinfo=UTC)
        assert clock.time() == clock.now().timestamp()
    assert clock.monotonic() <= clock.monotonic()


@pytest.mark.parametrize(
    ("name", "key"),
    [(Name(family="Knuth", given="D."), "Knuth"), (Name(literal="WHO"), "WHO"), (Name(given="Plato"), "")],
)
def test_a_catalogue_sorts_by_family_name_or_body(name: Name, key: str) -> None:
    assert name.sort_key == key


def test_every_reason_has_a_class() -> None:
    assert {reason.category for reason in Reason} == set(ReasonClass)


def test_what_may_pass_by_itself_is_transient() -> None:
    assert Reason.HTTP_5XX.is_transient
    assert Reason.BUDGET_EXHAUSTED.is_transient
    assert not Reason.BLOCKED_PAYWALL.is_transient
    assert not Reason.NO_MATCH.is_transient


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ServiceError("crossref", Reason.RATE_LIMITED), "crossref: rate-limited"),
        (ServiceError("crossref", Reason.BAD_ANSWER, "no JSON"), "crossref: bad-answer: no JSON"),
        (RequestRefused("openalex", 400, "bad filter"), "openalex: bad-answer: HTTP 400 bad filter"),
        (RequestRefused("openalex", 414), "openalex: bad-answer: HTTP 414"),
        (FetchError(Reason.HTTP_404), "http-404"),
        (FetchError(Reason.DNS_ERROR, "example.org"), "dns-error: example.org"),
        (PdfError(Reason.ENCRYPTED_PDF), "encrypted-pdf"),
        (PdfError(Reason.DAMAGED_PDF, "no xref"), "damaged-pdf: no xref"),
    ],
)
def test_an_error_says_who_why_and_what(error: DlLitError, message: str) -> None:
    assert str(error) == message


def test_an_error_says_when_to_come_back_and_whether_it_costs() -> None:
    error = FetchError(Reason.HOST_BUSY, after=3.0, costs_attempt=False)
    assert (error.reason, error.after, error.costs_attempt) == (Reason.HOST_BUSY, 3.0, False)
    refused = ServiceError("arxiv", Reason.HTTP_429, after=9.0, costs_attempt=False)
    assert (refused.service, refused.after, refused.costs_attempt) == ("arxiv", 9.0, False)


@pytest.mark.parametrize(
    ("hops", "parts"),
    [
        ((), ()),
        ((("a", 200),), ((("a", 200),),)),
        ((("a", 302), ("b", 200), ("c", 307), ("d", 404)), ((("a", 302), ("b", 200)), (("c", 307), ("d", 404)))),
        ((("a", 200), ("b", 0), ("c", 301)), ((("a", 200),), (("b", 0),), (("c", 301),))),
    ],
)
def test_hops_are_cut_where_an_answer_led_no_further_by_itself(hops: Hops, parts: tuple[Hops, ...]) -> None:
    assert visits(hops) == parts


def test_the_drawn_tree_of_errors_is_the_real_one() -> None:
    """Every error class of the module stands in its head, with the exit code where the command line shows one."""
    drawn = errors.__doc__ or ""
    kinds = [kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, DlLitError)]
    assert [kind.__name__ for kind in kinds if kind.__name__ not in drawn] == []
    for kind in kinds:
        line = next(line for line in drawn.splitlines() if kind.__name__ in line)
        shown = line.split()[-1]
        assert not shown.isdigit() or int(shown) == kind.exit_code
