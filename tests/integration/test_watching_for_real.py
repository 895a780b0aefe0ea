"""A watched folder with the kernel's events, real threads and a real clock."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from db.connect import Engine, connect, open_database
from dl_lit.app.intake.taking import SourceTaker
from dl_lit.app.intake.watched_folders import hand_in_folder, watched_folders
from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import BadInput
from dl_lit.runtime.watching.folder import FolderWatcher, Habits
from dl_lit.runtime.watching.wanted import Wanted
from dl_lit.settings import Settings
from dl_lit.settings.model import HandInSettings, WatchSettings
from tests.fakes.engine import eventually

ROOT = Path(__file__).parents[2]
HABITS = Habits(stable_s=0.2, poll_s=0.2)


@contextmanager
def watched(folder: Path, habits: Habits = HABITS) -> Iterator[tuple[FolderWatcher, Engine]]:
    open_database(folder.parent / "dl-lit.db", synchronous="NORMAL").dispose()
    engine = connect(folder.parent / "dl-lit.db", synchronous="NORMAL")
    clock = SystemClock()
    taker = SourceTaker(engine, folder, clock, lambda: None)
    try:
        with FolderWatcher(Wanted(folder), taker, clock=clock, habits=habits) as watcher:
            yield watcher, engine
    finally:
        engine.dispose()


def names(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return {Path(path).name for (path,) in connection.exec_driver_sql("SELECT path FROM sources")}


def test_files_are_noticed_however_they_come(tmp_path: Path) -> None:
    """Written, renamed into place, in folders made and filled at once, before the start; the folder is a link."""
    real, elsewhere, inbox = tmp_path / "real", tmp_path / "elsewhere", tmp_path / "inbox"
    real.mkdir()
    inbox.symlink_to(real)
    (real / "before.pdf").write_bytes(b"%PDF before")
    with watched(inbox) as (watcher, engine):
        eventually(lambda: watcher.pulse().taken == 1)
        assert watcher.pulse().how == "events"
        (real / "written.pdf").write_bytes(b"%PDF written")
        (inbox / ".published.pdf.x").write_bytes(b"%PDF published")
        (inbox / ".published.pdf.x").rename(inbox / "published.pdf")
        (elsewhere / "a" / "b").mkdir(parents=True)
        (elsewhere / "a" / "b" / "moved.pdf").write_bytes(b"%PDF moved")
        (elsewhere / "a").rename(inbox / "a")
        (inbox / "quick" / "c" / "d").mkdir(parents=True)
        (inbox / "quick" / "c" / "d" / "quick.pdf").write_bytes(b"%PDF quick")
        wanted = {"before.pdf", "written.pdf", "published.pdf", "moved.pdf", "quick.pdf"}
        eventually(lambda: names(engine) == wanted)
        real.rename(tmp_path / "gone")
        (tmp_path / "gone" / "later.pdf").write_bytes(b"%PDF later")
        watcher._wake.set()
        eventually(lambda: watcher.pulse().blind is not None)
        (tmp_path / "gone").rename(real)
        eventually(lambda: names(engine) == wanted | {"later.pdf"})
        assert watcher.pulse().blind is None


LIMITED = """
import json, sys
from pathlib import Path
Path("/proc/sys/user", sys.argv[2]).write_text(sys.argv[3])
from tests.integration.test_watching_for_real import eventually, names, watched
with watched(Path(sys.argv[1])) as (watcher, engine):
    eventually(lambda: names(engine) == {"deep.pdf"})
    eventually(lambda: watcher.pulse().how == "polling")
    sys.stdout.write("\\n" + json.dumps([watcher.pulse().polls_because, watcher.pulse().blind]) + "\\n")
"""  # a line of its own at once: another thread's log line may be half written


def test_where_inotify_has_reached_its_limits_the_folder_is_looked_through_and_says_why(tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "a" / "b" / "c").mkdir(parents=True)
    (inbox / "a" / "b" / "c" / "deep.pdf").write_bytes(b"%PDF deep")
    command = ["unshare", "--user", "--map-root-user", sys.executable, "-c", LIMITED, str(inbox)]
    try:
        done = subprocess.run(
            [*command, "max_inotify_watches", "2"],
            check=False,
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
        )
    except OSError:
        pytest.skip("no unshare")
    if "unshare:" in done.stderr or "PermissionError" in done.stderr:
        pytest.skip("user namespaces are not to be had")
    assert done.returncode == 0, done.stderr
    (told,) = [line for line in done.stdout.splitlines() if line.startswith("[")]  # log lines begin with the time
    because, blind = json.loads(told)
    assert because.startswith("the limit fs.inotify.max_user_watches (")
    assert blind is None


@pytest.fixture
def ours(tmp_path: Path) -> Settings:
    return Settings(
        database=tmp_path / "dl-lit.db",
        library=tmp_path / "papers" / "library",
        state_folder=tmp_path / "state",
        cache_folder=tmp_path / "cache",
        local_index=tmp_path / "index",
        watch=WatchSettings(ignore=("drafts",)),
    )


def test_folders_are_held_against_each_other_and_against_what_is_ours(ours: Settings, tmp_path: Path) -> None:
    papers = tmp_path / "papers"
    for name in ("papers/library/x", "papers/sub", "papers/drafts", "papers/completed", "other", "hand-in"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "again").symlink_to(papers)
    wanted = watched_folders(ours, [papers, tmp_path / "other", papers / "sub", tmp_path / "again", papers])
    assert [one.folder for one in wanted] == [papers, tmp_path / "other"]
    assert wanted[0].takes_file(papers / "sub" / "a.pdf")
    assert not wanted[0].takes_file(papers / "library" / "a.pdf"), "what dl_lit fetched is no source"
    for refused in (
        [papers / "library"],
        [papers / "library" / "x"],
        [papers, papers / "drafts"],
        [tmp_path / "missing"],
    ):
        with pytest.raises(BadInput):
            watched_folders(ours, refused)
    with_hand_in = replace(ours, hand_in=HandInSettings(folder=tmp_path / "hand-in"))
    with pytest.raises(BadInput, match="hand-in folder"):
        watched_folders(with_hand_in, [tmp_path / "hand-in"])
    assert hand_in_folder(ours) is None
    found = hand_in_folder(with_hand_in)
    assert found is not None
    assert found.folder == tmp_path / "hand-in"


def test_a_folder_that_is_to_be_waited_for_need_not_be_there(ours: Settings, tmp_path: Path) -> None:
    (late,) = watched_folders(ours, [tmp_path / "late"], wait=True)
    assert late.folder == tmp_path / "late"
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BadInput):
        watched_folders(ours, [tmp_path / "file"], wait=True)
    with watched(late.folder) as (watcher, engine):
        eventually(lambda: watcher.pulse().blind == "it does not exist")
        late.folder.mkdir()
        (late.folder / "a.pdf").write_bytes(b"%PDF a")
        eventually(lambda: names(engine) == {"a.pdf"})
