"""An error that means that the machine lacks something is told from all others, however deep it lies."""

from __future__ import annotations

import errno
import random

import httpx
import pytest

from dl_lit.core.errors import DatabaseUnusable
from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim, Retry, Snooze
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import said_of, shortage_of
from dl_lit.net.failures import failed, is_worth_repeating, reason_of
from dl_lit.runtime.settle import Patience, settle, surprise


def beneath(error: BaseException) -> httpx.ConnectError:
    """A network error with this one at its root."""
    outer = httpx.ConnectError("no")
    outer.__cause__ = error
    return outer


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.EMFILE, "Too many open files"), "Too many open files"),
        (beneath(OSError(errno.ENFILE, "Too many open files in system")), "Too many open files in system"),
        (MemoryError(), "no memory left"),
        (RuntimeError("can't start new thread"), "no thread left"),
        (ImportError("cannot import name a"), "a part of dl_lit cannot be loaded: cannot import name a"),
        (RuntimeError("anything else"), None),
        (OSError(errno.ENOENT, "No such file"), None),
        (beneath(OSError(errno.ECONNRESET, "reset")), None),
    ],
)
def test_a_shortage_is_known(error: BaseException, says: str | None) -> None:
    assert shortage_of(error) == says


def test_no_host_is_to_blame_for_it() -> None:
    """It used to be a connection that the host had reset, and cost an attempt."""
    error = beneath(OSError(errno.EMFILE, "Too many open files"))
    assert reason_of(error) is Reason.WRITE_ERROR
    assert not is_worth_repeating(error)
    refused = failed(error)
    assert (refused.reason, refused.detail, refused.costs_attempt) == (
        Reason.WRITE_ERROR,
        "Too many open files",
        False,
    )


@pytest.mark.parametrize("error", [MemoryError(), DatabaseUnusable("the database cannot be used now")])
def test_no_item_is_to_blame_for_it(error: Exception) -> None:
    claim = Claim(StageName.EXTRACTION, 1, SourceItem("/x.pdf", "x"), attempt=5)
    answer = settle(claim, surprise(error), Patience(), random.Random(1))
    assert isinstance(answer, Snooze)
    assert answer.reason is Reason.WRITE_ERROR
    assert isinstance(surprise(ZeroDivisionError()), Retry)


def test_what_has_a_name_is_said_in_one_line() -> None:
    assert said_of(DatabaseUnusable("the database cannot be used now")) == "the database cannot be used now"
    assert said_of(MemoryError()) == "no memory left"
    assert said_of(ZeroDivisionError()) is None


def test_a_chain_of_errors_without_end_is_looked_at_to_a_depth() -> None:
    error: Exception = MemoryError()
    for _ in range(9):
        above = ValueError()
        above.__context__ = error
        error = above
    assert shortage_of(error) is None
