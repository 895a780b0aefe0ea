"""Lines in the journal: a datagram of fields each, that nothing within a text can add to."""

from __future__ import annotations

import array
import io
import json
import logging
import os
import socket
import struct
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from proofs.text.readers import journal_fields

from dl_lit import logs
from dl_lit.logs.journal import JournalHandler, fields_of, framed, writes_to_journal


class FakeJournal:
    """Something that listens as the journal does."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.settimeout(5)

    def message(self) -> dict[str, str]:
        """The next message's fields."""
        space = socket.CMSG_LEN(array.array("i").itemsize)
        data, rights, _, _ = self._socket.recvmsg(1 << 20, space)
        for _, _, packed in rights:
            (file,) = struct.unpack("i", packed[:4])
            data = os.pread(file, 1 << 24, 0)
            os.close(file)
        return {name: value.decode() for name, value in journal_fields(data)}

    def is_empty(self) -> bool:
        self._socket.settimeout(0)
        try:
            self._socket.recv(1)
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def journal(tmp_path: Path) -> Iterator[FakeJournal]:
    one = FakeJournal(tmp_path / "socket")
    yield one
    one.close()


ITEM: dict[str, Any] = {
    "stage": "download", "job": 34, "work": 34, "attempt": 2, "outcome": "retry", "reason": "http-5xx",
    "detail": "HTTP 502", "seconds": 3.1, "after": 12.0, "title": "On\nLines", "host": "arxiv.org", "nothing": None,
}  # fmt: skip


@pytest.mark.parametrize("at_once", [True, False])
def test_an_event_is_a_sentence_with_fields(journal: FakeJournal, at_once: bool) -> None:
    """One by one and many at a time; a line's end in a field stays there, in the sentence it is shown."""
    logs.configure(form="journal", journal=journal.path)
    if at_once:
        logs.many("dl_lit.item", [("debug", "hidden", {}), ("warning", "item", ITEM)])
    else:
        structlog.get_logger("dl_lit.item").debug("hidden")
        structlog.get_logger("dl_lit.item").warning("item", **ITEM)
    found = journal.message()
    assert found.pop("MESSAGE") == (
        "download retry http-5xx w34 On\\x0aLines: HTTP 502 (3.1 s, attempt 2, after=12.0, host=arxiv.org)"
    )
    assert found == {
        "PRIORITY": "4", "SYSLOG_IDENTIFIER": "dl-lit", "DL_LIT_EVENT": "item", "DL_LIT_STAGE": "download",
        "DL_LIT_JOB": "34", "DL_LIT_WORK": "34", "DL_LIT_ATTEMPT": "2", "DL_LIT_OUTCOME": "retry",
        "DL_LIT_REASON": "http-5xx", "DL_LIT_DETAIL": "HTTP 502", "DL_LIT_SECONDS": "3.1", "DL_LIT_AFTER": "12.0",
        "DL_LIT_TITLE": "On\nLines", "DL_LIT_HOST": "arxiv.org", "DL_LIT_LOGGER": "dl_lit.item",
        "DL_LIT_RUN_ID": logs.run_id(),
    }  # fmt: skip
    assert journal.is_empty()
    assert logs.destination() == "journal"


def test_the_standard_librarys_lines_and_tracebacks_go_there_too(journal: FakeJournal) -> None:
    """The traceback whole in a field, its end in the sentence."""
    logs.configure(form="journal", journal=journal.path)
    logging.getLogger("library").error("took %s s", 3)
    found = journal.message()
    assert (found["MESSAGE"], found["PRIORITY"], found["DL_LIT_LOGGER"]) == ("took 3 s", "3", "library")
    try:
        raise RuntimeError("sunk")
    except RuntimeError:
        structlog.get_logger("t").exception("repeating_failed", what={"a": [1]})
    found = journal.message()
    assert found["MESSAGE"] == "repeating failed (what={'a': [1]}): RuntimeError: sunk"
    assert found["DL_LIT_EXCEPTION"].startswith("Traceback")
    assert found["DL_LIT_WHAT"] == '{"a":[1]}'


def test_no_secret_stands_in_any_field(journal: FakeJournal) -> None:
    """Neither in the sentence nor in what has lines of its own."""
    logs.configure(form="journal", journal=journal.path, secrets=["k3y\nodd", "ada@example.org"])
    logs.many("t", [("info", "asked", {"url": "http://x/?mailto=ada%40example.org", "key": "k3y\nodd"})])
    found = journal.message()
    assert not any("ada" in value or "k3y" in value for value in found.values())
    assert found["DL_LIT_KEY"] == logs.HIDDEN


