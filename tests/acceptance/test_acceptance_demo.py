"""`dl-lit demo`: the whole pipeline on the shipped papers, held against their gold lists."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import bibtexparser
import pytest
from rapidfuzz import fuzz

from dl_lit.core.reasons import Reason
from dl_lit.demo.assets import absent_works, broken_pdfs, gold_for, sample_pdfs
from tests.fakes.program import Ended, Home, home_at

pytestmark = pytest.mark.sqlite_only  # a demo has its database in its own folder

UNRECOGNISED = 8  # of the works that the universe has; 4 were when this was written
_ENTRIES = """
SELECT e.position, e.reference ->> '$.raw', e.work_id IS NOT NULL, w.doi, f.reason
FROM entries AS e JOIN sources AS s ON s.id = e.source_id
LEFT JOIN works AS w ON w.id = e.work_id LEFT JOIN failed_enrichments AS f ON f.entry_id = e.id
WHERE s.path = ? ORDER BY e.id
"""
_FILES = """
SELECT d.file_path, w.year, d.page_count FROM downloaded_references AS d JOIN works AS w ON w.id = d.work_id
"""
_NAME = re.compile(r"[A-Za-z0-9-]+_(\d{4}|undated)_[A-Za-z0-9-]+(?:_[0-9a-f]{8}(?:-[0-9a-f]{12})?)?\.pdf")


@dataclass(frozen=True)
class Demo:
    """A demo that has ended."""

    ended: Ended
    folder: Path
    home: Home

    @property
    def document(self) -> dict[str, Any]:
        return self.ended.document

    @property
    def library(self) -> Path:
        return self.folder / "library"

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with closing(sqlite3.connect(self.folder / "demo.db")) as connection:
            return connection.execute(query, values).fetchall()

    def entries(self, pdf: Path) -> list[tuple[Any, ...]]:
        """The entries found in a sample, in the order of their rows."""
        return self.rows(_ENTRIES, str(self.folder / "papers" / pdf.name))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """`dl-lit demo --folder … --json`, to its end."""
    folder = tmp_path_factory.mktemp("demo")
    with home_at(folder, None) as home:
        ended = home.start("demo", "--folder", folder / "demo", "--json").end(timeout=110)
        yield Demo(ended, folder / "demo", home)


class Reported(HTMLParser):
    """The entries of a report: their numbers, texts and what is said of each."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.numbers: list[int] = []
        self.raw: list[str] = []
        self.outcomes: list[str] = []
        self.links: list[str] = []
        self._in = ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        kind = given.get("class") or ""
        if tag == "li" and kind.startswith("entry "):
            self.numbers.append(int(given["value"] or 0))
            self.outcomes.append(kind.removeprefix("entry "))
        if tag == "p":
            self._in = kind
            if kind == "raw":
                self.raw.append("")
        if tag == "a" and kind == "file":
            self.links.append(given["href"] or "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "p":
            self._in = ""

    def handle_data(self, data: str) -> None:
        if self._in == "raw":
            self.raw[-1] += data


def test_it_ends_well_and_counts_everything(demo: Demo) -> None:
    """Exit code 0 and a summary that fits what the papers print."""
    assert demo.ended.code == 0, demo.ended.err
    document = demo.document
    printed = sum(len(gold_for(pdf)["references"]) for pdf in sample_pdfs())
    assert document["schema"] == "dl-lit/run/1"
    assert document["interrupted"] is False
    assert document["sources"] == len(sample_pdfs()) + len(broken_pdfs())
    assert document["references"] == printed
    assert document["resolved"] + sum(document["failed"]["enrichment"].values()) <= printed
    assert document["works"] == document["downloaded"] + sum(document["failed"]["download"].values())
    assert not any(document["waiting"].values())
    out_of_turn = {name: use["order_violations"] for name, use in document["services"].items()}
    assert not any(out_of_turn.values()), out_of_turn
    # Requests sent in time arrive closer together when the machine stands still for a moment: told once, then heeded.
    refused = {name: use["rate_limit_hits"] for name, use in document["services"].items()}
    assert max(refused.values()) <= 2, refused


@pytest.mark.parametrize("pdf", sample_pdfs(), ids=lambda pdf: pdf.stem)
def test_every_printed_entry_is_found_in_order_and_absent_works_are_not_made_up(demo: Demo, pdf: Path) -> None:
    """Row order, position and text agree with the gold list; what no service holds ends in no-match."""
    absent = absent_works()
    gold, found = gold_for(pdf)["references"], demo.entries(pdf)
    assert [position for position, *_ in found] == list(range(1, len(gold) + 1))
    for wanted, (_, raw, is_known, doi, reason) in zip(gold, found, strict=True):
        assert fuzz.partial_ratio(wanted["raw"], raw) > 92, (wanted["raw"], raw)
        if wanted["key"] in absent:
            assert (is_known, reason) == (0, "no-match"), raw
        elif is_known and wanted["doi"]:
            assert doi == wanted["doi"].lower(), raw


def test_nearly_every_work_that_a_service_holds_is_recognised(demo: Demo) -> None:
    absent = absent_works()
    open_ = [
        raw
        for pdf in sample_pdfs()
        for wanted, (_, raw, is_known, *_) in zip(gold_for(pdf)["references"], demo.entries(pdf), strict=True)
        if not is_known and wanted["key"] not in absent
    ]
    assert len(open_) <= UNRECOGNISED, open_


def test_inputs_that_cannot_be_read_are_told_with_their_reason(demo: Demo) -> None:
    assert demo.document["failed"]["extraction"] == {"encrypted-pdf": 1, "no-text-layer": 1}
    assert {Path(path).name for (path,) in demo.rows("SELECT path FROM sources WHERE state = 'failed'")} == {
        pdf.name for pdf in broken_pdfs()
    }


def test_the_library_holds_named_pdfs_and_nothing_unfinished(demo: Demo) -> None:
    """{author}_{year}_{short title}.pdf, one for each row; no .part file and no receipt is left."""
    rows = demo.rows(_FILES)
    assert len(rows) == demo.document["downloaded"] > 250
    assert {path.name for path in demo.library.glob("*.pdf")} == {name for name, *_ in rows}
    for name, year, pages in rows:
        match = _NAME.fullmatch(name)
        assert match, name
        assert match[1] == (str(year) if year else "undated")
        assert pages > 0
        assert (demo.library / name).read_bytes().startswith(b"%PDF-")
    assert list((demo.library / ".incoming").iterdir()) == []


def files_of(library: bibtexparser.Library) -> Iterator[str]:
    for entry in library.entries:
        field = entry.fields_dict.get("file")
        if field is not None:
            yield from (one.split(":")[1] for one in field.value.split(";"))


def test_library_bib_parses_and_its_links_lead_to_files(demo: Demo) -> None:
    """Every file of the library is linked from one entry."""
    path = Path(demo.document["written"]["library_bib"])
    parsed = bibtexparser.parse_file(str(path))
    assert parsed.failed_blocks == []
    linked = list(files_of(parsed))
    assert len(linked) == demo.document["downloaded"]
    assert all((path.parent / name).is_file() for name in linked)


def test_a_report_per_source_lists_every_entry_in_printed_order(demo: Demo) -> None:
    """With what became of it; the files it links are there."""
    index = Path(demo.document["written"]["reports"])
    pages = {int(page.stem.rpartition("-")[2]): page for page in index.parent.glob("*.html") if page != index}
    sources = demo.rows("SELECT id, path, coalesce(found_references, 0) FROM sources")
    assert set(pages) == {source for source, *_ in sources}
    overview = index.read_text(encoding="utf-8")
    for source, path, count in sources:
        assert pages[source].name in overview
        report = Reported(pages[source])
        assert report.numbers == list(range(1, count + 1)), path
        raw = [text for (text,) in demo.rows(
            "SELECT reference ->> '$.raw' FROM entries WHERE source_id = ? ORDER BY position", source
        )]  # fmt: skip
        assert report.raw == raw
        assert set(report.outcomes) <= {"downloaded", "duplicate", "needs-review", "failed"}
        assert all((index.parent / link).resolve().is_file() for link in report.links)


def test_every_ending_has_a_known_reason_and_the_doctor_finds_nothing(demo: Demo) -> None:
    """Nothing ended as poison or as an error of ours."""
    reasons = {word for (word,) in demo.rows("SELECT DISTINCT reason FROM attempts")}
    assert reasons <= {reason.value for reason in Reason} - {"internal-error", "poison"}
    told = demo.home.run(
        "doctor", "--files", "--json", "--db", demo.folder / "demo.db", "--library", demo.library
    )  # fmt: skip
    assert told.code == 0, told.out
    assert all(one["holds"] for one in json.loads(told.out)["invariants"])


def test_the_log_has_a_line_for_every_item(demo: Demo) -> None:
    """One JSON object a line, as many as items left the stages."""
    lines = [json.loads(line) for line in (demo.folder / "demo.log").read_text(encoding="utf-8").splitlines()]
    ended = [one for one in lines if one["event"] == "item" and one["outcome"] in {"done", "reject"}]
    assert len(ended) == sum(stage["items"] for stage in demo.document["stages"].values())
    assert not [one for one in lines if one["level"] == "error"]


def test_the_retracted_work_is_told_from_the_corrected_one(demo: Demo) -> None:
    """Both have their notice with type and date; only the retraction makes the work retracted."""
    query = "SELECT record -> '$.notices', record ->> '$.is_retracted' FROM works WHERE doi = ?"
    [(retraction, is_retracted)] = demo.rows(query, "10.1016/j.fct.2012.08.005")
    [(correction, is_corrected_retracted)] = demo.rows(query, "10.1371/journal.pmed.0020124")
    [notice] = json.loads(retraction)
    assert (notice["kind"], notice["doi"], notice["date"]) == ("retraction", "10.1016/j.fct.2013.11.047", "2013-11-28")
    assert [one["kind"] for one in json.loads(correction)] == ["correction"]
    assert (bool(is_retracted), bool(is_corrected_retracted)) == (True, False)
