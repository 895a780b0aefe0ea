"""The commands that ask the database: data on standard output, one line and an exit code for what is wrong."""

from __future__ import annotations

import csv
import io
import json
import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from db.lock import PipelineLock
from dl_lit.cli import cli
from dl_lit.cli.explain import due
from dl_lit.cli.paragraphs import page_width
from dl_lit.core.model import Coverage, Name, ShortForm
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME
from dl_lit.exports.reason_text import REASON_TEXT
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.scenario import HandClock, Scenario
from tests.fakes.terminal import on_a_terminal

ROOT = Path(__file__).parents[3]


def dl_lit(*arguments: str) -> Result:
    result = CliRunner().invoke(cli, arguments)
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: str) -> dict[str, Any]:
    return json.loads(dl_lit(*arguments, "--json").stdout)


def test_init_db_makes_a_database_once(folder: Path) -> None:
    assert document("init-db")["done"] == "created"
    again = document("init-db")
    assert (again["schema"], again["done"]) == ("dl-lit/init-db/1", "present")
    assert "is up to date" in dl_lit("init-db").stdout


@pytest.mark.sqlite_only  # servers: tests/unit/db/test_postgres_migrating.py
def test_init_db_brings_an_older_database_up_to_date_after_a_backup(folder: Path) -> None:
    from db.connect import migrate  # noqa: PLC0415

    migrate(folder / "dl-lit.db", "0001")
    said = document("init-db")
    assert said["done"] == "upgraded"
    assert [Path(said["backup"]).name] == [path.name for path in folder.glob("dl-lit.db.before-0001-*")]


@pytest.mark.sqlite_only
def test_an_older_database_is_refused_with_the_command_that_upgrades_it(folder: Path) -> None:
    from db.connect import migrate  # noqa: PLC0415

    migrate(folder / "dl-lit.db", "0001")
    said = dl_lit("status").stderr
    assert "dl-lit init-db --db " in said
    assert "dl-lit.db" in said.split("--db ")[1]
    assert "as it was before it is in " in dl_lit("init-db").stdout


@pytest.mark.sqlite_only
def test_init_db_does_not_upgrade_under_a_running_pipeline(folder: Path) -> None:
    from db.connect import migrate  # noqa: PLC0415

    migrate(folder / "dl-lit.db", "0001")
    with PipelineLock(folder / "dl-lit.db", "watch", HandClock()):
        result = dl_lit("init-db")
    assert result.exit_code == 4
    assert "is being worked on" in result.stderr


@pytest.mark.sqlite_only
def test_init_db_leaves_a_foreign_database_alone(folder: Path) -> None:
    with sqlite3.connect(folder / "dl-lit.db") as foreign:
        foreign.execute("CREATE TABLE mine (x)")
    foreign.close()
    result = dl_lit("init-db")
    assert (result.exit_code, result.stdout) == (1, "")
    assert "not dl_lit's" in result.stderr


@pytest.mark.parametrize(
    "command",
    [
        *(["status"], ["explain", "1"], ["retry"], ["merges"], ["unmerge", "1"]),
        *(["export"], ["inspect-tables"], ["serve"]),
    ],
)
def test_without_a_database_there_is_one_line_that_says_what_to_do(folder: Path, command: list[str]) -> None:
    result = dl_lit(*command)
    assert (result.exit_code, result.stdout) == (1, "")
    assert "dl-lit init-db" in result.stderr
    assert result.stderr.count("\n") == 1
    assert not (folder / "dl-lit.db").exists()


def test_status_as_json(filled: Scenario) -> None:
    found = document("status")
    assert found["schema"] == "dl-lit/status/1"
    assert [one["stage"] for one in found["stages"]] == ["extraction", "enrichment", "queueing", "download"]
    assert found["stages"][1]["failed"] == {"no-match": 1}
    assert found["hints"]


