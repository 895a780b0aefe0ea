"""Which copy is better than the one in the library."""

from __future__ import annotations

import pytest

from dl_lit.core.model import Location, Version
from dl_lit.core.reasons import Reason
from dl_lit.core.upgrading import Held, better_locations, is_better, is_lesser

PUBLISHED, ACCEPTED, SUBMITTED = Version


def at(version: Version | None, url: str = "https://a.example/x.pdf") -> Location:
    return Location(url=url, version=version)


PREPRINT = Held(status=Reason.OK_PREPRINT, version=SUBMITTED, url="https://a.example/preprint.pdf")
SCAN = Held(status=Reason.OK_UNVERIFIED, version=ACCEPTED, url="https://a.example/scan.pdf")


@pytest.mark.parametrize("status", [Reason.OK_PREPRINT, Reason.OK_ACCEPTED_VERSION, Reason.OK_UNVERIFIED])
def test_lesser_copies_are_worth_upgrading(status: Reason) -> None:
    assert is_lesser(status)
    assert not is_lesser(Reason.OK)


def test_only_what_promises_more_is_fetched() -> None:
    """A version that nobody states promises nothing, and the address we have it from gives the same again."""
    offered = [at(SUBMITTED), at(None), at(ACCEPTED), at(PUBLISHED), at(PUBLISHED, PREPRINT.url)]
    assert better_locations(offered, PREPRINT) == (at(ACCEPTED), at(PUBLISHED))
    assert better_locations(offered, Held(status=Reason.OK_ACCEPTED_VERSION)) == (
        at(PUBLISHED),
        at(PUBLISHED, PREPRINT.url),
    )
    assert better_locations(offered, Held(status=Reason.OK)) == ()


def test_a_file_that_could_not_be_read_is_replaced_by_one_that_can() -> None:
    """Not, though, by one of a lesser version."""
    assert better_locations([at(ACCEPTED), at(SUBMITTED), at(ACCEPTED, SCAN.url)], SCAN) == (at(ACCEPTED),)
    assert is_better(Reason.OK_ACCEPTED_VERSION, ACCEPTED, SCAN)
    assert not is_better(Reason.OK_PREPRINT, SUBMITTED, SCAN)
    assert not is_better(Reason.OK_UNVERIFIED, PUBLISHED, SCAN)


def test_what_came_counts_more_than_what_was_promised() -> None:
    assert is_better(Reason.OK, PUBLISHED, PREPRINT)
    assert not is_better(Reason.OK_PREPRINT, PUBLISHED, PREPRINT)
    assert not is_better(Reason.OK_UNVERIFIED, PUBLISHED, PREPRINT)
    assert not is_better(Reason.OK, PUBLISHED, Held(status=Reason.OK))
