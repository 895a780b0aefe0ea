"""Looking at a folder by hand, by a held clock, with the real intake and database."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from dl_lit.runtime.watching.ready import AGAIN_S
from dl_lit.runtime.watching.settling import EMPTY_S
from tests.fakes.watching import STABLE_S, WatchedFolder, sha


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[WatchedFolder]:
    watched = WatchedFolder(tmp_path)
    yield watched
    watched.close()


def test_a_file_is_taken_when_it_has_not_changed_for_long_enough(inbox: WatchedFolder) -> None:
    path = inbox.write("a.pdf", b"%PDF one")
    inbox.look()
    inbox.pass_time(STABLE_S * 0.9)
    with path.open("ab") as file:
        file.write(b" two")
    inbox.pass_time(STABLE_S * 0.9)
    assert inbox.hashes() == set()
    inbox.pass_time(STABLE_S)
    assert inbox.hashes() == {sha(b"%PDF one two")}
    assert inbox.watcher.pulse().taken == 1


def test_a_file_that_somebody_has_open_for_writing_is_waited_for(inbox: WatchedFolder) -> None:
    with (inbox.folder / "slow.pdf").open("wb", buffering=0) as file:
        file.write(b"%PDF half")
        inbox.settle()
        assert inbox.hashes() == set()
        assert inbox.watcher.pulse().unfinished == 1
        file.write(b" whole")
    inbox.settle()
    assert inbox.hashes() == {sha(b"%PDF half whole")}


def test_an_empty_file_is_waited_for_and_at_last_taken_so_that_somebody_hears_of_it(inbox: WatchedFolder) -> None:
    inbox.write("promise.pdf").write_bytes(b"")
    inbox.settle()
    assert inbox.hashes() == set()
    inbox.pass_time(EMPTY_S)
    assert inbox.hashes() == {sha(b"")}


def test_what_changes_after_being_taken_is_new_content_and_copies_and_new_names_are_not(inbox: WatchedFolder) -> None:
    path = inbox.write("a.pdf", b"%PDF one")
    inbox.settle()
    path.write_bytes(b"%PDF three")
    shutil.copyfile(path, inbox.folder / "copy.pdf")
    path.rename(inbox.folder / "renamed.pdf")
    os.link(inbox.folder / "renamed.pdf", inbox.folder / "linked.pdf")
    inbox.settle()
    assert inbox.hashes() == {sha(b"%PDF one"), sha(b"%PDF three")}
    assert len(inbox.query("SELECT path FROM watched_files")) == 3, "what is gone is forgotten"


def test_a_new_process_reads_nothing_that_has_not_changed(inbox: WatchedFolder) -> None:
    for number in range(5):
        inbox.write(f"{number}.pdf")
    inbox.settle()
    inbox.restart()
    inbox.write("3.pdf", b"%PDF other")
    inbox.settle()
    assert inbox.taker.offered == [["3.pdf"]]


def test_as_long_as_the_database_cannot_tell_what_is_known_nothing_is_looked_at(
    inbox: WatchedFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The look that comes through begins as the first would have."""

    def locked() -> None:
        raise OSError("locked")

    inbox.write("a.pdf")
    with monkeypatch.context() as patch:
        patch.setattr(inbox.taker, "known", locked)
        with pytest.raises(OSError, match="locked"):
            inbox.watcher.look_once()
    begun = []
    monkeypatch.setattr(inbox.watcher._sight, "start", begun.append)
    inbox.settle()
    assert len(begun) == 1
    assert inbox.names() == ["a.pdf"]


def test_files_that_could_not_be_taken_are_offered_again_and_it_is_told_once(inbox: WatchedFolder) -> None:
    inbox.taker.refuses = OSError("database is locked")
    inbox.write("a.pdf")
    with structlog.testing.capture_logs() as logs:
        inbox.settle()
        inbox.pass_time(4 * AGAIN_S)
    assert len(inbox.taker.offered) >= 3
    assert [line["event"] for line in logs] == ["files_not_taken"]
    assert inbox.watcher.pulse().not_taken == "database is locked"
    inbox.taker.refuses = None
    inbox.pass_time(20.0)
    assert inbox.names() == ["a.pdf"]
    assert inbox.watcher.pulse().not_taken is None


def test_a_file_that_changes_while_it_waits_to_be_taken_is_not_taken_as_it_was(inbox: WatchedFolder) -> None:
    path = inbox.write("a.pdf", b"%PDF one")
    inbox.taker.refuses = OSError("locked")
    inbox.settle()
    path.write_bytes(b"%PDF two")
    inbox.taker.refuses = None
    inbox.pass_time(20.0)
    assert inbox.hashes() == {sha(b"%PDF two")}


