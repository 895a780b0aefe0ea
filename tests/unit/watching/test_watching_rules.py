"""When a file is finished, which names are wanted, whether a folder is there, and what inotify's limits look like."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from dl_lit.runtime.watching.events import limit_met
from dl_lit.runtime.watching.filesystem import Mount, mount_of, mounts, silent_mount
from dl_lit.runtime.watching.root import Away, Here, Root
from dl_lit.runtime.watching.settling import WRITER_S, Hint, Look, Settling, regular_look
from dl_lit.runtime.watching.wanted import Wanted
from dl_lit.runtime.watching.writers import is_being_written

NOW_S = 1_000_000.0
FILE = Path("/inbox/a.pdf")


def look(*, age_s: float = 0.0, touched_s: float | None = None, size: int = 5) -> Look:
    changed, touched = NOW_S - age_s, NOW_S - (age_s if touched_s is None else touched_s)
    return Look(size, int(changed * 1e9), int(touched * 1e9), 1)


@pytest.mark.parametrize(
    ("hint", "seen", "trusts", "at_once"),
    [
        (Hint.SEEN, look(age_s=60.0), True, True),
        (Hint.SEEN, look(age_s=60.0), False, False),
        (Hint.SEEN, look(age_s=60.0, touched_s=0.5), True, False),
        (Hint.SEEN, look(age_s=-60.0), True, False),
        (Hint.TOUCHED, look(age_s=60.0), True, False),
        (Hint.MOVED, look(age_s=60.0, touched_s=0.0), True, True),
        (Hint.MOVED, look(age_s=0.5, touched_s=0.0), True, False),
        (Hint.PUBLISHED, look(), True, True),
        (Hint.PUBLISHED, look(size=0), True, False),
    ],
)
def test_what_needs_no_waiting(*, hint: Hint, seen: Look, trusts: bool, at_once: bool) -> None:
    """Old files of this machine, old files moved in, and what a writer has renamed into place."""
    settling = Settling()
    settling.trusts_times = trusts
    assert settling.is_finished(FILE, seen, hint, now=0.0, wall_s=NOW_S) is at_once
    assert len(settling) == (not at_once)


@pytest.mark.parametrize(("writes", "at_once"), [(False, True), (None, False), (True, False)])
def test_a_file_moved_in_is_taken_at_once_where_it_is_certain_that_nobody_writes_to_it(
    *, writes: bool | None, at_once: bool
) -> None:
    settling = Settling(lambda _path: writes)
    assert settling.is_finished(FILE, look(), Hint.MOVED, now=0.0, wall_s=NOW_S) is at_once
    settling = Settling(lambda _path: writes)
    assert not settling.is_finished(FILE, look(), Hint.TOUCHED, now=0.0, wall_s=NOW_S)


def test_an_event_about_a_file_begins_the_waiting_anew() -> None:
    settling, seen = Settling(), look()
    assert not settling.is_finished(FILE, seen, Hint.SEEN, now=0.0, wall_s=NOW_S)
    assert not settling.is_finished(FILE, seen, Hint.TOUCHED, now=1.9, wall_s=NOW_S)
    assert settling.due(2.1) == []
    assert settling.due(3.9) == [FILE]
    assert settling.is_finished(FILE, seen, Hint.SEEN, now=3.9, wall_s=NOW_S)
    assert settling.next_due() is None


def test_a_writer_that_never_closes_is_waited_for_no_longer_than_it_may_take() -> None:
    settling, seen = Settling(lambda _path: True), look()
    assert not settling.is_finished(FILE, seen, Hint.PUBLISHED, now=0.0, wall_s=NOW_S)
    assert not settling.is_finished(FILE, seen, Hint.SEEN, now=WRITER_S - 1, wall_s=NOW_S)
    assert settling.is_finished(FILE, seen, Hint.SEEN, now=WRITER_S, wall_s=NOW_S)


def test_files_are_looked_at_again_in_the_order_in_which_they_are_due() -> None:
    settling = Settling()
    settling.trusts_times = True
    for number, age_s in enumerate((0.0, 1.5, 1.0)):
        settling.is_finished(Path(f"/{number}.pdf"), look(age_s=age_s), Hint.MOVED, now=0.0, wall_s=NOW_S)
    assert settling.next_due() == pytest.approx(0.5)
    settling.forget(Path("/1.pdf"))
    assert settling.next_due() == pytest.approx(1.0)
    assert set(settling.due(5.0)) == {Path("/0.pdf"), Path("/2.pdf")}


def test_a_look_at_a_file_follows_links_and_refuses_what_is_no_file(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(b"12345")
    (tmp_path / "link.pdf").symlink_to(file)
    for afresh in (False, True):
        seen = regular_look(tmp_path / "link.pdf", afresh=afresh)
        assert seen is not None
        assert seen.size == 5
        assert regular_look(tmp_path, afresh=afresh) is None
        assert regular_look(tmp_path / "b.pdf", afresh=afresh) is None


def test_a_writer_is_noticed_and_a_reader_is_not(tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    with path.open("wb"):
        assert is_being_written(path)
    with path.open("rb"):
        assert is_being_written(path) is False
    assert is_being_written(tmp_path / "not there") is None


WANTED = ("a.pdf", "a.PDF", "sub/a.pdf", "sub/completed/a.pdf", "b.pdf/b.pdf", "caf\udce9.pdf", "draft.pdf")
UNWANTED = (
    *("a.txt", "a.pdf.part", "a.pdf.crdownload", "a.pdf.filepart", "a.pdf.tmp", ".a.pdf.Xb12cd", ".a.pdf", "~$a.pdf"),
    *("._a.pdf", ".syncthing.a.pdf.tmp", ".~tmp~/a.pdf", "@eaDir/a.pdf", "completed/a.pdf", "failed/sub/a.pdf"),
    *("sub/taken/a.pdf", ".stfolder/a.pdf", "drafts/a.pdf", "sub/drafts/a.pdf", "x_cover.pdf", "old/1/a.pdf"),
    "library/a.pdf",
)


def test_walking_and_judging_agree_on_what_is_wanted(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path, ("drafts", "*_cover.pdf", "old/*"), frozenset({tmp_path / "library"}))
    for name in (*WANTED, *UNWANTED):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"")
    found = {os.path.relpath(entry.path, tmp_path) for entry in wanted.walk()}
    assert found == {name for name in WANTED if not (tmp_path / name).is_dir()}
    for name in (*WANTED, *UNWANTED):
        if not (tmp_path / name).is_dir():
            assert wanted.takes_file(tmp_path / name) is (name in WANTED), name
    assert not wanted.takes_file(Path("/elsewhere/a.pdf"))


def test_drafts_are_known_by_their_names(tmp_path: Path) -> None:
    wanted = Wanted(tmp_path)
    assert all(wanted.is_draft(tmp_path / name) for name in (".a.pdf.x", "a.pdf.part", ".~tmp~/a.pdf", "~$a.pdf"))
    assert not wanted.is_draft(tmp_path / "sub" / "a.pdf")


TABLE = r"""22 1 8:1 / / rw - ext4 /dev/sda1 rw
30 22 0:40 / /mnt/the\040nas rw,relatime shared:3 - nfs4 server:/x rw
31 22 0:41 / /home/me/cloud rw - fuse.sshfs me@host:/ rw
32 22 0:42 / /media/stick rw - fuseblk /dev/sdb1 rw
not a mount
"""


def test_file_systems_without_events_are_known_by_their_kind(tmp_path: Path) -> None:
    table = tmp_path / "mountinfo"
    table.write_text(TABLE)
    found = mounts(table)
    assert mount_of(Path("/mnt/the nas/inbox"), found) == Mount("/mnt/the nas", "nfs4")
    assert mount_of(Path("/mnt/the nas too"), found) == Mount("/", "ext4")
    silent = {
        str(path): silent_mount(path, found) for path in map(Path, ("/mnt/the nas/in", "/home/me", "/media/stick"))
    }
    assert [mount.kind if mount else None for mount in silent.values()] == ["nfs4", "fuse.sshfs", None]
    assert mounts(tmp_path / "missing") == []


def test_an_empty_mount_point_is_not_the_folder_emptied(tmp_path: Path) -> None:
    """What is found where the file system was is another folder: nothing is made of it until one is mounted again."""
    table = tmp_path / "mountinfo"
    point = tmp_path / "nas"
    folder = point / "inbox"
    folder.mkdir(parents=True)
    is_mounted = f"22 1 8:1 / / rw - ext4 x rw\n30 22 0:40 / {point} rw - nfs4 server:/x rw\n"
    table.write_text(is_mounted)
    root = Root(folder, table)
    assert root.look() == Here(is_another=True)
    assert root.look() == Here(is_another=False)
    table.write_text("22 1 8:1 / / rw - ext4 x rw\n")
    folder.rename(tmp_path / "the real one")
    folder.mkdir()
    assert root.look() == Away(f"nothing is mounted at {point}")
    table.write_text(is_mounted)
    assert root.look() == Here(is_another=True)
    folder.rmdir()
    assert root.look() == Away("it does not exist")
    folder.write_bytes(b"")
    assert root.look() == Away("it is not a folder")


def test_a_limit_is_told_with_the_setting_to_raise_and_what_it_is(tmp_path: Path) -> None:
    (tmp_path / "max_user_watches").write_text("8192\n")
    told = limit_met(OSError(errno.ENOSPC, "no space"), tmp_path)
    assert (
        told
        == "the limit fs.inotify.max_user_watches (8192) is reached; raise it: sysctl fs.inotify.max_user_watches=..."
    )
    assert "max_user_instances (unknown)" in limit_met(OSError(errno.EMFILE, "too many"), tmp_path)
    assert limit_met(PermissionError(errno.EACCES, "Permission denied"), tmp_path) == "Permission denied"