def test_status_names_who_is_at_work(filled: Scenario) -> None:
    with PipelineLock(filled.path, "watch-folder-concurrent /inbox", HandClock()):
        assert f"process {os.getpid()} " in document("status")["worked_on_by"]


def test_status_for_people(filled: Scenario) -> None:
    text = dl_lit("status").stdout
    assert "failed in download: 1 blocked-paywall" in text
    assert "3 sources, 7 entries, 3 works" in text
    assert "\x1b" not in text


def test_inspect_tables(filled: Scenario) -> None:
    assert document("inspect-tables")["tables"]["entries"] == 7
    rows = document("inspect-tables", "--table", "entries", "--limit", "2")
    assert (rows["schema"], [row["id"] for row in rows["rows"]]) == ("dl-lit/table/1", [7, 6])
    assert dl_lit("inspect-tables", "--table", "sources").stdout.splitlines()[0].startswith("id  path")
    assert dl_lit("inspect-tables", "--table", "passwords").exit_code == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("e1", "file: lovelace_2017_on.pdf (ok, 4 pages, licence cc-by)"),
        ("3", "[1] score 0.40"),
        ("e4", "duplicate: of w1, by doi"),
        ("e5", "needs a decision in enrichment: ambiguous-match"),
        ("e7", " 2026-11-22 12:03:00 UTC because rate-limited"),
        ("s1", "failed in extraction: encrypted-pdf needs a password"),
        ("10.1000/WALL", "open copy: https://repo.example.org/a.pdf (PDF, publishedVersion, by openalex)"),
    ],
)
def test_explain_tells_the_story(filled: Scenario, name: str, told: str) -> None:
    assert told in dl_lit("explain", name).stdout


def test_what_is_due_is_not_said_to_be_put_off() -> None:
    assert due(None, 100.0) == "ready now"
    assert due(101.0, 100.0) == "put off until 1970-01-01 00:01:41 UTC"
    assert due(99.0, 100.0) == "ready since 1970-01-01 00:01:39 UTC"


def test_explain_says_what_one_can_do_about_it(filled: Scenario) -> None:
    text = dl_lit("explain", "w4").stdout
    assert REASON_TEXT[Reason.BLOCKED_PAYWALL].what in text
    assert f"to do: {REASON_TEXT[Reason.BLOCKED_PAYWALL].advice}" in text


def test_explain_as_json(filled: Scenario) -> None:
    (story,) = document("explain", "e1")["stories"]
    assert story["work"]["file"]["path"] == "lovelace_2017_on.pdf"
    assert [one["stage"] for one in story["attempts"]] == ["extraction", "enrichment", "queueing", "download"]


def test_explain_of_nothing_is_a_usage_error(filled: Scenario) -> None:
    result = dl_lit("explain", "e99")
    assert (result.exit_code, result.stdout) == (2, "")


def test_text_from_a_pdf_moves_no_cursor(filled: Scenario) -> None:
    filled.sql("UPDATE entries SET reference = replace(reference, 'Unheard of', 'Un\\u001b[2Jheard\\nof') WHERE id = 3")
    text = dl_lit("explain", "e3").stdout
    assert "\x1b" not in text
    assert "\\x1b[2Jheard of" in text


def test_retry_puts_back_and_says_how_many(filled: Scenario) -> None:
    assert dl_lit("retry").stdout == "nothing to put back: see --reason and --all\n"
    assert document("retry", "--reason", "no-oa-location")["put_back"]["queueing"] == 1
    assert dl_lit("retry", "e3", "w4").stdout.startswith("1 back to enrichment\n1 back to download\n  enrichment ")
    assert document("retry", "--all", "--stage", "extraction")["total"] == 1


