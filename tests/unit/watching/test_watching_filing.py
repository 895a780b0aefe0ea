"""What becomes of files that have been read: completed/, failed/ with the reason, links, and sudden ends in between."""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from db.watched_files import plan_places
from dl_lit.app.intake.filing import AGAIN_S, Filing
from dl_lit.core.errors import DatabaseAway
from dl_lit.core.reasons import Reason
from dl_lit.runtime.watching import placing
from dl_lit.settings.daemon import Afterwards
from tests.fakes.watching import WatchedFolder


class Inbox(WatchedFolder):
    """A watched folder whose sources are read by order of the test."""

    def filing(self, afterwards: Afterwards = "move") -> Filing:
        return Filing(self.engine, [self.folder], afterwards, self.clock)

    def end(self, name: str, reason: Reason | None = None, detail: str = "") -> None:
        """The source of the file of this name has been read, or has failed."""
        ((source,),) = self.query("SELECT id FROM sources WHERE path LIKE ?", f"%/{name}")
        self.query("DELETE FROM failed_extractions WHERE source_id = ?", source)
        self.query("UPDATE sources SET state = ? WHERE id = ?", "failed" if reason else "extracted", source)
        if reason is not None:
            self.query(
                "INSERT INTO failed_extractions (source_id, reason, detail, attempts) VALUES (?, ?, ?, 1)",
                *(source, reason.value, detail),
            )

    def files(self) -> dict[str, bytes]:
        """Everything below the folder."""
        paths = (path for path in self.folder.rglob("*") if path.is_file())
        return {os.path.relpath(path, self.folder): path.read_bytes() for path in paths}

    def paths(self) -> set[str]:
        """Where the sources are, below the folder."""
        return {os.path.relpath(row[0], self.folder) for row in self.query("SELECT path FROM sources")}


@pytest.fixture
def inbox(tmp_path: Path) -> Iterator[Inbox]:
    watched = Inbox(tmp_path)
    yield watched
    watched.close()


def once(filing: Filing) -> int:
    try:
        return filing.once()
    finally:
        filing.close()


@pytest.mark.parametrize("letter", ["a", "ä"])
def test_a_name_as_long_as_may_be_does_not_keep_the_reason_from_being_told(inbox: Inbox, letter: str) -> None:
    """Nor a second file of the same name from being put beside the first."""
    name = f"{letter * (250 // len(letter.encode()))}.pdf"
    failed = inbox.folder / "failed"
    failed.mkdir()
    (failed / name).write_bytes(b"%PDF-1.7 another")
    inbox.write(name)
    inbox.settle()
    inbox.end(name, Reason.ENCRYPTED_PDF)
    assert once(inbox.filing()) == 1
    (place,) = (inbox.folder / path for path in inbox.paths())
    assert place.name.endswith("-2.pdf")
    assert placing.reason_beside(place).read_text().startswith("encrypted-pdf\n")
    assert len(list(failed.iterdir())) == 3


def test_what_has_been_read_goes_to_completed_and_what_failed_to_failed_with_the_reason(inbox: Inbox) -> None:
    for name in ("sub/a.pdf", "b.pdf", "waiting.pdf"):
        inbox.write(name)
    inbox.settle()
    inbox.end("a.pdf")
    inbox.end("b.pdf", Reason.ENCRYPTED_PDF, "owner and user password")
    assert once(inbox.filing()) == 2
    files = inbox.files()
    told = files.pop("failed/b.pdf.reason.txt").decode()
    assert set(files) == {"completed/sub/a.pdf", "failed/b.pdf", "waiting.pdf"}
    assert told.splitlines()[0] == "encrypted-pdf"
    assert "password" in told
    assert "Save a copy without the password" in told
    assert "dl-lit explain s" in told
    assert inbox.paths() == {"completed/sub/a.pdf", "failed/b.pdf", "waiting.pdf"}, "retry finds them"
    inbox.restart()
    inbox.settle()
    assert inbox.taker.offered == [], "and they are not watched there"


def test_a_failed_source_that_succeeds_later_moves_on_and_its_reason_goes(inbox: Inbox) -> None:
    inbox.write("a.pdf")
    inbox.settle()
    inbox.end("a.pdf", Reason.PARSE_TIMEOUT)
    once(inbox.filing())
    inbox.end("a.pdf", Reason.DAMAGED_PDF)
    once(inbox.filing())
    assert inbox.files()["failed/a.pdf.reason.txt"].startswith(b"damaged-pdf")
    inbox.end("a.pdf")
    once(inbox.filing())
    assert set(inbox.files()) == {"completed/a.pdf"}
    assert inbox.paths() == {"completed/a.pdf"}


