"""PDFs that come with an imported bibliography: each is proven against its own entry's work, none is believed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from db.connect import connect
from db.intake import add_entries
from dl_lit.app.deciding.brought_files import BroughtFiles
from dl_lit.core.model import Name, Reference, Work
from dl_lit.core.store import NewSource, SourceKind
from dl_lit.library.folder import FolderLibrary
from dl_lit.pdf.reader import ChildChecker
from dl_lit.replica.pdfs import make_pdf
from dl_lit.replica.records import Person, Record
from tests.fakes.scenario import Scenario, work

KELP, GRAVEL = "A survey of kelp along northern shores", "On the sorting of gravel by long waves"


@pytest.fixture(scope="module")
def checker() -> Iterator[ChildChecker]:
    with ChildChecker(1) as checker:
        yield checker


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as scenario:
        yield scenario


@pytest.fixture
def files(scenario: Scenario, checker: ChildChecker) -> Iterator[BroughtFiles]:
    library = FolderLibrary(scenario.library, scenario.clock)
    files = BroughtFiles(scenario.path, library, checker, scenario.clock, synchronous="NORMAL")
    yield files
    files.close()


def pdf_of(title: str, path: Path) -> Path:
    record = Record(position=0, title=title, authors=(Person("Lovelace", "Ada"),), year=2017, container="Journal")
    path.write_bytes(make_pdf(record))
    return path


def imported(scenario: Scenario, *brought: Path) -> None:
    """A bibliography with one entry, which is recognised, and these files."""
    engine = connect(scenario.path, synchronous="NORMAL")
    entry = Reference(position=1, raw=KELP, title=KELP, authors=(Name("Lovelace", "Ada"),), year=2017)
    source = NewSource("/mine.bib", "e" * 64, 10, SourceKind.BIBLIOGRAPHY)
    add_entries(engine, source, [entry], scenario.clock, {1: [str(path) for path in brought]})
    engine.dispose()
    scenario.store.notice()


def ends(scenario: Scenario) -> list[tuple[str, str]]:
    return [
        (Path(path).name, ended)
        for path, ended in scenario.rows("SELECT path, handed_in FROM brought_files ORDER BY path")
    ]


def kelp() -> Work:
    return work(KELP)


def test_a_file_waits_for_its_work_and_then_is_in_the_library(
    scenario: Scenario, files: BroughtFiles, tmp_path: Path
) -> None:
    """The entry is recognised first; the file itself stays where it is."""
    file = pdf_of(KELP, tmp_path / "a.pdf")
    imported(scenario, file)
    assert (files.hand_in(), files.waiting()) == (0, 1)
    scenario.resolve(1, kelp())
    assert (files.hand_in(), files.waiting()) == (1, 0)
    assert ends(scenario) == [("a.pdf", "taken")]
    assert scenario.rows("SELECT work_id, source_of_download FROM downloaded_references") == [(1, "hand-in")]
    assert file.is_file()
    assert files.hand_in() == 0


def test_another_work_s_file_is_refused_and_what_is_gone_is_missing(
    scenario: Scenario, files: BroughtFiles, tmp_path: Path
) -> None:
    """Reference managers attach the wrong file now and then: the work goes on waiting for its own."""
    broken = tmp_path / "c.pdf"
    broken.write_bytes(b"no PDF at all")
    imported(scenario, pdf_of(GRAVEL, tmp_path / "a.pdf"), tmp_path / "b.pdf", broken)
    scenario.resolve(1, kelp())
    assert files.hand_in() == 3
    assert ends(scenario) == [("a.pdf", "unknown"), ("b.pdf", "missing"), ("c.pdf", "unreadable")]
    assert scenario.rows("SELECT count(*) FROM downloaded_references") == [(0,)]
    assert scenario.rows("SELECT count(*) FROM with_metadata") == [(1,)]
    ((detail,),) = scenario.rows("SELECT detail FROM brought_files WHERE handed_in = 'unknown'")
    assert detail.startswith("is not w1")


def test_a_second_file_of_a_work_that_has_its_own_is_known(
    scenario: Scenario, files: BroughtFiles, tmp_path: Path
) -> None:
    imported(scenario, pdf_of(KELP, tmp_path / "a.pdf"), pdf_of(KELP + ".", tmp_path / "b.pdf"))
    scenario.resolve(1, kelp())
    assert files.hand_in() == 2
    assert ends(scenario) == [("a.pdf", "taken"), ("b.pdf", "known")]


def test_what_nothing_on_the_pages_bears_out_is_for_review(
    scenario: Scenario, files: BroughtFiles, tmp_path: Path
) -> None:
    """A scan may well be it, but only the bibliography says so."""
    scan = tmp_path / "scan.pdf"
    page = Image.effect_noise((600, 800), 90)  # a picture of something that nobody can read
    page.save(scan, "PDF", save_all=True, append_images=[page] * 5, resolution=100)
    imported(scenario, scan)
    scenario.resolve(1, kelp())
    assert files.hand_in() == 1
    assert ends(scenario) == [("scan.pdf", "needs-review")]
    assert scenario.rows("SELECT needs_review FROM failed_downloads WHERE work_id = 1") == [(1,)]


def test_stopping_leaves_the_rest_waiting(scenario: Scenario, files: BroughtFiles, tmp_path: Path) -> None:
    imported(scenario, pdf_of(KELP, tmp_path / "a.pdf"))
    scenario.resolve(1, kelp())
    assert (files.hand_in(lambda: True), files.waiting()) == (0, 1)
