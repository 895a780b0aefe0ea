"""Commands by older names: what each does now."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result

from dl_lit.cli import cli
from tests.fakes.scenario import Scenario

ROOT = Path(__file__).parents[3]


def dl_lit(*arguments: str, given: str | None = None) -> Result:
    result = CliRunner().invoke(cli, arguments, input=given)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str, given: str | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(dl_lit(*arguments, given=given).stdout)
    return found


def test_export_bibtex_writes_and_looks_for_the_pdfs(filled: Scenario, folder: Path) -> None:
    """A PDF that is gone is told, unless nobody is to look."""
    out = folder / "library.bib"
    ((path,),) = filled.rows("SELECT file_path FROM downloaded_references LIMIT 1")
    (filled.library / path).unlink(missing_ok=True)
    result = dl_lit("export-bibtex", str(out))
    assert (result.exit_code, f"not in the library: {path}" in result.stderr) == (3, True)
    assert "file = {" in out.read_text()
    assert dl_lit("export-bibtex", "--skip-pdf-check", str(out)).exit_code == 0


def test_the_merge_log_has_merges_and_duplicates(filled: Scenario) -> None:
    everything = document("merge-log", "--json")["log"]
    assert {one["action"] for one in everything} == {"merged", "duplicate"}
    assert [one["at"] for one in everything] == sorted((one["at"] for one in everything), reverse=True)
    only = document("merge-log", "--json", "--table", "duplicate_references", "--limit", "1")["log"]
    assert [one["action"] for one in only] == ["duplicate"]
    assert only[0]["what"].startswith("e")
    assert dl_lit("merge-log", "--action", "undone").stdout == "nothing of that kind\n"


def test_a_sample_has_rows_of_every_table_that_has_some(filled: Scenario) -> None:
    tables = document("show-sample", "--json", "--limit", "1")["tables"]
    assert {"sources", "entries", "works"} <= set(tables)
    assert all(len(rows) == 1 for rows in tables.values())
    assert "downloaded_references" in dl_lit("show-sample").stdout


def test_failures_are_put_back_whatever_the_reason(filled: Scenario) -> None:
    """Those of each stage by the name that people know."""
    failed = filled.rows("SELECT count(*) FROM failed_enrichments")[0][0]
    told = document("retry-failed-enrichments", "--json")
    assert told["put_back"]["enrichment"] == told["total"] == failed > 0
    told = document("retry-failed-downloads", "--json")
    assert told["total"] == told["put_back"]["queueing"] + told["put_back"]["download"] > 0


def test_references_that_another_program_read_wait_to_be_recognised(folder: Path) -> None:
    """Objects with the usual names; those that name nothing are told."""
    references = [
        {"title": "On gravel", "authors": ["Lee, Ann", {"family": "Ruiz"}], "year": "2001", "journal": "Shores"},
        {"raw": "Kok 1999, doi:10.1000/x", "doi": "10.1000/x", "authors": "Ann Lee and Bo Kok"},
        {},
        "no object",
    ]
    (folder / "a.json").write_text(json.dumps({"references": references}))
    result = dl_lit("add-to-no-metadata", "--json-file", str(folder / "a.json"), "--source-pdf", "paper.pdf")
    assert (result.exit_code, result.stderr.count("names no work")) == (3, 2)
    with Scenario(folder) as scenario:
        assert scenario.rows("SELECT path, found_references FROM sources") == [("paper.pdf", 2)]
        read = [json.loads(text) for (text,) in scenario.rows("SELECT reference FROM entries ORDER BY position")]
    assert [one["container_title"] for one in read] == ["Shores", None]
    assert [name["family"] for one in read for name in one["authors"]] == ["Lee", "Ruiz", "Lee", "Kok"]
    assert dl_lit("add-to-no-metadata", "--json-file", "-", given="{").exit_code == 3


def test_references_are_recognised_without_a_database(folder: Path) -> None:
    """Offline with nothing remembered each says why it is not."""
    found = document(
        "enrich-openalex", "-", "--offline", given=json.dumps([{"title": "On gravel", "doi": "10.1000/x"}])
    )
    (one,) = found["references"]
    assert (one["work"], one["reason"], one["reference"]["doi"]) == (None, "offline", "10.1000/x")
    assert (found["recognised"], found["requests"]) == (0, {})
    assert not (folder / "dl-lit.db").exists()


def test_pages_with_lists_are_cut_out(folder: Path) -> None:
    """One PDF for each list, named by the physical page on which it begins."""
    paper = ROOT / "dl_lit" / "demo" / "samples" / "03-genome-assembly.pdf"
    found = document("extract-bib-pages", str(paper), "--output-dir", str(folder / "out"), "--json")
    (one,) = found["documents"]
    assert [Path(each["path"]).name for each in one["lists"]] == [
        f"03-genome-assembly_refs_physical_p{each['first_page']}.pdf" for each in one["lists"]
    ]
    assert len(one["lists"]) == 1
    assert all(Path(each["path"]).read_bytes().startswith(b"%PDF") for each in one["lists"])
    assert {path.suffix for path in (folder / "out").iterdir()} == {".pdf"}


def test_a_pdf_without_a_list_is_told(folder: Path) -> None:
    (folder / "in").mkdir()
    (folder / "in" / "a.pdf").write_bytes(b"%PDF-1.4 nothing")
    result = dl_lit("extract-bib-pages", str(folder / "in"), "--output-dir", str(folder / "out"))
    assert (result.exit_code, "a.pdf: damaged-pdf" in result.stderr) == (3, True)
    assert not (folder / "out").exists()


def test_a_watched_folder_has_an_interval(folder: Path) -> None:
    """What does not go together is said."""
    assert dl_lit("process-folder", str(folder), "--interval", "5").exit_code == 2
    assert dl_lit("process-folder", str(folder), "--watch", "--dry-run").exit_code == 2
    assert dl_lit("process-folder", str(folder / "none")).exit_code == 2