def test_retry_by_class_source_age_and_number_tells_each_reason_before_and_after(filled: Scenario) -> None:
    tried = document("retry", "--class", "nothing", "--dry-run")
    assert (tried["dry_run"], tried["total"]) == (True, sum(one["before"] - one["after"] for one in tried["reasons"]))
    assert tried["put_back"] == {"extraction": 0, "enrichment": 1, "queueing": 1, "download": 0}
    assert document("retry", "--class", "nothing", "--dry-run") == tried, "nothing has changed"
    assert document("retry", "--all", "--source", "s99")["total"] == 0
    assert document("retry", "--all", "--older-than", "520w")["total"] == 0
    everything = document("retry", "--all", "--older-than", "0s", "--dry-run")
    assert everything["total"] == 5
    limited = document("retry", "--all", "--limit", "2")
    assert limited["total"] == 2
    undone = dl_lit("undo").stdout
    assert undone == "undone: 2 failures put back to work\n"
    assert document("retry", "--all", "--dry-run")["reasons"] == everything["reasons"]
    assert "(undone 20" in dl_lit("undo", "--list").stdout


def test_merges_are_listed_with_what_matched(filled: Scenario) -> None:
    text = dl_lit("merges").stdout
    assert text.startswith("merge 1  2026-11-22T")
    assert "  w3: On computable numbers (2017, 10.1000/computable); e4\n" in text
    assert "  into w1: On computable numbers\n" in text
    assert "  on doi: 10.1000/computable (equal DOI 10.1000/computable)\n" in text
    (one,) = document("merges")["merges"]
    assert (one["id"], one["work_id"], one["gone_work_id"], one["undone_at"]) == (1, 1, 3, None)
    assert document("merges", "--work", "w3")["merges"] == document("merges", "--work", "1")["merges"] == [one]
    assert dl_lit("merges", "--work", "w2").stdout == "nothing was taken for one with w2\n"
    assert dl_lit("merges", "--work", "e1").exit_code == 2


def test_unmerging_gives_the_work_back_under_its_number(filled: Scenario) -> None:
    assert dl_lit("unmerge", "1").stdout == "w3 is back with 1 entry, apart from w1: On computable numbers\n"
    assert "undone: " in dl_lit("merges").stdout
    assert document("explain", "e4")["stories"][0]["entry"]["work"]["id"] == 3
    assert "told apart from: w3 On computable numbers (merge 1, undone" in dl_lit("explain", "w1").stdout
    assert "told apart from: w1 On computable numbers (merge 1, undone" in dl_lit("explain", "w3").stdout
    again = dl_lit("unmerge", "1")
    assert (again.exit_code, again.stdout) == (2, "")
    assert "merge 1 was undone already, on 20" in again.stderr
    assert dl_lit("unmerge", "99").exit_code == 2


def test_a_merge_is_undone_by_undo_as_well(filled: Scenario) -> None:
    told = dl_lit("undo", "--merge", "1")
    assert told.stdout == "w3 is back with 1 entry, apart from w1: On computable numbers\n"
    assert dl_lit("undo", "2", "--merge", "1").exit_code == 2


def test_unmerging_tells_programs_what_it_did(filled: Scenario) -> None:
    told = document("unmerge", "1")
    assert told == {
        "schema": "dl-lit/unmerge/1",
        "merge_id": 1,
        "work_id": 3,
        "kept_work_id": 1,
        "entries": 1,
        "title": "On computable numbers",
    }


def test_the_number_of_a_merged_work_leads_to_the_work_it_is_part_of(filled: Scenario) -> None:
    told = dl_lit("explain", "w3").stdout
    assert told.startswith("work w1\n")
    assert "taken for one with: w3 On computable numbers, equal DOI 10.1000/computable (merge 1)" in told


@pytest.mark.parametrize(
    "arguments",
    [["--reason", "bad luck"], ["x9"], ["e1"], ["--stage", "sleep"], ["--older-than", "long"], ["--source", "w1"]],
)
def test_retry_refuses_what_makes_no_sense(filled: Scenario, arguments: list[str]) -> None:
    assert dl_lit("retry", *arguments).exit_code == 2


def test_retry_names_the_words_that_there_are(filled: Scenario) -> None:
    assert "one of success, input," in dl_lit("retry", "--class", "rain").stderr
    assert "no-match" in dl_lit("retry", "--reason", "rain").stderr


