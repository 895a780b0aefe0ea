"""What exports and reports tell of the works in the database."""

from __future__ import annotations

from pathlib import Path

from db.reading.opening import reading
from db.reading.sources import sources_with_entries
from dl_lit.app.outcome.choice import FilesNamed
from dl_lit.app.outcome.citing import citing
from dl_lit.app.outcome.records import export_records, source_report
from dl_lit.core.items import MatchedAs, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import StageName
from tests.fakes.scenario import Scenario, work


def test_a_book_that_stands_in_for_a_chapter_says_so(tmp_path: Path) -> None:
    """In the notes of its record and beside the entry in the report; another work says nothing of the kind."""
    with Scenario(tmp_path) as scenario:
        scenario.add("a.pdf")
        chapter, whole = scenario.extract(1, ["Stones and the sea", "Kelp"])
        book = Resolved(work=work("Shores"), matched_by="search", score=0.9, matched_as=MatchedAs.CONTAINER)
        kelp = Resolved(work=work("Kelp", doi="10.5555/kelp"), matched_by="doi")
        scenario.answer(StageName.ENRICHMENT, {chapter: Done(book), whole: Done(kelp)})
        with reading(scenario.path) as connection:
            files = FilesNamed(scenario.library, tmp_path)
            with citing(connection, scenario.path, "{author}{year}", scenario.clock) as keys:
                records = list(export_records(connection, keys, files))
            (view,) = sources_with_entries(connection)
            report = source_report(view, {}, {}, files, scenario.clock.now())
    assert {record.work.title: record.notes for record in records} == {
        "Shores": ("Cited for its chapter: Stones and the sea",),
        "Kelp": (),
    }
    assert [entry.is_book_around for entry in report.entries] == [True, False]
