"""Names and things that no one should have in a folder of PDFs: each ends with a reason, and none ends the run."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.program import Home, Papers

DEADLINE_S = 60.0


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home(None, OFFLINE="1")  # what is cited is nobody's business here


@pytest.fixture
def folder(tmp_path: Path, four_papers: Papers) -> Path:
    """Papers under strange names, and what only bears the name of one."""
    found = tmp_path / "strange"
    found.mkdir()
    papers = sorted(four_papers.folder.glob("*.pdf"))
    for paper, name in zip(
        papers, (b"not\xffutf8.pdf", b"-dash.pdf", b"new\nline.pdf", b"esc\x1b[31m.pdf"), strict=True
    ):
        shutil.copy(paper, found / os.fsdecode(name))
    os.mkfifo(found / "pipe.pdf")
    (found / "endless.pdf").symlink_to("/dev/zero")
    (found / "loop.pdf").symlink_to("loop.pdf")
    (found / "folder.pdf").mkdir()
    (found / "empty.pdf").touch()
    return found


def test_a_run_reads_what_is_a_pdf_and_names_what_is_not(home: Home, folder: Path, four_papers: Papers) -> None:
    begun = time.monotonic()
    ended = home.run("process-folder-concurrent", "--quiet", "--json", folder)
    assert time.monotonic() - begun < DEADLINE_S
    assert "Traceback" not in ended.err
    document = json.loads(ended.out)
    assert document["sources"] == 8
    assert document["references"] == 4 * four_papers.size
    assert document["failed"]["extraction"] == {"empty-file": 1, "unreadable-file": 2, "vanished": 1}
    told = home.here("explain", folder / os.fsdecode(b"not\xffutf8.pdf"))
    assert told.code == 0, told
    assert "not\\xffutf8.pdf" in told.out


def test_extract_reads_no_pipe_and_no_device(home: Home, folder: Path) -> None:
    ended = home.here("extract", "--json", folder / "pipe.pdf", folder / "endless.pdf")
    assert ended.code == 3
    documents = json.loads(ended.out)["documents"]
    assert [one["error"] for one in documents] == ["unreadable-file", "unreadable-file"]
    assert [one["sha256"] for one in documents] == [None, None]
