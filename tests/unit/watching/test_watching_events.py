"""What the kernel's events come to: overflows, folders that are met twice, and names as they are called here."""

from __future__ import annotations

from pathlib import Path

import pytest
from watchdog.observers.inotify_c import InotifyConstants, InotifyEvent, Mask, WatchDescriptor

from dl_lit.runtime.watching.events import Events, NoEvents
from tests.fakes.engine import eventually


class Heard:
    """Everything that is told of a folder."""

    def __init__(self, folder: Path) -> None:
        self.files: list[tuple[Path, Path | None, bool]] = []
        self.folders: list[Path] = []
        self.unwatched: list[str] = []
        self.lost = 0
        self.events = Events(
            folder,
            on_file=lambda *told: self.files.append(told),
            on_folder=lambda path, _is_move: self.folders.append(path),
            on_unwatched=self.unwatched.append,
            on_lost=self._lose,
        )

    def _lose(self) -> None:
        self.lost += 1


def test_dropped_events_are_told_and_the_folder_is_still_watched(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.events.start()
    try:
        assert heard.events.is_alive
        kernel = heard.events._kernel
        assert kernel is not None
        kernel.handle_event(InotifyEvent(WatchDescriptor(-1), Mask(InotifyConstants.IN_Q_OVERFLOW), 0, b""))
        assert heard.lost == 1
        for number in range(20):  # each may be met by its event and by the look at the folder above it
            (tmp_path / f"{number}" / "a" / "b").mkdir(parents=True)
        (tmp_path / "x.part").write_bytes(b"x")
        (tmp_path / "x.part").rename(tmp_path / "x.pdf")
        eventually(lambda: (tmp_path / "x.pdf", tmp_path / "x.part", True) in heard.files)
        assert tmp_path / "19" in heard.folders
        assert heard.unwatched == []
    finally:
        heard.events.stop()
    assert not heard.events.is_alive


def test_a_folder_that_is_not_there_gives_no_events(tmp_path: Path) -> None:
    heard = Heard(tmp_path / "missing")
    with pytest.raises(NoEvents, match="No such file"):
        heard.events.start()
    heard.events.stop()
