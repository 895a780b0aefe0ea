"""Importing: bibliographies with their PDFs, lists, what is named twice, and going to work."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.lock import PipelineLock
from dl_lit.cli import cli
from dl_lit.cli.importing import content_of
from dl_lit.core.errors import BadInput
from tests.fakes import databases
from tests.fakes.databases import database_in
from tests.fakes.scenario import HandClock, Scenario, typical

BIB = """\
@article{Lee2001, title = {On the sorting of gravel}, author = {Lee, Ann}, year = 2001, doi = {10.1000/gravel},
  file = {:papers/lee.pdf:PDF;notes:notes.html:text/html}}
@article{lee-again, title = {On the sorting of gravel}, author = {Lee, A.}, year = 2001, file = {gone.pdf}}
@article{untitled, doi = {10.1000/other}, file = {C\\:\\\\Users\\\\lee\\\\papers\\\\kelp.pdf}}
@misc{empty,}
"""


def dl_lit(*arguments: str, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, arguments, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str, given: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dl_lit(*arguments, "--json", given=given).stdout)
    return found


def rows(folder: Path, query: str) -> list[tuple[Any, ...]]:
    return databases.rows(database_in(folder), query)


def bibliography(folder: Path) -> Path:
    """A .bib file beside some of its PDFs."""
    (folder / "papers").mkdir()
    (folder / "papers" / "lee.pdf").write_bytes(b"%PDF-1.4")
    (folder / "mine.bib").write_text(BIB)
    return folder / "mine.bib"


def test_a_bibliography_brings_its_pdfs_and_its_keys(folder: Path) -> None:
    """Those that are there wait for their works; those that are not are told, and what is no PDF is left alone."""
    (one,) = document("import-bib", str(bibliography(folder)))["files"]
    assert (one["entries"], one["pdfs"], one["other_files"]) == (4, 1, 1)
    assert [missing["path"] for missing in one["missing"]] == ["gone.pdf", "C:\\Users\\lee\\papers\\kelp.pdf"]
    assert rows(folder, "SELECT entry_id, path, handed_in FROM brought_files") == [
        (1, str(folder / "papers" / "lee.pdf"), None)
    ]
    assert rows(folder, "SELECT citation_key FROM entries ORDER BY position") == [
        *(("Lee2001",), ("lee-again",), ("untitled",), ("empty",)),
    ]
    assert rows(folder, "SELECT reference ->> '$.raw' FROM entries WHERE position = 4") == [("[no title] empty",)]
    told = " ".join(dl_lit("explain", "e1").stdout.split())
    assert f"came with: {folder}/papers/lee.pdf (waits until the work is known)" in told
    hints = document("inspect-tables")["hints"]
    assert "1 PDF that came with a bibliography waits until it is known which works they are of" in hints


def test_the_folder_of_the_pdfs_may_be_named_later_and_be_another_machine_s(folder: Path) -> None:
    """The same bibliography again adds no entry, but files that are found now."""
    file = bibliography(folder)
    document("import-bib", str(file))
    (folder / "moved").mkdir()
    (folder / "moved" / "kelp.pdf").write_bytes(b"%PDF-1.4")
    (again,) = document("import-bib", str(file), "--pdf-base-dir", str(folder / "moved"))["files"]
    assert (again["new"], again["pdfs"], len(again["missing"])) == (False, 2, 1)
    assert rows(folder, "SELECT count(*) FROM brought_files") == [(2,)]
    assert rows(folder, "SELECT count(*) FROM entries") == [(4,)]
    told = dl_lit("import-bib", str(file), "--pdf-base-dir", str(folder / "nowhere"))
    assert (told.exit_code, "--pdf-base-dir" in told.stderr) == (2, True)


def test_what_is_named_twice_is_counted_and_told(folder: Path) -> None:
    """Within a file, and beside what the database has: both entries are kept and recognised each by itself."""
    result = dl_lit("import-bib", str(bibliography(folder)))
    assert "1 of works that are known already, or named twice" in result.stdout
    assert "mine.bib:3: line 1 (by title-author-year)" in result.stderr
    with Scenario(folder) as scenario:
        typical(scenario)
        (doi,) = scenario.rows("SELECT doi FROM works WHERE doi IS NOT NULL ORDER BY id LIMIT 1")[0]
    (one,) = document("import-list", "-", given=f"{doi}\n10.1000/new\n")["files"]
    assert [(each["line"], each["matched_on"]) for each in one["duplicates"]] == [(1, "doi")]
    assert one["duplicates"][0]["of"].startswith("w")


def test_a_list_is_a_source_of_its_kind_and_each_odd_line_is_told(folder: Path) -> None:
    """From a file or from standard input."""
    result = dl_lit("import-list", "-", given="# mine\n10.1000/a\nhuh\narXiv:1706.03762\n")
    assert result.exit_code == 3
    assert "standard input:3: left out: neither an identifier nor a title: huh" in result.stderr
    assert "2 entries added as s1, 1 left out" in result.stdout
    assert rows(folder, "SELECT path, kind, state, found_references FROM sources") == [
        ("standard input", "list", "extracted", 2)
    ]
    (folder / "again.txt").write_text("# mine\n10.1000/a\nhuh\narXiv:1706.03762\n")
    assert "known already as s1" in dl_lit("import-list", str(folder / "again.txt")).stdout


def test_to_work_at_once_is_left_to_whoever_works_on_the_database(folder: Path) -> None:
    """A daemon takes new entries up by itself: that is no failure."""
    database = database_in(folder)
    dl_lit("init-db")
    with PipelineLock(database, "watch-folder-concurrent", HandClock()):
        result = dl_lit("import-list", "-", "--run", "--quiet", given="10.1000/a\n")
    assert result.exit_code == 0, result.output
    assert "takes the entries up by itself" in result.stderr
    assert "1 entry added as s1" in result.stdout


def test_a_file_too_large_to_be_a_bibliography_is_refused_before_it_fills_the_memory(tmp_path: Path) -> None:
    (tmp_path / "large.bib").write_bytes(b"x" * 11)
    with pytest.raises(BadInput, match="larger than"):
        content_of(tmp_path / "large.bib", most=10)
    assert content_of(tmp_path / "large.bib", most=11).data == b"x" * 11