def test_nothing_is_overwritten_and_nothing_kept_twice(inbox: Inbox) -> None:
    (inbox.folder / "completed").mkdir()
    (inbox.folder / "completed" / "a.pdf").write_bytes(b"somebody's")
    (inbox.folder / "completed" / "b.pdf").write_bytes(b"%PDF b")
    inbox.write("a.pdf", b"%PDF a")
    inbox.write("b.pdf", b"%PDF b")
    os.link(inbox.folder / "b.pdf", inbox.folder / "c.pdf")
    inbox.settle()
    inbox.end("a.pdf")
    inbox.query("UPDATE sources SET state = 'extracted'")
    assert once(inbox.filing()) == 3
    assert inbox.files() == {
        "completed/a.pdf": b"somebody's",
        "completed/a-2.pdf": b"%PDF a",
        "completed/b.pdf": b"%PDF b",
        "completed/c.pdf": b"%PDF b",
    }
    assert inbox.paths() <= set(inbox.files())


def test_a_file_that_was_written_to_since_it_was_read_stays_and_is_taken_anew(inbox: Inbox) -> None:
    path = inbox.write("a.pdf", b"%PDF one")
    open_ = inbox.write("b.pdf")
    inbox.settle()
    inbox.query("UPDATE sources SET state = 'extracted'")
    path.write_bytes(b"%PDF two, longer")
    filing = inbox.filing()
    with open_.open("ab"):
        assert filing.once() == 0
    inbox.clock.advance(AGAIN_S)
    assert filing.once() == 1
    filing.close()
    inbox.settle()
    assert set(inbox.files()) == {"a.pdf", "completed/b.pdf"}
    assert len(inbox.hashes()) == 3


def test_a_linked_file_that_is_mended_where_it_stands_is_no_longer_among_the_failed(inbox: Inbox) -> None:
    """Its link is the mended file, too."""
    inbox.write("b.pdf")
    inbox.settle()
    inbox.end("b.pdf", Reason.ENCRYPTED_PDF)
    assert once(inbox.filing("link")) == 1
    with (inbox.folder / "b.pdf").open("r+b") as file:
        file.write(b"%PDF-1.7 mended and longer than before")
    inbox.settle()
    inbox.query("UPDATE sources SET state = 'extracted' WHERE state = 'pending'")
    assert once(inbox.filing("link")) == 1
    assert set(inbox.files()) == {"b.pdf", "completed/b.pdf"}


def test_links_are_made_where_files_are_to_stay(inbox: Inbox) -> None:
    inbox.write("sub/a.pdf")
    inbox.write("b.pdf")
    inbox.settle()
    inbox.end("a.pdf")
    inbox.end("b.pdf", Reason.NO_TEXT_LAYER)
    assert once(inbox.filing("link")) == 2
    assert once(inbox.filing("link")) == 0
    assert (inbox.folder / "completed/sub/a.pdf").samefile(inbox.folder / "sub/a.pdf")
    assert (inbox.folder / "failed/b.pdf").samefile(inbox.folder / "b.pdf")
    filing = inbox.filing("link")
    filing.heal()
    filing.close()
    assert inbox.paths() == {"sub/a.pdf", "b.pdf"}
    inbox.end("b.pdf")
    assert once(inbox.filing("link")) == 1
    assert set(inbox.files()) == {"sub/a.pdf", "b.pdf", "completed/sub/a.pdf", "completed/b.pdf"}


def test_left_where_they_are_unless_told_otherwise(inbox: Inbox) -> None:
    inbox.write("a.pdf")
    inbox.settle()
    inbox.end("a.pdf")
    assert once(inbox.filing("leave")) == 0
    assert set(inbox.files()) == {"a.pdf"}


@pytest.mark.parametrize("moment", ["before the move", "with the name held", "after the move", "after a copy"])
def test_a_sudden_end_while_a_file_is_put_away_heals_at_the_next_start(inbox: Inbox, moment: str) -> None:
    path = inbox.write("sub/a.pdf", b"%PDF a")
    inbox.settle()
    inbox.end("a.pdf")
    place = inbox.folder / "completed" / "sub" / "a.pdf"
    place.parent.mkdir(parents=True)
    plan_places(inbox.engine, [(path, place)])
    match moment:
        case "with the name held":
            place.touch()
        case "after the move":
            path.rename(place)
        case "after a copy":
            place.write_bytes(path.read_bytes())
            os.utime(place, ns=(path.stat().st_atime_ns, path.stat().st_mtime_ns))
    inbox.restart()
    filing = inbox.filing()
    filing.heal()
    inbox.settle()
    filing.once()
    filing.close()
    assert inbox.files() == {"completed/sub/a.pdf": b"%PDF a"}
    assert inbox.paths() == {"completed/sub/a.pdf"}
    assert len(inbox.hashes()) == 1