def test_a_folder_that_is_gone_is_told_of_and_looked_through_when_it_is_back(inbox: WatchedFolder) -> None:
    inbox.write("a.pdf")
    inbox.settle()
    away = inbox.elsewhere / "inbox"
    inbox.folder.rename(away)
    inbox.settle()
    assert inbox.watcher.pulse().blind == "it does not exist"
    (away / "b.pdf").write_bytes(b"%PDF b")
    away.rename(inbox.folder)
    inbox.settle()
    assert inbox.watcher.pulse().blind is None
    assert inbox.names() == ["a.pdf", "b.pdf"]
    assert inbox.taker.offered == [["a.pdf"], ["b.pdf"]], "nothing was forgotten meanwhile"


def test_a_folder_made_anew_is_looked_through(inbox: WatchedFolder) -> None:
    inbox.write("a.pdf")
    inbox.settle()
    shutil.rmtree(inbox.folder)
    inbox.write("b.pdf")
    inbox.settle()
    assert inbox.names() == ["a.pdf", "b.pdf"]
    assert inbox.query("SELECT count(*) FROM watched_files") == [(1,)]


def test_a_folder_that_cannot_be_read_below_is_told_of_and_the_rest_is_watched(inbox: WatchedFolder) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    inbox.write("closed/a.pdf")
    (inbox.folder / "closed").chmod(0)
    inbox.write("b.pdf")
    inbox.settle()
    assert "cannot be read" in (inbox.watcher.pulse().not_taken or "")
    (inbox.folder / "closed").chmod(0o755)
    inbox.settle()
    assert inbox.names() == ["b.pdf", "a.pdf"]


def test_a_file_that_may_not_be_read_fails_as_a_source_and_is_read_when_it_may(inbox: WatchedFolder) -> None:
    if os.geteuid() == 0:
        pytest.skip("root reads everything")
    path = inbox.write("a.pdf", b"%PDF a")
    path.chmod(0)
    inbox.settle()
    assert inbox.query("SELECT path, size_bytes FROM sources") == [(str(path), 0)]
    path.chmod(0o644)
    inbox.settle()
    assert sha(b"%PDF a") in inbox.hashes()


def test_links_that_lead_nowhere_and_names_in_any_bytes_hide_nothing(inbox: WatchedFolder) -> None:
    (inbox.folder / "circle.pdf").symlink_to("circle.pdf")
    (inbox.folder / "round").symlink_to(inbox.folder)
    (inbox.folder / "nowhere.pdf").symlink_to("not there")
    os.mkfifo(inbox.folder / "pipe.pdf")
    (inbox.elsewhere / "real").write_bytes(b"%PDF real")
    (inbox.folder / "symbolic.pdf").symlink_to(inbox.elsewhere / "real")
    strange = Path(os.fsdecode(os.fsencode(inbox.folder) + b"/caf\xe9 \n.PDF"))
    strange.write_bytes(b"%PDF strange")
    inbox.settle()
    assert inbox.hashes() == {sha(b"%PDF real"), sha(b"%PDF strange")}
    inbox.restart()
    inbox.settle()
    assert inbox.taker.offered == []


def test_a_source_that_vanished_is_read_when_its_file_is_back(inbox: WatchedFolder) -> None:
    path = inbox.write("a.pdf", b"%PDF a")
    inbox.settle()
    inbox.query("UPDATE sources SET state = 'failed'")
    inbox.query("INSERT INTO failed_extractions (source_id, reason, attempts) VALUES (1, 'vanished', 1)")
    path.rename(inbox.folder / "b.pdf")
    inbox.settle()
    assert inbox.query("SELECT state, path FROM sources") == [("pending", str(inbox.folder / "b.pdf"))]
    assert inbox.query("SELECT * FROM failed_extractions") == []


def test_what_is_written_over_before_it_was_read_is_not_read_as_what_it_was(inbox: WatchedFolder) -> None:
    """Its source says that it is gone, unless a copy is there to be read; the new content is a source of its own."""
    for name in ("a.pdf", "b.pdf"):
        inbox.write(name, f"%PDF old {name}".encode())
    shutil.copyfile(inbox.folder / "b.pdf", inbox.folder / "copy.pdf")
    inbox.settle()
    inbox.query("UPDATE sources SET path = ? WHERE path LIKE '%copy.pdf'", str(inbox.folder / "b.pdf"))
    for name in ("a.pdf", "b.pdf"):
        inbox.write(name, f"%PDF new content of {name}".encode())
    inbox.settle()
    found = inbox.query("SELECT path, state FROM sources ORDER BY state, path")
    assert [(Path(path).name, state) for path, state in found] == [
        ("a.pdf", "failed"), ("a.pdf", "pending"), ("b.pdf", "pending"), ("copy.pdf", "pending"),
    ]  # fmt: skip
    ((reason, detail),) = inbox.query("SELECT reason, detail FROM failed_extractions")
    assert reason == "vanished"
    assert "written over" in detail