def test_export_to_a_file_has_paths_relative_to_it(filled: Scenario, folder: Path) -> None:
    (folder / "out").mkdir()
    result = dl_lit("export", "--output", str(folder / "out" / "x.bib"))
    assert (result.exit_code, result.stdout) == (0, "")
    assert "../library/lovelace_2017_on.pdf" in (folder / "out" / "x.bib").read_text()
    assert [path.name for path in (folder / "out").iterdir()] == ["x.bib"]


def test_every_format_can_be_exported(filled: Scenario) -> None:
    titles = {"On computable numbers", "A closed book", "Behind a wall"}
    for form in ("bibtex", "biblatex", "ris"):
        text = dl_lit("export", "--format", form).stdout
        assert all(title in text for title in titles)
    assert {item["title"] for item in json.loads(dl_lit("export", "--format", "csl-json").stdout)} == titles
    lines = dl_lit("export", "--format", "jsonl").stdout.splitlines()
    assert {json.loads(line)["work"]["title"] for line in lines} == titles
    rows = csv.DictReader(io.StringIO(dl_lit("export", "--format", "csv").stdout))
    assert {row["title"] for row in rows} == titles


def test_export_of_some(filled: Scenario) -> None:
    def titles(*arguments: str) -> list[str]:
        text = dl_lit("export", "--format", "jsonl", *arguments).stdout
        return [json.loads(line)["work"]["title"] for line in text.splitlines()]

    assert titles("--downloaded-only") == ["On computable numbers"]
    assert titles("--missing") == ["A closed book", "Behind a wall"]
    assert dl_lit("export", "--missing", "--downloaded-only").exit_code == 2
    assert titles("--source", "s3") == ["On computable numbers", "Behind a wall"]
    assert titles("--source", "/inbox/old.pdf") == ["On computable numbers", "A closed book"]
    assert titles("--source", "1") == []
    assert dl_lit("export", "--source", "s99").exit_code == 2


def test_a_work_has_the_same_key_in_every_export(filled: Scenario) -> None:
    def keys(*arguments: str) -> dict[str, str]:
        lines = dl_lit("export", "--format", "jsonl", *arguments).stdout.splitlines()
        return {one["work"]["title"]: one["key"] for one in map(json.loads, lines)}

    everything = keys()
    assert len(set(everything.values())) == 3
    assert keys("--source", "s3").items() <= everything.items()


def test_export_that_cannot_be_written_leaves_nothing(filled: Scenario, folder: Path) -> None:
    result = dl_lit("export", "--output", str(folder / "nowhere" / "x.bib"))
    assert result.exit_code == 1
    assert "cannot write" in result.stderr


BIB = """@article{one, title = {On computable numbers}, author = {Lovelace, Ada}, year = {2017}}
@article{two, title = {Broken
@book{three, title = {A third}, year = {1999}}
"""


def test_import_adds_what_can_be_read_and_tells_what_cannot(folder: Path) -> None:
    (folder / "mine.bib").write_text(BIB)
    result = dl_lit("import-bib", str(folder / "mine.bib"))
    assert result.exit_code == 3
    assert "mine.bib:2: left out" in result.stderr
    assert "added as s1" in result.stdout
    assert document("inspect-tables")["tables"]["no_metadata"] >= 1
    assert document("doctor")["ok"]


def test_importing_the_same_file_again_adds_nothing(folder: Path) -> None:
    (folder / "mine.ris").write_text("TY  - JOUR\nTI  - On computable numbers\nPY  - 2017\nER  - \n")
    (first,) = document("import-bib", str(folder / "mine.ris"))["files"]
    (again,) = document("import-bib", str(folder / "mine.ris"))["files"]
    assert (first["new"], first["entries"], again["new"], again["source"]) == (True, 1, False, 1)
    assert document("inspect-tables")["tables"]["entries"] == 1