@given(
    st.dictionaries(
        st.from_regex(r"[a-z][a-z_]{0,20}", fullmatch=True).filter(lambda name: name not in {"level", "run"}),
        st.text(max_size=60),
        max_size=5,
    )
)
def test_no_text_can_pretend_to_be_another_field(facts: dict[str, str]) -> None:
    """Every field comes out as it went in, and no other, whatever stands in it."""
    event = {"level": "info", "event": "read", **facts}
    event.pop("timestamp", None)
    found = journal_fields(framed(fields_of(event)))
    names = [name for name, _ in found]
    assert names[:3] == ["MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER"]
    assert b"\n" not in found[0][1]
    expected = {f"DL_LIT_{name.upper()}": value for name, value in event.items() if name != "level"}
    assert {name: value.decode("utf-8", "replace") for name, value in found[3:]} == {
        name: value.encode("utf-8", "backslashreplace").decode() for name, value in expected.items()
    }


def test_a_message_too_large_for_a_datagram_goes_as_a_file(journal: FakeJournal) -> None:
    """Each of its fields cut at a bound, with a mark."""
    logs.configure(form="journal", journal=journal.path)
    structlog.get_logger("t").info("large", **{f"part_{number}": "ü" * 40_000 for number in range(10)})
    found = journal.message()
    assert len(found["DL_LIT_PART_9"].encode()) < 50_000
    assert found["DL_LIT_PART_9"].endswith("ü […]")
    assert len(found["MESSAGE"]) == 1_000


def test_where_no_journal_listens_systemd_reads_priorities_from_the_lines(tmp_path: Path) -> None:
    """A stream that is the journal's gets them, another one plain JSON."""
    with (tmp_path / "stderr").open("w+") as stream:
        status = os.fstat(stream.fileno())
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
            assert writes_to_journal(stream)
            logs.configure(stream=stream, journal=tmp_path / "none")
            structlog.get_logger("t").error("broken")
            logs.many("t", [("info", "fine", {})])
            assert logs.destination() == "journal"
        stream.seek(0)
        one, two = stream.read().splitlines()
    assert (one[:3], json.loads(one[3:])["event"]) == ("<3>", "broken")
    assert (two[:3], json.loads(two[3:])["event"]) == ("<6>", "fine")
    plain = io.StringIO()
    logs.configure(stream=plain, form="journal", journal=tmp_path / "none")
    structlog.get_logger("t").error("broken")
    assert json.loads(plain.getvalue())["event"] == "broken"
    assert logs.destination() == "stderr"


def test_the_journal_is_chosen_by_itself_where_it_reads_standard_error(
    journal: FakeJournal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Under systemd nothing needs to be set; a log file that is set stays one."""
    with (tmp_path / "stderr").open("w+") as stream:
        assert not writes_to_journal(stream)
        monkeypatch.setenv("JOURNAL_STREAM", "1:2")
        assert not writes_to_journal(stream)
        status = os.fstat(stream.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.configure(stream=stream, journal=journal.path)
        structlog.get_logger("t").info("here")
        assert journal.message()["MESSAGE"] == "here"
        logs.configure(stream=stream, journal=journal.path, file=tmp_path / "log")
        assert logs.destination() == str(tmp_path / "log")
    assert not writes_to_journal(io.StringIO())


def test_a_journal_that_takes_nothing_costs_lines_and_is_told_how_many(tmp_path: Path) -> None:
    """The work is not held up; after a rest it is tried again."""
    handler = JournalHandler(tmp_path / "socket", patience_s=0.01, rest_s=0.0)
    message = framed(fields_of({"level": "info", "event": "x"}))
    handler.send([message] * 3)
    assert handler.lost == 3
    journal = FakeJournal(tmp_path / "socket")
    handler.send([message])
    told = journal.message()
    assert (told["DL_LIT_EVENT"], told["DL_LIT_NUMBER"]) == ("log_lines_lost", "3")
    assert journal.message()["DL_LIT_EVENT"] == "x"
    journal.close()
    resting = JournalHandler(tmp_path / "socket", rest_s=60.0)
    resting.send([message] * 1000)
    assert resting.lost == 1000
    handler.close()
    resting.close()
