"""Files that people hand in, against a real database, library and child process."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine

from db.connect import connect
from db.handing_in import take_in
from dl_lit import logs
from dl_lit.app.care.left_over import written_down
from dl_lit.app.deciding.handing_in import HandIn, State
from dl_lit.app.recognising import RECOGNISER
from dl_lit.cli import cli
from dl_lit.core.errors import BadInput, FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Name, Work
from dl_lit.library.folder import FolderLibrary
from dl_lit.pdf.reader import ChildChecker
from dl_lit.replica.pdfs import make_pdf
from dl_lit.replica.records import Person, Record
from dl_lit.runtime.watching.wanted import Wanted
from tests.fakes.engine import downloaded
from tests.fakes.scenario import Scenario, typical

CLOSED, WALL = "w2", "w4"  # of `typical`: failed in queueing and in download


@pytest.fixture(scope="module")
def checker() -> Iterator[ChildChecker]:
    with ChildChecker(1) as checker:
        yield checker


@pytest.fixture
def filled(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as scenario:
        typical(scenario)
        yield scenario


@pytest.fixture
def desk(filled: Scenario, checker: ChildChecker) -> Iterator[HandIn]:
    library = FolderLibrary(filled.library, filled.clock)
    desk = HandIn(filled.path, library, checker, filled.clock, synchronous="NORMAL")
    yield desk
    desk.close()


@contextmanager
def connected(filled: Scenario) -> Iterator[Engine]:
    engine = connect(filled.path, synchronous="NORMAL")
    try:
        yield engine
    finally:
        engine.dispose()


def pdf_of(work: Work, path: Path) -> Path:
    """A PDF whose first page names the work."""
    people = tuple(Person(name.family or "", name.given) for name in work.authors)
    record = Record(position=0, title=work.title, doi=work.doi, authors=people, year=work.year, container="Journal")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(make_pdf(record))
    return path


def lovelace(title: str, doi: str | None = None) -> Work:
    return Work(title=title, doi=doi, authors=(Name("Lovelace", "Ada"),), year=2017)


def test_a_file_takes_the_place_of_the_one_that_could_not_be_had(
    desk: HandIn, filled: Scenario, tmp_path: Path
) -> None:
    file = pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "in" / "download (3).pdf")
    handed = desk.take(file, move=True)
    assert (handed.state, handed.work_id) == (State.TAKEN, 4), handed
    assert filled.rows("SELECT status, source_of_download FROM downloaded_references WHERE work_id = 4") == [
        ("ok", "hand-in")
    ]
    assert filled.rows("SELECT count(*) FROM failed_downloads WHERE work_id = 4") == [(0,)]
    assert filled.rows("SELECT count(*) FROM to_download_references") == [(0,)]
    assert handed.library_path is not None
    assert (filled.library / handed.library_path).is_file()
    assert not list((filled.library / ".incoming").iterdir()), "neither parts nor receipts are left"
    assert not file.exists()
    assert (tmp_path / "in" / "taken" / file.name).is_file()
    again = desk.take(tmp_path / "in" / "taken" / file.name)
    assert again.state is State.KNOWN


class OvertakenLibrary(FolderLibrary):
    """While a file is put into it, a download brings the same one, and its row is written first."""

    def __init__(self, filled: Scenario) -> None:
        super().__init__(filled.library, filled.clock)
        self._filled = filled

    def place(self, work_id: int, *told: Any, **more: Any) -> Downloaded:
        facts = super().place(work_id, *told, **more)
        with connected(self._filled) as engine:
            take_in(engine, work_id, facts, RECOGNISER, self._filled.clock, decision="downloaded")
        return facts


def test_a_file_that_a_download_brings_meanwhile_stays_in_the_library(
    filled: Scenario, checker: ChildChecker, tmp_path: Path
) -> None:
    desk = HandIn(filled.path, OvertakenLibrary(filled), checker, filled.clock, synchronous="NORMAL")
    handed = desk.take(pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "a.pdf"))
    desk.close()
    assert handed.state is State.KNOWN
    ((path,),) = filled.rows("SELECT file_path FROM downloaded_references WHERE work_id = 4")
    assert (filled.library / path).is_file()


def test_a_download_that_comes_too_late_leaves_no_file_without_a_row(
    desk: HandIn, filled: Scenario, tmp_path: Path
) -> None:
    """The pipeline had the work in hand while a person handed its PDF in."""
    library = FolderLibrary(filled.library, filled.clock)
    late = downloaded(4, path="late.pdf")
    (filled.library / late.path).write_bytes(b"%PDF-1.7 another copy")
    handed = desk.take(pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "a.pdf"))
    assert handed.library_path is not None
    for facts in (late, replace(late, path=handed.library_path)):
        written_down(filled.store, library, 4, facts)
    assert not (filled.library / late.path).exists()
    assert (filled.library / handed.library_path).is_file()


def test_what_nobody_waits_for_stays_and_is_looked_at_again_when_others_wait(
    desk: HandIn, filled: Scenario, tmp_path: Path
) -> None:
    file = pdf_of(lovelace("On the motion of gravel under breaking waves", "10.1000/gravel"), tmp_path / "gravel.pdf")
    assert desk.take(file).state is State.UNKNOWN
    assert desk.again() == []
    (source,) = filled.add("later.pdf")
    (entry,) = filled.extract(source, ["On the motion of gravel under breaking waves"])
    work_id = filled.resolve(entry, lovelace("On the motion of gravel under breaking waves", "10.1000/gravel"))
    (handed,) = desk.again()
    assert (handed.state, handed.work_id) == (State.TAKEN, work_id)
    assert filled.rows("SELECT count(*) FROM with_metadata") == [(0,)]
    assert desk.again() == []


def test_a_person_can_say_which_work_it_is(desk: HandIn, filled: Scenario, tmp_path: Path) -> None:
    file = pdf_of(lovelace("Something else altogether, unlike the others"), tmp_path / "a.pdf")
    assert desk.take(file, work_id=2).state is State.TAKEN
    evidence = filled.rows("SELECT proof FROM downloaded_references WHERE work_id = 2")[0][0]
    assert "a person handed it in" in evidence
    with pytest.raises(BadInput, match="w1 waits for no PDF"):
        desk.take(pdf_of(lovelace("Yet another title of some length"), tmp_path / "b.pdf"), work_id=1)


def test_rubbish_is_told_and_left(desk: HandIn, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_text("<html>Please log in</html>")
    handed = desk.take(page, move=True)
    assert (handed.state, page.exists()) == (State.UNREADABLE, True)
    assert handed.reason is not None
    assert desk.take(tmp_path / "gone.pdf").state is State.UNREADABLE


def test_the_command_tells_what_became_of_each_file(
    filled: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in os.environ if name.startswith(("DL_LIT_", "XDG_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("DL_LIT_DB", str(filled.path))
    monkeypatch.setenv("DL_LIT_LIBRARY", str(filled.library))
    pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "in" / "a.pdf")
    (tmp_path / "in" / "b.pdf").write_bytes(b"nothing")
    lost = CliRunner().invoke(cli, ["hand-in", str(tmp_path / "in")])
    assert (lost.exit_code, "not mounted?" in lost.stderr) == (1, True), "the library's folder has never been one"
    (filled.library / ".incoming").mkdir()
    result = CliRunner().invoke(cli, ["hand-in", str(tmp_path / "in"), "--json"])
    logs.close()
    assert result.exit_code == 3
    files = json.loads(result.stdout)["files"]
    assert [(Path(one["path"]).name, one["state"], one["work"]) for one in files] == [
        ("a.pdf", "taken", 4),
        ("b.pdf", "unreadable", None),
    ]
    assert CliRunner().invoke(cli, ["hand-in", str(tmp_path / "in"), "--work", "w2"]).exit_code == 2
    copy = filled.library / files[0]["library_path"]
    given = tmp_path / "in" / "a.pdf"
    given.rename(tmp_path / "kept")
    assert "not to be the last one" in CliRunner().invoke(cli, ["undo"]).stderr
    assert copy.exists()
    (tmp_path / "kept").rename(given)
    assert CliRunner().invoke(cli, ["undo"]).stdout == "undone: a PDF handed in for w4\n"
    assert not copy.exists()
    assert filled.rows("SELECT work_id FROM failed_downloads WHERE work_id = 4") == [(4,)]


def test_a_file_that_the_disk_refused_is_tried_again(desk: HandIn, filled: Scenario, tmp_path: Path) -> None:
    file = pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "a.pdf")
    filled.library.rename(tmp_path / "away")
    with pytest.raises(FetchError):
        desk.take(file)
    (tmp_path / "away").rename(filled.library)
    (handed,) = desk.again()
    assert (handed.state, handed.work_id) == (State.TAKEN, 4)
    assert desk.again() == []


def test_a_work_that_waits_in_the_place_of_another_is_seen(desk: HandIn, filled: Scenario, tmp_path: Path) -> None:
    """As many wait as before, but another one."""
    title = "On the motion of gravel under breaking waves"
    file = pdf_of(lovelace(title, "10.1000/gravel"), tmp_path / "gravel.pdf")
    assert desk.take(file).state is State.UNKNOWN
    (source,) = filled.add("later.pdf")
    (entry,) = filled.extract(source, [title])
    filled.resolve(entry, lovelace(title, "10.1000/gravel"))
    filled.sql("DELETE FROM failed_downloads WHERE work_id = 4")
    assert [one.state for one in desk.again()] == [State.TAKEN]


def test_what_is_written_into_copies_does_not_hide_that_a_file_is_known(
    filled: Scenario, checker: ChildChecker, tmp_path: Path
) -> None:
    library = FolderLibrary(filled.library, filled.clock, annotate=checker.annotate)
    desk = HandIn(filled.path, library, checker, filled.clock, synchronous="NORMAL")
    try:
        file = pdf_of(lovelace("Behind a wall", "10.1000/wall"), tmp_path / "a.pdf")
        handed = desk.take(file)
        assert handed.library_path is not None
        assert (filled.library / handed.library_path).read_bytes() != file.read_bytes()
        assert desk.take(file).state is State.KNOWN
    finally:
        desk.close()


def test_what_has_been_taken_is_not_wanted_again(tmp_path: Path) -> None:
    is_wanted = Wanted(tmp_path).takes_file
    assert is_wanted(tmp_path / "a.pdf")
    assert is_wanted(tmp_path / "sub" / "a.PDF")
    for kept_out in ("taken/a.pdf", "sub/taken/a.pdf", ".hidden/a.pdf", "completed/a.pdf", "~a.pdf", "a.txt"):
        assert not is_wanted(tmp_path / kept_out)