def test_import_of_nothing(folder: Path) -> None:
    (folder / "empty.bib").write_text("")
    result = dl_lit("import-bib", str(folder / "empty.bib"))
    assert (result.exit_code, result.stdout) == (3, f"{folder}/empty.bib: no entry in it could be read\n")
    assert dl_lit("import-bib", str(folder / "none.bib")).exit_code == 2


def test_doctor_is_content_with_a_sound_database(filled: Scenario) -> None:
    result = dl_lit("doctor", "--files")
    assert result.exit_code == 0, result.output
    assert "FAIL" not in result.stdout


def test_doctor_tells_what_is_amiss_and_ends_with_1(filled: Scenario) -> None:
    filled.sql("DELETE FROM failed_downloads WHERE work_id = 2")
    (filled.library / "lovelace_2017_on.pdf").write_bytes(b"%PDF-1.7 MADE UP")
    found = document("doctor", "--files")
    assert not found["ok"]
    assert {one["name"] for one in found["invariants"] if not one["holds"]} == {
        *("work-one-place", "files-unchanged", "rechecks-are-of-ends", "prisma-adds-up"),
    }
    result = dl_lit("doctor")
    assert result.exit_code == 1
    assert "w2: 0 places" in result.stdout


def test_doctor_only_warns_of_what_the_next_start_puts_right(filled: Scenario) -> None:
    (filled.library / ".incoming").mkdir()
    (filled.library / ".incoming" / "work-9-ab.part").write_bytes(b"%PD")
    filled.store.close()  # nobody is at work
    found = document("doctor")
    assert found["ok"]
    assert ("nothing-unfinished", "warning") in {(one["name"], one["level"]) for one in found["checks"]}


def test_doctor_needs_no_database(folder: Path) -> None:
    result = dl_lit("doctor")
    assert result.exit_code == 0
    assert "the first run makes it" in result.stdout
    assert not (folder / "dl-lit.db").exists()


def test_doctor_sees_a_folder_that_cannot_be_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "file").write_text("in the way")
    monkeypatch.setenv("DL_LIT_LIBRARY", str(folder / "file" / "library"))
    found = document("doctor")
    assert [one["name"] for one in found["checks"] if one["level"] == "failed"] == ["library"]


def test_doctor_sees_a_clock_that_went_back(filled: Scenario) -> None:
    filled.sql("UPDATE attempts SET started_at = '2101-01-01T00:00:00.000Z'")
    found = document("doctor")
    assert [one["name"] for one in found["checks"] if one["level"] == "failed"] == ["clock-behind"]


@pytest.mark.sqlite_only
def test_doctor_sees_a_database_that_is_none(folder: Path) -> None:
    (folder / "dl-lit.db").write_bytes(b"surely no database " * 100)
    found = document("doctor")
    assert [one["name"] for one in found["checks"] if one["level"] == "failed"] == ["database"]


