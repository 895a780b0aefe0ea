"""Following the log: what is wanted, once each, whatever happens to the file meanwhile."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.cli import cli
from dl_lit.cli.following import LONGEST_LINE, LogFile
from dl_lit.cli.log_filter import Filter, moment_meant
from dl_lit.cli.log_line import Teller
from tests.fakes.scenario import Scenario, typical

ROOT = Path(__file__).parents[3]
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def item(number: int, **facts: Any) -> str:
    event = {
        "timestamp": (NOON + timedelta(minutes=number)).isoformat(), "level": "info", "event": "item",
        "logger": "dl_lit.item", "outcome": "done", "reason": "ok", "stage": "download", "job": number, "attempt": 1,
        "seconds": 1.5, **facts,
    }  # fmt: skip
    return json.dumps(event)


def write(path: Path, *lines: str, mode: str = "a") -> None:
    with path.open(mode, encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)


def tail(path: Path, *arguments: str) -> Result:
    return CliRunner().invoke(cli, ["tail", "--log-file", str(path), "--no-follow", *arguments])


def texts(path: Path, *arguments: str) -> list[str]:
    """The lines for people, without the times."""
    result = tail(path, *arguments)
    assert result.exit_code == 0, result.output
    return [line[10:] for line in result.stdout.splitlines() if not line.startswith("--")]


def test_an_item_is_one_readable_line_in_columns(tmp_path: Path) -> None:
    """Which stage, what came of it, which item, what it is called, and the facts."""
    path = tmp_path / "log"
    write(
        path,
        item(7, title="Attention", outcome="retry", reason="http-5xx", detail="HTTP 502", attempt=2, after=7200.0,
             service="core", host="core.ac", level="warning", work=7),
        item(34, title="Attention", work=34, file="v/a.pdf", bytes=1_234_567, service="arxiv", host="arxiv.org"),
        item(5, stage="extraction", source=5, path="/in/a.pdf", references=57, coverage=0.95),
        item(9, stage="enrichment", entry=9, source=5, title="B", service="crossref", doi="10.1/b",
             matched_by="search", score=0.91),
        item(9, stage="queueing", work=9, title="B", locations=1, service="doaj"),
        item(3, stage="queueing", work=3, title="B", reason="duplicate", of_work=9, matched_by="doi"),
        item(4, stage="enrichment", outcome="reject", reason="no-match"),
    )  # fmt: skip
    assert texts(path) == [
        "download    http-5xx           w7      Attention: HTTP 502  (core at core.ac, 1.5 s, attempt 2, again in 2 h)",
        "download    ok                 w34     Attention → v/a.pdf  (1.2 MB, arxiv, 1.5 s)",
        "extraction  ok                 s5      a.pdf: 57 references  (coverage 95%, 1.5 s)",
        "enrichment  ok                 e9      B  (10.1/b, by search 0.91, crossref, 1.5 s)",
        "queueing    ok                 w9      B: 1 copy  (doaj, 1.5 s)",
        "queueing    duplicate          w3      B = w9  (by doi, 1.5 s)",
        "enrichment  no-match           e4        (1.5 s)",
    ]


def test_on_a_narrow_terminal_titles_give_way(tmp_path: Path) -> None:
    """No line is longer than the terminal is wide; colours say what came of it, unless none are wanted."""
    event = json.loads(item(1, work=1, title="A long title " * 10, file="v/a.pdf", bytes=9, service="arxiv"))
    for width in (20, 60, 100, 160):
        (line,) = Teller(width=width, today=NOON).told(event)
        plain = click.unstyle(line)
        assert len(plain) <= width
        assert ("\x1b[32mok" in line) == (width > 20)
        assert (" → v/a.pdf  (9 B, arxiv, 1.5 s)" in plain) == (width >= 160)


def test_the_day_is_said_where_it_changes(tmp_path: Path) -> None:
    """Lines of more than one night can be told apart."""
    path = tmp_path / "log"
    write(path, item(0), item(60 * 24), item(60 * 24 + 1))
    days = [line for line in tail(path).stdout.splitlines() if line.startswith("-- ")]
    assert days[-2:] == ["-- Sunday, 2026-11-22 --", "-- Monday, 2026-11-23 --"][-len(days) :]


def test_an_error_is_shown_with_the_end_of_its_traceback(tmp_path: Path) -> None:
    """Indented beneath its line."""
    path = tmp_path / "log"
    trace = "Traceback\n" + "  x\n" * 50 + "ValueError: bad"
    write(path, json.dumps({"timestamp": NOON.isoformat(), "level": "error", "event": "sunk", "exception": trace}))
    lines = texts(path)
    assert lines[0] == "-           error              sunk: ValueError: bad"
    assert len(lines) == 13
    assert lines[-1] == "ValueError: bad"


def test_other_events_are_shown_with_all_they_say(tmp_path: Path) -> None:
    write(
        tmp_path / "log",
        json.dumps({"timestamp": NOON.isoformat(), "event": "adopted", "file": "a\x1b[2J.pdf", "job": 3}),
    )
    assert texts(tmp_path / "log") == ["-           info               adopted (file=a\\x1b[2J.pdf, job=3)"]


def test_lines_of_other_programs_are_shown_as_they_are(tmp_path: Path) -> None:
    """Nothing is made up of what they do not say."""
    path = tmp_path / "log"
    others = ['{"msg": "hello", "level": "info"}', '{"event": "item"}', '{"event": 5}']
    write(path, *others)
    assert tail(path).stdout.splitlines() == others


def test_a_file_may_be_named_without_an_option(tmp_path: Path) -> None:
    """Also behind --file, which says where to look; not beside --journal."""
    path = tmp_path / "log"
    write(path, item(1))
    for arguments in ([str(path)], ["--file", str(path)]):
        result = CliRunner().invoke(cli, ["tail", *arguments, "--no-follow"])
        assert (result.exit_code, "w1" in result.stdout) == (0, True)
    refused = CliRunner().invoke(cli, ["tail", "--journal", str(path), "--no-follow"])
    assert (refused.exit_code, refused.stderr.count("\n")) == (2, 1)


def test_stage_reason_and_since_choose(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(
        path, item(1, stage="enrichment"), item(2, reason="no-oa-location", outcome="reject"), item(3), "no json", "[]"
    )

    def jobs(*arguments: str) -> list[int]:
        return [json.loads(line)["job"] for line in tail(path, "--json", *arguments).stdout.splitlines()]

    assert jobs() == [1, 2, 3]
    assert jobs("--lines", "1") == [3]
    assert jobs("--stage", "enrichment") == [1]
    assert jobs("--reason", "no-oa-location") == [2]
    assert jobs("--since", "2026-11-22T12:02:30") == [3]
    assert jobs("--since", "2026-11-22T12:01:30", "--until", "2026-11-22T12:02:30") == [2]
    assert jobs("--grep", "NO-OA|richment") == [1, 2]
    assert jobs("-n", "2", "--level", "info") == [2, 3]
    assert jobs("--level", "warning") == []


@pytest.mark.parametrize(
    "arguments",
    [["--reason", "bad luck"], ["--since", "yesterday"], ["--stage", "sleep"], ["--grep", "("], ["--source", "s1"]],
)
def test_what_makes_no_sense_is_refused(tmp_path: Path, arguments: list[str]) -> None:
    assert tail(tmp_path / "log", *arguments).exit_code == 2


def test_without_a_named_log_file_it_is_the_one_of_runs_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DL_LIT_LOG_FILE", raising=False)
    monkeypatch.setenv("DL_LIT_STATE_FOLDER", str(tmp_path))
    assert CliRunner().invoke(cli, ["tail", "--no-follow"]).exit_code == 2
    (tmp_path / "dl-lit.log").write_text(
        '{"timestamp": "2026-11-22T12:00:00Z", "level": "info", "event": "item", "stage": "download", "job": 7,'
        ' "outcome": "done", "reason": "ok", "seconds": 1.0}\n'
    )
    result = CliRunner().invoke(cli, ["tail", "--no-follow"])
    assert (result.exit_code, "download" in result.stdout) == (0, True)


def test_a_file_that_is_not_there_is_an_error_when_it_is_not_waited_for(tmp_path: Path) -> None:
    assert tail(tmp_path / "log").exit_code == 2


@pytest.mark.parametrize(
    ("text", "ago"),
    [
        ("90s", timedelta(seconds=90)),
        ("10m", timedelta(minutes=10)),
        ("2H", timedelta(hours=2)),
        (" 3 d", timedelta(3)),
    ],
)
def test_spans_reach_back_from_now(text: str, ago: timedelta) -> None:
    assert moment_meant(text, NOON) == NOON - ago


def test_a_time_without_zone_is_utc() -> None:
    assert moment_meant("2026-11-22T11:00", NOON) == NOON - timedelta(hours=1)
    assert moment_meant("2026-11-22T12:00+01:00", NOON) == NOON - timedelta(hours=1)
    assert moment_meant("noonish", NOON) is None


def test_rotated_files_are_read_as_far_back_as_is_asked(tmp_path: Path) -> None:
    """The oldest first, none that ended before."""
    path = tmp_path / "log"
    for number, minute in ((2, 1), (1, 2), (0, 3)):
        file = path.with_name(f"log.{number}") if number else path
        write(file, item(minute))
        changed = (NOON + timedelta(minutes=minute)).timestamp()
        os.utime(file, (changed, changed))

    def jobs(since: str) -> list[int]:
        return [json.loads(line)["job"] for line in tail(path, "--json", "--since", since).stdout.splitlines()]

    assert jobs("2026-11-22T12:00") == [1, 2, 3]
    assert jobs("2026-11-22T12:01:30") == [2, 3]
    assert jobs("2026-11-22T12:02:30") == [3]


def test_one_sources_lines_are_its_own_its_entries_and_those_of_the_works_it_cites(tmp_path: Path) -> None:
    """By number, by path and by the end of a path."""
    path = tmp_path / "log"
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        ((source, where, work),) = scenario.rows(
            "SELECT s.id, s.path, e.work_id FROM sources AS s JOIN entries AS e ON e.source_id = s.id "
            "WHERE e.work_id IS NOT NULL ORDER BY s.id, e.id LIMIT 1"
        )
        (other,) = scenario.rows("SELECT max(id) + 1 FROM works")[0]
        write(
            path, item(1, stage="extraction", source=source), item(2, stage="extraction", source=source + 1),
            item(3, stage="enrichment", entry=1, source=source), item(4, work=work), item(5, work=other),
            item(6, work=work), json.dumps({"timestamp": NOON.isoformat(), "event": "other"}),
        )  # fmt: skip
        for name in (str(source), f"s{source}", where, Path(where).name):
            result = tail(path, "--json", "--db", str(scenario.path), "--source", name)
            assert [json.loads(line)["job"] for line in result.stdout.splitlines()] == [1, 3, 4, 6]
        refused = tail(path, "--db", str(scenario.path), "--source", "%")
    assert (refused.exit_code, "no such source" in refused.stderr) == (2, True)


def test_a_line_is_told_once_it_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "log"
    log = LogFile(path)
    assert log.read_once() == []
    path.write_bytes(b"one\ntw")
    assert log.read_once() == ["one"]
    with path.open("ab") as file:
        file.write(b"o\n")
    assert log.read_once() == ["two"]
    assert log.read_once() == []
    log.close()


def test_rotation_loses_nothing(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, "one")
    log = LogFile(path)
    assert log.read_once() == ["one"]
    write(path, "two")
    path.rename(tmp_path / "log.1")
    write(path, "three")
    assert log.read_once() == ["two", "three"]
    log.close()


def test_a_file_that_was_cut_is_read_from_its_beginning(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, "a long first line", "another")
    log = LogFile(path)
    assert len(log.read_once()) == 2
    write(path, "new", mode="w")
    assert log.read_once() == ["new"]
    log.close()


def test_the_end_of_a_large_file_begins_with_a_whole_line(tmp_path: Path) -> None:
    path = tmp_path / "log"
    write(path, *(f"line {n}" for n in range(1000)))
    log = LogFile(path, tail_bytes=25)
    assert log.read_once() == ["line 998", "line 999"]
    log.close()


def test_a_line_without_end_does_not_fill_the_memory(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_bytes(b"x" * (LONGEST_LINE + 100_000) + b"\nshort\n")
    log = LogFile(path)
    assert log.read_once() == ["short"]
    log.close()


def test_lines_that_are_no_events_are_left_out() -> None:
    assert list(Filter().wanted(["", "{", "3", '{"a": 1}', "[" * 100_000])) == [('{"a": 1}', {"a": 1})]


def test_a_missing_file_is_waited_for_until_ctrl_c(tmp_path: Path) -> None:
    """A process of its own, as people run it: it ends with 0 when it is interrupted."""
    path = tmp_path / "log"
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "PYTHONUNBUFFERED": "1", "TZ": "UTC"}
    with subprocess.Popen(
        [sys.executable, "-m", "dl_lit", "tail", "--log-file", str(path)],
        env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            assert process.stdout is not None
            assert process.stderr is not None
            assert process.stderr.readline() == f"dl-lit: waiting for {path}\n"
            write(path, item(1))
            assert process.stdout.readline() == "-- Sunday, 2026-11-22 --\n"
            assert process.stdout.readline() == "12:01:00  download    ok                 w1        (1.5 s)\n"
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            process.kill()


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.just(10**400) | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=3,
)
NAMES_OF_FIELDS = st.sampled_from(
    [
        *("timestamp", "level", "logger", "outcome", "reason", "stage", "job", "source", "entry", "work", "title"),
        *("path", "file", "bytes", "score", "seconds", "attempt", "after", "detail", "references", "coverage"),
        *("locations", "of_work", "matched_by", "doi", "service", "host", "exception", "says"),
    ]
)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(NAMES_OF_FIELDS, ANYTHING, max_size=8),
    st.sampled_from(["item", "other"]),
    st.none() | st.integers(1, 200),
    st.sampled_from(["", "9999-12-31T23:59:59.999+00:00", "0001-01-01T00:00:00+00:00", "2026-11-22T12:00:00Z"]),
)
def test_whatever_stands_in_a_line_can_be_shown(
    facts: dict[str, Any], event: str, width: int | None, timestamp: str
) -> None:
    """Lines of other versions and programs; none is longer than the terminal is wide, none moves the cursor."""
    whole = {"event": event, **({"timestamp": timestamp} if timestamp else {}), **facts}
    Filter(since=NOON).fits("", whole)
    for line in Teller(width=width, today=NOON).told(whole):
        plain = click.unstyle(line)
        assert plain.isprintable()
        assert width is None or plain.startswith(("-- ", " ")) or len(plain) <= width
