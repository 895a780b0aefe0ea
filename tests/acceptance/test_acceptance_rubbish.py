"""What the command line says to rubbish: one line on standard error, the right exit code, and no traceback."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fakes.databases import ON_POSTGRES
from tests.fakes.program import Ended, Home, Papers, replica_of

RUN = ("process-folder-concurrent", "--quiet", "--json")
READ_ONLY = Path("/proc/1/nowhere")  # nobody can make a folder there


@pytest.fixture
def home(make_home: Callable[..., Home]) -> Home:
    return make_home(None)


def assert_one_line(ended: Ended, code: int, *words: str) -> None:
    assert ended.code == code, ended
    assert ended.out == ""
    (line,) = ended.err.strip().splitlines()
    assert line.startswith("dl-lit: ")
    assert all(word in line for word in words), line


@pytest.mark.parametrize("command", ["process-folder-concurrent", "watch-folder-concurrent"])
def test_a_folder_that_is_not_there(home: Home, command: str) -> None:
    assert_one_line(home.run(command, home.folder / "missing"), 2, "missing", "does not exist")
    assert not home.has_database


@pytest.mark.parametrize("command", ["process-folder-concurrent", "watch-folder-concurrent"])
def test_a_file_in_the_place_of_a_folder(home: Home, four_papers: Papers, command: str) -> None:
    pdf = next(four_papers.folder.glob("*.pdf"))
    assert_one_line(home.here(command, pdf), 2, pdf.name, "is not a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read(home: Home, tmp_path: Path) -> None:
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o000)
    assert_one_line(home.here(*RUN, locked), 2, "locked", "Permission denied")


def test_a_pdf_that_is_not_there(home: Home) -> None:
    assert_one_line(home.here("process-pdf-concurrent", "missing.pdf"), 2, "missing.pdf")


@pytest.mark.sqlite_only
def test_a_database_that_is_a_folder(home: Home, four_papers: Papers, tmp_path: Path) -> None:
    ended = home.here(*RUN, four_papers.folder, "--db", tmp_path)
    assert_one_line(ended, 1, str(tmp_path))


@pytest.mark.sqlite_only
def test_a_database_that_is_no_database(home: Home, four_papers: Papers, tmp_path: Path) -> None:
    """It is left as it was."""
    letter = tmp_path / "letter.txt"
    letter.write_text("Dear editor, " * 100)
    assert_one_line(home.run(*RUN, four_papers.folder, "--db", letter), 1, "letter.txt")
    assert_one_line(home.here("status", "--db", letter), 1, "letter.txt")
    assert letter.read_text() == "Dear editor, " * 100


def test_a_database_of_a_newer_version(home: Home, four_papers: Papers) -> None:
    assert home.here("init-db").code == 0
    home.change(
        "UPDATE migrations SET number = '9999'" if ON_POSTGRES else "UPDATE alembic_version SET version_num = '9999'"
    )
    assert_one_line(home.here(*RUN, four_papers.folder), 1, "9999")
    assert_one_line(home.here("status"), 1, "9999")


@pytest.mark.parametrize("option", ["--db", "--library"])
def test_a_place_that_cannot_be_written_to(home: Home, four_papers: Papers, option: str) -> None:
    ended = home.here(*RUN, four_papers.folder, option, READ_ONLY / "dl-lit")
    assert_one_line(ended, 1, str(READ_ONLY))


def test_a_library_that_is_a_file(home: Home, four_papers: Papers, tmp_path: Path) -> None:
    (tmp_path / "library").write_text("not a folder")
    assert_one_line(home.here(*RUN, four_papers.folder, "--library", tmp_path / "library"), 1, "library")


def test_settings_that_make_no_sense_need_configuration(home: Home, four_papers: Papers) -> None:
    ended = home.here(*RUN, four_papers.folder, WORKERS_DOWNLOAD="many")
    assert_one_line(ended, 6, "DL_LIT_WORKERS_DOWNLOAD")


def test_an_empty_folder_is_all_done(home: Home, tmp_path: Path) -> None:
    (tmp_path / "nothing").mkdir()
    ended = home.here(*RUN, tmp_path / "nothing")
    assert ended.code == 0, ended.err
    assert ended.document["sources"] == 0


def test_a_disk_that_is_full_loses_nothing(four_papers: Papers, make_home: Callable[..., Home], tmp_path: Path) -> None:
    """The library lies on a disk for a few files only: the run ends with 3, and with room the next one completes."""
    small, first = tmp_path / "small", tmp_path / "first.json"
    small.mkdir()
    mount = f"mount -t tmpfs -o size=120k tmpfs {small} || exit 99"
    if subprocess.run(["unshare", "-m", "sh", "-c", mount], check=False, capture_output=True).returncode != 0:
        pytest.skip("no disk of a given size can be made here")
    with replica_of(four_papers.records, latency_s=0.0) as replica:
        home = make_home(replica, DISK_DOWNLOADS_PAUSE_BELOW_MB=0, DISK_EVERYTHING_BELOW_MB=0, ENGINE_OUTLOOK_S=2)
        home.folder.mkdir()
        run = (
            f'"{sys.executable}" -m dl_lit process-folder-concurrent "{four_papers.folder}" --json --quiet --no-report'
        )
        both = f'{mount}; {run} > {first} || echo "$?" >&2; mount -o remount,size=9m {small}; exec {run}'
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", both],
            env=home.env(LIBRARY=small), capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.stderr == "3\n"
    document = json.loads(first.read_text())
    assert 0 < document["downloaded"] < len(four_papers.records)
    assert document["downloaded"] + document["waiting"]["download"] == len(four_papers.records)
    assert not any(document["failed"].values())
    assert done.returncode == 0
    assert json.loads(done.stdout)["downloaded"] == len(four_papers.records)