def test_the_whole_program_in_a_process_of_its_own(filled: Scenario) -> None:
    """What the shell sees: UTF-8 whatever the locale says, nothing on standard error, exit code 0."""
    env = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1", "LC_ALL": "C"}
    done = subprocess.run(
        [sys.executable, "-m", "dl_lit", "status", "--json"], env=env, capture_output=True, timeout=60, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert json.loads(done.stdout)["entries"] == 7


def test_on_a_terminal_tables_are_drawn(filled: Scenario) -> None:
    assert "──────" in on_a_terminal(140, "status")


@pytest.mark.parametrize("columns", [60, 80, 100])
def test_tables_fit_the_terminal_with_their_words_whole(filled: Scenario, columns: int) -> None:
    on_screen = on_a_terminal(columns, "status")
    assert {"extraction", "waiting", "opencitations", "europepmc", "breaker"} <= set(on_screen.split())
    tables = on_screen[on_screen.index("stage ") : on_screen.index("failed in")]
    tables += on_screen[on_screen.index("service ") : on_screen.index("(no room for: ", on_screen.index("service "))]
    failures = on_screen[on_screen.index("latest failures") : on_screen.index("service ")]
    assert all(len(line) <= columns for line in (tables + failures).splitlines())


@pytest.mark.parametrize("columns", [60, 80])
def test_pages_keep_to_the_columns_they_are_told_of(columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    assert page_width() == columns
    monkeypatch.delenv("COLUMNS")
    assert page_width() == 100


def test_rows_too_wide_for_the_terminal_become_paragraphs(filled: Scenario) -> None:
    text = on_a_terminal(60, "inspect-tables", "--table", "failed_downloads")
    assert "── work_id 4" in text
    assert "reason                  blocked-paywall" in text


def test_live_asks_every_service_once_and_tells_what_it_allows(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that answers, one that is out of order, and one that lacks what it needs."""
    limits = {"x-rate-limit-limit": "50", "x-rate-limit-interval": "1s", "Content-Type": "application/json"}
    with LoopbackServer({"*": Reply(200, headers=limits, body=b"{}")}) as server:
        for name in set(BY_NAME) - {"grobid"}:
            monkeypatch.setenv(f"DL_LIT_{name.upper()}_URL", server.url("").rstrip("/"))
        server.routes["/dois/10.48550/arxiv.1706.03762"] = Reply(500, body=b"")
        result = dl_lit("doctor", "--live", "--json")
        asked = [seen.path for seen in server.seen]
    found = {one["service"]: one for one in json.loads(result.stdout)["live"]}
    assert result.exit_code == 1
    assert {name for name, one in found.items() if one["answers"]} == set(found) - {"datacite", "unpaywall"}
    assert found["crossref"]["told"]["x-rate-limit-limit"] == "50"
    assert found["unpaywall"]["detail"] == "lacks contact_email"
    assert "service-down" in found["datacite"]["detail"]
    assert "semantic_scholar" not in found, "nobody misses what is for holders of a key alone"
    assert len(asked) == len(set(asked)) == len(found) - 1


def test_doctor_sees_a_package_of_another_distribution(folder: Path) -> None:
    """Something else that is called `stages` and comes first on the path."""
    (folder / "other" / "stages").mkdir(parents=True)
    (folder / "other" / "stages" / "__init__.py").touch()
    env = {**os.environ, "PYTHONPATH": f"{folder}/other:{ROOT}", "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "dl_lit", "doctor", "--json"], env=env, capture_output=True, timeout=60, check=False
    )
    (packages,) = (one for one in json.loads(done.stdout)["checks"] if one["name"] == "packages")
    assert (done.returncode, packages["level"]) == (1, "failed")
    assert f"stages from {folder.resolve()}/other" in packages["says"]


def test_what_was_read_with_gaps_is_said_by_explain_and_status(folder: Path) -> None:
    with Scenario(folder) as scenario:
        (source,) = scenario.add("paper.pdf")
        scenario.extract(
            source,
            ["One", "Two"],
            doi="10.1000/own",
            authors=(Name(family="Müller", given="Ada"), Name(literal="The Group")),
            year=2020,
            arxiv_id="2101.00001",
            short_forms=(ShortForm(raw="ibid.", page=2, refers_to=1),),
            coverage=Coverage(found=2, expected=3, missing_labels=("3",), markers=3, score=0.6667),
        )
    told = dl_lit("explain", f"s{source}").stdout
    assert "by: Müller, Ada; The Group (2020), arXiv 2101.00001" in told
    assert "bibliography: 2 references of 3 expected; missing 3; coverage 67 %; 10 pages" in told
    assert "short forms: 1" in told
    facts = document("explain", f"s{source}")["stories"][0]["source"]
    assert (facts["year"], facts["coverage"]["missing_labels"]) == (2020, ["3"])
    assert "66.7% of what they promise, 1 with gaps" in dl_lit("status").stdout
    assert (document("status")["coverage"], document("status")["incomplete"]) == (0.6667, 1)
    assert "coverage_score" in dl_lit("inspect-tables", "--table", "sources").stdout
