"""Looking at a folder, by hand and by a held clock."""

from __future__ import annotations

import os
from pathlib import Path

import structlog

from dl_lit.runtime.watcher import AGAIN_S, STABLE_S, FolderWatcher
from tests.fakes.engine import ManualClock


def listed(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.pdf"))


def test_files_that_could_not_be_given_away_are_offered_again_soon(tmp_path: Path) -> None:
    clock, offered, is_down = ManualClock(), [], [True]

    def take(paths: list[Path]) -> None:
        offered.append([path.name for path in paths])
        if is_down[0]:
            raise OSError("locked")

    watcher = FolderWatcher(tmp_path, listed, lambda path: path.suffix == ".pdf", take, clock=clock)
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    os.utime(tmp_path / "a.pdf", (0, 0))
    with structlog.testing.capture_logs() as logs:
        watcher.look_once()
        clock.advance(AGAIN_S)
        watcher.look_once()
    assert offered == [["a.pdf"], ["a.pdf"]]
    assert [line["event"] for line in logs] == ["files_not_taken"], "told once"
    is_down[0] = False
    clock.advance(AGAIN_S)
    watcher.look_once()
    clock.advance(AGAIN_S + STABLE_S)
    watcher.look_once()
    assert len(offered) == 3, "and once it was taken no more"
