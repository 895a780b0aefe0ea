"""Files are replaced at one stroke, and what a killed writer left goes with the next one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit.app.care.drafts import replace_file, sweep


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "library.bib"
    path.write_text("before")
    replace_file(path, ["a", "b"])
    assert path.read_text() == "ab"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_that_cannot_be_written_whole_stays_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "library.bib"
    path.write_text("before")

    def pieces() -> Iterator[str]:
        yield "a"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        replace_file(path, pieces())
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]


def test_drafts_of_the_dead_go_and_those_of_the_living_stay(tmp_path: Path) -> None:
    for name in (".library.bib.12.draft", ".library.bib.13.draft", ".hidden"):
        (tmp_path / name).write_text("half of")
    living = os.open(tmp_path / ".library.bib.13.draft", os.O_RDONLY)
    try:
        fcntl.flock(living, fcntl.LOCK_EX)
        sweep(tmp_path)
    finally:
        os.close(living)
    assert sorted(one.name for one in tmp_path.iterdir()) == [".hidden", ".library.bib.13.draft"]


def test_a_draft_that_is_swept_away_before_it_is_locked_is_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, real, swept = tmp_path / "library.bib", fcntl.flock, []

    def flock(file: int, how: int) -> None:
        if not swept:
            swept.append(file)
            sweep(tmp_path)
        real(file, how)

    monkeypatch.setattr("dl_lit.app.care.drafts.fcntl.flock", flock)
    replace_file(path, ["whole"])
    assert swept
    assert path.read_text() == "whole"
