"""The file of language models: uploads outlive their process, budgets hold for all processes of a machine."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path

import pytest
from freezegun import freeze_time

from db.language.reading import UploadsNoted, days_of_use, uploads_noted
from db.language.schema import SCHEMA, VERSION, language_file, side_file
from db.language.uploads import DiskUploads
from db.language.use import KEPT_DAYS, Budget, DiskUse
from db.sidefile import SideFile
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import DlLitError
from dl_lit.core.language import Provider, RemoteFile, Tokens

DAY = 86_400.0
NOON = 20_000.5 * DAY
URL = "https://generativelanguage.googleapis.com"
FILE = RemoteFile(Provider.GEMINI, URL, "files/abc", "https://example.org/files/abc")

_KILLED = """
import os, signal, sys
from pathlib import Path
from db.language.schema import side_file
from db.language.uploads import DiskUploads
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import Provider, RemoteFile
uploads = DiskUploads(side_file(Path(sys.argv[1])), SystemClock())
url = "https://generativelanguage.googleapis.com"
named = uploads.begin(Provider.GEMINI, url)
uploads.named(named, RemoteFile(Provider.GEMINI, url, "files/abc", "https://example.org/files/abc"))
uploads.begin(Provider.GEMINI, url)
os.kill(os.getpid(), signal.SIGKILL)
"""


@contextmanager
def uploads_in(folder: Path) -> Iterator[DiskUploads]:
    file = side_file(folder)
    yield DiskUploads(file, SystemClock())
    file.close()


@contextmanager
def use_in(folder: Path, model: str = "m", **budget: float) -> Iterator[DiskUse]:
    file = side_file(folder)
    use = DiskUse(file, model, Budget(**budget))  # type: ignore[arg-type]
    yield use
    use.close()
    file.close()


def test_uploads_of_a_killed_process_are_found_by_the_next(tmp_path: Path) -> None:
    """Named or not: both were written down before anything was sent."""
    root = str(Path(__file__).parents[3])
    command = [sys.executable, "-c", _KILLED, str(tmp_path)]
    subprocess.run(command, env={**os.environ, "PYTHONPATH": root}, timeout=60, check=False)
    with uploads_in(tmp_path) as uploads:
        assert [(one.provider, one.base_url, one.file) for one in uploads.left()] == [
            (Provider.GEMINI, URL, FILE),
            (Provider.GEMINI, URL, None),
        ]
        for one in uploads.left():
            uploads.gone(one.id)
        assert not uploads.left()
    assert uploads_noted(tmp_path, NOON) == UploadsNoted(0, 0)


def test_uploads_of_the_living_are_left_to_them_until_nobody_works_so_long(tmp_path: Path) -> None:
    with uploads_in(tmp_path) as uploads, freeze_time("2026-11-01T00:00:00Z") as moment:
        assert uploads.begin(Provider.ANTHROPIC, URL).isalnum()
        assert not uploads.left()
        assert uploads_noted(tmp_path, time.time()) == UploadsNoted(1, 0, oldest_at=time.time())
        begun = time.time()
        moment.move_to("2026-11-03T00:00:01Z")
        assert len(uploads.left()) == 1
        assert uploads_noted(tmp_path, time.time()) == UploadsNoted(0, 1, oldest_at=begun)


def test_where_an_upload_cannot_be_written_down_none_may_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with uploads_in(tmp_path / "file" / "below") as uploads:
        with pytest.raises(OSError, match="takes no note"):
            uploads.begin(Provider.GEMINI, URL)
        uploads.named("x", FILE)
        uploads.gone("x")
        assert not uploads.left()


def test_a_damaged_file_is_set_aside_and_the_first_upload_has_the_new_one(tmp_path: Path) -> None:
    language_file(tmp_path).write_bytes(b"no database at all" * 500)
    with pytest.raises(DlLitError, match="damaged"):
        uploads_noted(tmp_path, NOON)
    with uploads_in(tmp_path) as uploads:
        uploads.begin(Provider.GEMINI, URL)
    assert uploads_noted(tmp_path, NOON).in_use == 1
    assert (tmp_path / "language.db.damaged").exists()


def test_a_days_requests_are_counted_over_processes_and_come_back_at_midnight(tmp_path: Path) -> None:
    with use_in(tmp_path, requests=3) as one, use_in(tmp_path, "another", requests=3) as two:
        assert [one.take(NOON), two.take(NOON), one.take(NOON)] == [None, None, None]
        assert one.take(NOON) == two.take(NOON) == DAY / 2
        assert one.take(NOON + DAY / 2) is None
    told = {(one.day, one.model): one.requests for one in days_of_use(tmp_path, NOON + DAY, 30)}
    assert told == {
        (date(2024, 10, 4), "m"): 2,
        (date(2024, 10, 4), "another"): 1,
        (date(2024, 10, 5), "m"): 1,
    }


def test_money_is_counted_over_processes(tmp_path: Path) -> None:
    spent = Tokens(input=100, cached=60, written=10, output=20, cost=0.75)
    with use_in(tmp_path, dollars=1.5) as one, use_in(tmp_path, dollars=1.5) as two:
        assert one.take(NOON) is None
        one.add(spent, NOON)
        assert two.take(NOON) is None
        two.add(spent, NOON)
        assert one.take(NOON) == DAY / 2
    today = days_of_use(tmp_path, NOON, 1)[0]
    assert (today.requests, today.input_tokens, today.cached_tokens, today.written_tokens) == (2, 200, 120, 20)
    assert (today.output_tokens, today.dollars) == (40, 1.5)


def test_without_a_budget_all_may_go_and_a_budget_of_nothing_lets_none(tmp_path: Path) -> None:
    with use_in(tmp_path) as free, use_in(tmp_path, dollars=0.0) as none:
        assert free.take(NOON) is None
        assert none.take(NOON) is not None


def test_while_the_file_cannot_be_used_this_process_keeps_the_budget_and_writes_it_down_later(tmp_path: Path) -> None:
    place = language_file(tmp_path)
    held_file, file = (SideFile(place, "use", SCHEMA, VERSION, busy_s=0.01) for _ in range(2))
    held, use = (DiskUse(one, "m", Budget(requests=3)) for one in (held_file, file))
    assert held.take(NOON) is None
    with closing(sqlite3.connect(place, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert [held.take(NOON), held.take(NOON)] == [None, None]
        assert held.take(NOON) == DAY / 2
        held.add(Tokens(output=7), NOON)
    held_file._rests_until.clear()
    held.close()
    assert use.take(NOON) == DAY / 2
    today = days_of_use(tmp_path, NOON, 1)[0]
    assert (today.requests, today.output_tokens) == (3, 7)
    held_file.close()
    file.close()


@pytest.mark.parametrize("budget", [{}, {"dollars": 5.0}])
@pytest.mark.parametrize(("said", "cost"), [(10**30, 0.0), (10**400, float("inf")), (-1, float("nan"))])
def test_absurd_counts_are_written_as_what_can_be_believed(
    tmp_path: Path, budget: dict[str, float], said: int, cost: float
) -> None:
    """And nothing is raised: one such answer does not end those that come after it."""
    with use_in(tmp_path, **budget) as use:
        for _ in range(3):
            use.take(NOON)
            use.add(Tokens(input=said, output=said, cost=cost), NOON)
        use.flush()
        today = days_of_use(tmp_path, NOON, 1)[0]
    assert today.requests == (3 if not budget or cost != float("inf") else 1)
    assert 0 <= today.output_tokens <= 3 * 10**9
    assert 0 <= today.dollars <= 3 * 10**6


def test_infinite_sums_of_earlier_versions_are_told_as_numbers(tmp_path: Path) -> None:
    with use_in(tmp_path) as use:
        use.take(NOON)
    with closing(sqlite3.connect(language_file(tmp_path), isolation_level=None)) as other:
        other.execute("UPDATE days SET cost = 9e999")
    assert days_of_use(tmp_path, NOON, 1)[0].dollars == 1e9


def test_without_a_budget_counts_are_written_together(tmp_path: Path) -> None:
    """The first at once, the others a second later, or when somebody looks: nobody waits for them."""
    with use_in(tmp_path) as use:
        for after_s in (0.0, 0.1, 0.9):
            use.take(NOON + after_s)
            use.add(Tokens(output=1), NOON + after_s)
            assert days_of_use(tmp_path, NOON, 1)[0].requests == 1
        use.take(NOON + 1.0)
        use.add(Tokens(output=1), NOON + 1.0)
        assert days_of_use(tmp_path, NOON, 1)[0].requests == 4
        use.take(NOON + 1.1)
        use.flush()
        assert days_of_use(tmp_path, NOON, 1)[0].requests == 5


def test_old_days_are_let_go(tmp_path: Path) -> None:
    with use_in(tmp_path) as use:
        use.take(NOON)
        use.take(NOON + (KEPT_DAYS + 1) * DAY)
    assert len(days_of_use(tmp_path, NOON + (KEPT_DAYS + 1) * DAY, 10_000)) == 1


def test_nothing_is_told_where_nothing_was_asked(tmp_path: Path) -> None:
    assert not days_of_use(tmp_path, NOON, 30)
    assert uploads_noted(tmp_path, NOON) == UploadsNoted(0, 0)
    assert not language_file(tmp_path).exists()
