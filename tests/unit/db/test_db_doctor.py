"""The doctor finds nothing in what the store has written, and every damage that is planted."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from db.reading.doctor import Finding, invariants
from db.reading.files import library_files
from db.reading.opening import reading
from dl_lit.core.items import Extracted
from dl_lit.core.job import Done
from dl_lit.core.model import Bibliography, Reference, StageName
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.library.folder import FolderLibrary
from tests.fakes.engine import VERIFIED, downloaded
from tests.fakes.scenario import Scenario, location, typical, work


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as one:
        typical(one)
        yield one


def broken(scenario: Scenario) -> dict[str, Finding]:
    """What does not hold, by name."""
    with reading(scenario.path) as connection:
        return {finding.name: finding for finding in invariants(connection) if not finding.holds}


def amiss(scenario: Scenario, *, contents: bool = False, running: bool = False) -> dict[str, Finding]:
    with reading(scenario.path) as connection:
        found = library_files(connection, scenario.library, contents=contents, running=running)
        return {finding.name: finding for finding in found if not finding.holds}


def test_everything_holds_in_what_the_store_has_written(scenario: Scenario) -> None:
    assert broken(scenario) == {}
    assert amiss(scenario, contents=True) == {}


def test_everything_holds_while_works_wait_in_every_room(scenario: Scenario) -> None:
    scenario.add("later.pdf")
    (entry, other, twin) = scenario.extract(scenario.add("more.pdf")[0], ["Waits for queueing", "Waits", "Waits"])
    scenario.resolve(entry, work("Waits for queueing", doi="10.1/q"))
    first = scenario.resolve(other, work("Waits", doi="10.1/d"))
    scenario.queue(first, location())
    scenario.duplicate(scenario.resolve(twin, work("Waits", doi="10.1/d")), first)
    assert broken(scenario) == {}


PLANTED = {
    "entry-one-place: in two": ("entry-one-place", ["INSERT INTO no_metadata (entry_id, source_id) VALUES (1, 2)"]),
    "entry-one-place: in none": ("entry-one-place", ["DELETE FROM failed_enrichments WHERE entry_id = 3"]),
    "work-one-place: in two": (
        "work-one-place",
        ["INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (1, 3, 2)"],
    ),
    "work-one-place: in none": ("work-one-place", ["DELETE FROM failed_downloads WHERE work_id = 2"]),
    "source-one-place: failed without reason": ("source-one-place", ["DELETE FROM failed_extractions"]),
    "source-one-place: failed and pending": (
        "source-one-place",
        ["UPDATE sources SET state = 'pending' WHERE id = 1"],
    ),
    "source-one-place: pending with entries": (
        "source-one-place",
        ["UPDATE sources SET state = 'pending' WHERE id = 2"],
    ),
    "order-kept: a gap": ("order-kept", ["UPDATE entries SET position = 9 WHERE id = 2"]),
    "order-kept: the last one lost": (
        "order-kept",
        ["DELETE FROM failed_enrichments WHERE entry_id = 3", "DELETE FROM entries WHERE id = 3"],
    ),
    "work-is-cited": ("work-is-cited", ["UPDATE entries SET work_id = 1 WHERE id = 2"]),
    "entry-cites-a-work": ("entry-cites-a-work", ["UPDATE entries SET work_id = 77 WHERE id = 2"]),
    "keys-point-at-works": ("keys-point-at-works", ["INSERT INTO work_keys VALUES ('doi', '10.1/gone', 77)"]),
    "works-are-recognisable": ("works-are-recognisable", ["DELETE FROM work_keys WHERE kind = 'doi'"]),
    "no-work-twice": ("no-work-twice", ["UPDATE works SET doi = '10.1000/computable' WHERE id = 2"]),
    "works-are-recognisable: by their titles": (
        "works-are-recognisable",
        ["DELETE FROM work_keys WHERE kind = 'title-author-year'"],
    ),
    "merged-works-are-recognisable": (
        "merged-works-are-recognisable",
        ['UPDATE merges SET keys = \'[["doi", "10.1/gone"]]\''],
    ),
    "merges-lead-to-works: not gone": (
        "merges-lead-to-works",
        ["UPDATE merges SET gone_work_id = 2"],
    ),
    "merges-lead-to-works: nowhere": ("merges-lead-to-works", ["UPDATE merges SET kept_work_id = 77"]),
    "merges-lead-to-works: not back": ("merges-lead-to-works", ["UPDATE merges SET undone_at = '2026'"]),
    "merged-entries-are-there": ("merged-entries-are-there", ["UPDATE entries SET work_id = 2 WHERE id = 4"]),
    "told-apart-stay-apart": (
        "told-apart-stay-apart",
        [
            (
                "INSERT INTO separations "
                "SELECT min(kept_work_id, gone_work_id), max(kept_work_id, gone_work_id), 't' FROM merges"
            )
        ],
    ),
    "duplicates-joined": ("duplicates-joined", ["UPDATE entries SET work_id = 2 WHERE id = 4"]),
    "files-have-one-work": (
        "files-have-one-work",
        ["UPDATE downloaded_references SET file_path = '../elsewhere.pdf'"],
    ),
    "reasons-known": ("reasons-known", ["UPDATE attempts SET reason = 'unknown error' WHERE id = 1"]),
    "foreign-keys": (
        "foreign-keys",
        ["INSERT INTO failed_enrichments (entry_id, reason, attempts) VALUES (99, 'no-match', 1)"],
    ),
}


_REFUSED = {"foreign-keys": pytest.mark.sqlite_only}  # a server lets no row dangle


@pytest.mark.parametrize(
    ("name", "damage"), [pytest.param(*one, id=id_, marks=_REFUSED.get(id_, ())) for id_, one in PLANTED.items()]
)
def test_planted_damage_is_found(scenario: Scenario, name: str, damage: list[str]) -> None:
    scenario.sql(*damage)
    found = broken(scenario)
    assert name in found
    assert found[name].broken >= 1
    assert found[name].examples


def test_a_wrong_rank_is_found(scenario: Scenario) -> None:
    (entry,) = scenario.extract(scenario.add("more.pdf")[0], ["Waits"])
    scenario.resolve(entry, work("Waits"))
    scenario.sql("UPDATE with_metadata SET cited_by = 12")
    assert broken(scenario)["rank-counts-citations"].examples == ("w5: cited_by 12 newest s4, counted 1 newest s4",)


@pytest.mark.sqlite_only
def test_a_table_that_accepts_other_reasons_is_found(scenario: Scenario) -> None:
    """The CHECK of a database and the vocabulary of the program are one."""
    scenario.sql(
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, '''no-match''', '''nothing''') WHERE name = 'failed_enrichments'",
        "PRAGMA writable_schema=OFF",
    )
    assert broken(scenario)["reasons-known"].examples[:2] == (
        "failed_enrichments does not accept no-match",
        "failed_enrichments accepts the unknown nothing",
    )


@pytest.mark.sqlite_only
def test_a_damaged_index_is_found(scenario: Scenario) -> None:
    scenario.sql(
        "PRAGMA writable_schema=ON",
        "UPDATE sqlite_master SET sql = replace(sql, 'crashes < 3', 'crashes > 3') WHERE name = 'ix_no_metadata_ready'",
        "PRAGMA writable_schema=OFF",
    )
    scenario.extract(scenario.add("more.pdf")[0], ["Waits"])
    assert "file-intact" in broken(scenario)


def test_at_most_five_examples_are_shown_of_however_many(scenario: Scenario) -> None:
    scenario.extract(scenario.add("more.pdf")[0], [f"T{n}" for n in range(12)])
    scenario.sql("DELETE FROM no_metadata")
    found = broken(scenario)["entry-one-place"]
    assert (found.broken, len(found.examples)) == (13, 5)


def test_an_extraction_that_skips_a_number_is_found(scenario: Scenario) -> None:
    (source,) = scenario.add("odd.pdf")
    entries = (Reference(position=1, raw="a"), Reference(position=3, raw="b"))
    scenario.answer(StageName.EXTRACTION, {source: Done(Extracted(Bibliography(page_count=1, references=entries)))})
    assert broken(scenario)["order-kept"].examples == (f"s{source}: 2 entries from 1 to 3, 2 found",)


def test_a_missing_file_is_found(scenario: Scenario) -> None:
    (scenario.library / "lovelace_2017_on.pdf").unlink()
    assert amiss(scenario)["files-there"].examples == ("w1: lovelace_2017_on.pdf is missing",)


def test_a_file_of_another_size_is_found(scenario: Scenario) -> None:
    (scenario.library / "lovelace_2017_on.pdf").write_bytes(b"%PDF")
    assert "has 4 bytes" in amiss(scenario)["files-there"].examples[0]


def test_changed_contents_are_found_when_they_are_read(scenario: Scenario) -> None:
    (scenario.library / "lovelace_2017_on.pdf").write_bytes(b"%PDF-1.7 MADE UP")
    assert amiss(scenario) == {}
    assert amiss(scenario, contents=True)["files-unchanged"].examples == ("w1: lovelace_2017_on.pdf",)


def test_files_that_belong_to_nothing_are_found_unless_a_pipeline_runs(scenario: Scenario) -> None:
    """An orphan, an unfinished download and a receipt; a running pipeline has such things in hand.

    What has a receipt is no orphan, and what is left of a sudden death is put right by the next start.
    """
    (scenario.library / "stray.pdf").write_bytes(b"%PDF")
    (scenario.library / "library.bib").write_text("")
    library = FolderLibrary(scenario.library, scenario.clock)
    unfinished = library.incoming(9)
    part = library.incoming(1)
    part.write_bytes(b"%PDF-1.7")
    fetched = Fetched(
        path=part, sha256=hashlib.sha256(b"%PDF-1.7").hexdigest(), size_bytes=8, final_url="", content_type=""
    )
    library.place(1, work("Another"), fetched, location(), 1, proof=VERIFIED)
    found = amiss(scenario)
    assert {name: set(one.examples) for name, one in found.items()} == {
        "no-orphans": {"stray.pdf"},
        "nothing-unfinished": {f".incoming/{unfinished.name}"},
        "no-receipts": {".incoming/work-1.receipt.json"},
    }
    assert {name for name, one in found.items() if one.heals} == {"nothing-unfinished", "no-receipts"}
    assert amiss(scenario, running=True) == {}


def test_files_in_quarantine_are_held_against_their_rows(scenario: Scenario) -> None:
    """One that a person is to decide on and that is gone, one that nobody speaks of, and one that was superseded."""
    (entry,) = scenario.extract(scenario.add("q.pdf")[0], ["A doubtful file"])
    work_id = scenario.resolve(entry, work("A doubtful file", doi="10.1000/doubt"))
    scenario.queue(work_id)
    doubt = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.6)
    scenario.answer(StageName.DOWNLOAD, {work_id: Done(downloaded(work_id, path="quarantine/x.pdf", proof=doubt))})
    for path in ("quarantine/stray.pdf", "superseded/old.pdf"):
        (scenario.library / path).parent.mkdir(exist_ok=True)
        (scenario.library / path).write_bytes(b"%PDF")
    found = amiss(scenario)
    assert {name: one.examples for name, one in found.items()} == {
        "quarantine-there": (f"w{work_id}: quarantine/x.pdf is missing",),
        "no-orphans": ("quarantine/stray.pdf",),
    }
