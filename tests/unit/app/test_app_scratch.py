"""Folders that live no longer than their process."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from dl_lit.app.care.scratch import scratch_below


def test_a_folder_goes_with_its_user_and_others_are_left_alone(tmp_path: Path) -> None:
    with scratch_below(tmp_path / "sections") as one:
        (one / "pages.pdf").touch()
        with scratch_below(tmp_path / "sections") as two:
            assert (one / "pages.pdf").exists()
            assert one != two
        assert not two.exists()
    assert list((tmp_path / "sections").iterdir()) == []


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path: Path) -> None:
    left = tmp_path / "of-killed" / "dl-lit-section-x"
    left.mkdir(parents=True)
    (left / "pages.pdf").touch()
    (tmp_path / "else").touch()
    with scratch_below(tmp_path):
        assert not left.parent.exists()
    assert [one.name for one in tmp_path.iterdir()] == ["else"]


def test_where_nothing_can_be_made_that_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(OSError, match="file"), scratch_below(tmp_path / "file" / "below"):
        pass


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - of what is there, no names are wanted
    with scratch_below(tmp_path):
        pass
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208
