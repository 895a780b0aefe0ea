"""From PDF to bibliography: what the reader finds, or why it cannot."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.items import Extracted, SourceItem
from dl_lit.core.job import Answer, Claim, Done, Reject, Retry, Snooze, Stage
from dl_lit.core.model import Bibliography, Reference, StageName
from dl_lit.core.reasons import Reason
from dl_lit.core.shortage import SHORTAGE_S
from stages import PIPELINE
from stages.extraction import ExtractionStage
from tests.fakes.bibliography_reader import FakeReader
from tests.fakes.descriptors import no_descriptor_left

FOUND = Bibliography(page_count=3, references=(Reference(position=1, raw="Lee 2017"),))


def answer(path: Path, result: Bibliography | PdfError = FOUND) -> Answer:
    stage = ExtractionStage(FakeReader(result))
    ((_, given),) = stage.handle([Claim(StageName.EXTRACTION, 1, SourceItem(str(path), "0" * 64))])
    return given


@pytest.fixture
def pdf(tmp_path: Path) -> Path:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4")
    return path


def test_a_bibliography_is_done(pdf: Path) -> None:
    """What was read is handed on."""
    assert answer(pdf) == Done(Extracted(FOUND))


def test_of_a_giant_that_was_found_only_so_much_is_taken_and_the_rest_is_counted(pdf: Path) -> None:
    """In printed order; of what people gave everything is taken."""
    references = tuple(Reference(position=number, raw=f"Lee {number}") for number in range(1, 6))
    stage = ExtractionStage(FakeReader(Bibliography(page_count=3, references=references)), most_of_found=2)
    found, given = (
        next(iter(stage.handle([Claim(StageName.EXTRACTION, 1, SourceItem(str(pdf), "0" * 64, level))])))[1]
        for level in (1, 0)
    )
    assert isinstance(found, Done)
    assert isinstance(found.facts, Extracted)
    assert (found.facts.bibliography.references, found.facts.cut) == (references[:2], 3)
    assert found.facts.bibliography.notes == ("2 of 5 references were taken (snowball.max_references)",)
    assert given == Done(Extracted(Bibliography(page_count=3, references=references)))


def test_files_that_cannot_be_read_are_refused_without_a_child(tmp_path: Path) -> None:
    """Gone, empty, no file: each has its word."""
    empty = tmp_path / "empty.pdf"
    empty.touch()
    reader = FakeReader(FOUND)
    stage = ExtractionStage(reader)
    claims = [
        Claim(StageName.EXTRACTION, number, SourceItem(str(path), "0" * 64))
        for number, path in enumerate([tmp_path / "gone.pdf", empty, tmp_path])
    ]
    given = [one for _, one in stage.handle(claims)]
    assert [one.reason for one in given if isinstance(one, Reject)] == [
        Reason.VANISHED,
        Reason.EMPTY_FILE,
        Reason.UNREADABLE_FILE,
    ]
    assert not reader.read_paths


def test_nothing_found_is_said_so(pdf: Path) -> None:
    """A paper may rightly have no references."""
    given = answer(pdf, Bibliography(page_count=2))
    assert isinstance(given, Reject)
    assert given.reason is Reason.NO_REFERENCES_FOUND


@pytest.mark.parametrize(
    ("reason", "kind"),
    [(Reason.PARSER_CRASHED, Retry), (Reason.PARSE_TIMEOUT, Reject), (Reason.ENCRYPTED_PDF, Reject)],
)
def test_only_a_crash_is_tried_again(pdf: Path, reason: Reason, kind: type) -> None:
    """A timeout or a locked file would end the same way again."""
    given = answer(pdf, PdfError(reason, "why"))
    assert isinstance(given, kind)
    assert getattr(given, "reason", None) is reason


def test_closing_ends_the_children(pdf: Path) -> None:
    """The stage owns its reader."""
    reader = FakeReader(FOUND)
    stage: Stage = ExtractionStage(reader)
    stage.close()
    assert reader.is_closed
    assert stage.batch_size("") == 1
    assert PIPELINE[0] is stage.name


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells which descriptors are open")
def test_a_paper_is_put_off_where_no_descriptor_is_left(pdf: Path) -> None:
    """It used to be an unreadable file, for good."""
    with no_descriptor_left():
        given = answer(pdf)
    assert given == Snooze(Reason.WRITE_ERROR, SHORTAGE_S, "Too many open files")


def test_a_paper_is_put_off_where_no_child_can_be_started(pdf: Path) -> None:
    given = answer(pdf, PdfError(Reason.WRITE_ERROR, "cannot start a process: Too many open files"))
    assert given == Snooze(Reason.WRITE_ERROR, SHORTAGE_S, "cannot start a process: Too many open files")