def test_a_folder_that_cannot_be_written_to_is_told_of_once_and_tried_again(inbox: Inbox) -> None:
    inbox.write("a.pdf")
    inbox.settle()
    inbox.end("a.pdf")
    (inbox.folder / "completed").write_text("a file, where a folder is needed")
    filing = inbox.filing()
    with structlog.testing.capture_logs() as logs:
        filing.once()
        inbox.clock.advance(AGAIN_S)
        filing.once()
    assert [line["event"] for line in logs] == ["files_not_filed"]
    assert "completed" in (filing.trouble(inbox.folder) or "")
    (inbox.folder / "completed").unlink()
    inbox.clock.advance(AGAIN_S)
    assert filing.once() == 1
    assert filing.trouble(inbox.folder) is None
    filing.close()


def test_a_source_whose_file_was_renamed_just_before_it_was_to_be_read_is_read_there(inbox: Inbox) -> None:
    path = inbox.write("a.pdf")
    inbox.settle()
    path.rename(inbox.folder / "b.pdf")
    inbox.settle()
    inbox.end("b.pdf", Reason.VANISHED)
    once(inbox.filing("leave"))
    assert inbox.query("SELECT state, path FROM sources") == [("pending", str(inbox.folder / "b.pdf"))]


def test_what_is_written_to_a_file_during_its_move_is_put_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, place = tmp_path / "a.pdf", tmp_path / "done.pdf"
    path.write_bytes(b"%PDF one")
    rename = Path.rename

    def late(self: Path, target: Path) -> Path:
        if self == path:
            self.write_bytes(b"%PDF two, longer")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", late)
    with pytest.raises(placing.Changed):
        placing.move(path, place, is_same=lambda _copy: True)
    assert path.read_bytes() == b"%PDF two, longer"
    assert not place.exists()


@pytest.mark.parametrize("is_same", [True, False])
def test_between_file_systems_the_file_goes_when_its_copy_is_proven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_same: bool
) -> None:
    path, place = tmp_path / "a.pdf", tmp_path / "done.pdf"
    path.write_bytes(b"%PDF")
    os.utime(path, (1_000_000_000, 1_000_000_000))

    def other_disk(self: Path, target: Path) -> Path:
        raise OSError(errno.EXDEV, "Invalid cross-device link")

    monkeypatch.setattr(Path, "rename", other_disk)
    if is_same:
        placing.move(path, place, is_same=lambda copy: copy.read_bytes() == b"%PDF")
    else:
        with pytest.raises(placing.Changed):
            placing.move(path, place, is_same=lambda _copy: False)
    kept, gone = (place, path) if is_same else (path, place)
    assert not gone.exists()
    assert (kept.read_bytes(), kept.stat().st_mtime) == (b"%PDF", 1_000_000_000)
    assert sorted(tmp_path.iterdir()) == [kept]


def test_a_plan_is_kept_as_long_as_the_folder_is_away(inbox: Inbox) -> None:
    path = inbox.write("a.pdf")
    inbox.settle()
    inbox.end("a.pdf")
    place = inbox.folder / "completed" / "a.pdf"
    place.parent.mkdir()
    plan_places(inbox.engine, [(path, place)])
    path.rename(place)
    inbox.folder.rename(inbox.elsewhere / "away")
    inbox.folder.mkdir()  # the mount point
    filing = inbox.filing()
    filing.once()
    inbox.folder.rmdir()
    (inbox.elsewhere / "away").rename(inbox.folder)
    filing.once()
    inbox.clock.advance(AGAIN_S)
    filing.once()
    filing.close()
    assert inbox.paths() == {"completed/a.pdf"}


def test_what_could_not_be_looked_up_is_healed_the_next_time(inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database was away when the daemon started."""
    asked: list[Path] = []

    def planned(_engine: object, folder: Path) -> list[object]:
        asked.append(folder)
        if len(asked) == 1:
            raise DatabaseAway("away")
        return []

    monkeypatch.setattr("dl_lit.app.intake.filing.planned_files", planned)
    filing = inbox.filing()
    with pytest.raises(DatabaseAway):
        filing.heal()
    filing.heal()
    filing.heal()
    filing.close()
    assert asked == [inbox.folder, inbox.folder]
