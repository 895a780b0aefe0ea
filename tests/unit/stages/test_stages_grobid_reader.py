"""Reading with GROBID beside: whatever it does, our own reading stands, and the notes say what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from dl_lit.core.errors import PdfError, RequestRefused, ServiceError
from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim, Snooze
from dl_lit.core.model import Bibliography, Reference, StageName
from dl_lit.core.ports import BibliographyReader, FileCalls, Params, PdfChecker, ServiceAnswer
from dl_lit.core.reasons import Reason
from stages.extraction import ExtractionStage
from stages.grobid.reader import GrobidReader
from tests.fakes.bibliography_reader import FakeReader
from tests.fakes.pdf_checker import FakeChecker
from tests.fakes.service_calls import fixture

OWN = Bibliography(page_count=3, references=(Reference(position=1, raw="Lee 2017, Some other work, Tides 3"),))
BUSY = ServiceError("grobid", Reason.RATE_LIMITED, "HTTP 503", after=5.0, costs_attempt=False)
ENDING = ServiceError("grobid", Reason.RATE_LIMITED, "stopping", after=0.0, costs_attempt=False)
Reply = bytes | int | Exception


@dataclass
class FakeFileCalls:
    """Obeys `FileCalls`: answers one reply after the other, the last one for ever."""

    replies: list[Reply]
    sent: list[tuple[str, str, Path, dict[str, str], dict[str, str]]] = field(default_factory=list)

    def post_file(
        self,
        service: str,
        path: str,
        file: Path,
        *,
        field: str,
        form: Params = (),
        headers: Mapping[str, str] | None = None,
    ) -> ServiceAnswer:
        self.sent.append((service, f"{path}#{field}", file, dict(form), dict(headers or {})))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        status, body = (reply, b"") if isinstance(reply, int) else (200, reply)
        return ServiceAnswer(status, {}, body, "http://grobid.test")

    def is_available(self, service: str) -> bool:
        return service == "grobid"


def read(
    *replies: Reply, own: Bibliography | PdfError = OWN, checker: FakeChecker | None = None
) -> tuple[Bibliography, FakeFileCalls]:
    calls = FakeFileCalls(list(replies))
    reader = GrobidReader(FakeReader(own), calls, checker or FakeChecker())
    return reader.read(Path("/papers/a.pdf")), calls


def test_both_readings_are_merged_and_the_note_counts() -> None:
    found, calls = read(fixture("grobid", "list.xml"))
    assert len(found.references) == 5
    assert found.notes == ("GROBID: 0 of its 4 entries are ours, 4 added, 0 fields",)
    ((service, where, file, form, headers),) = calls.sent
    assert (service, where, file) == ("grobid", "/api/processReferences#input", Path("/papers/a.pdf"))
    assert form == {"consolidateCitations": "0", "includeRawCitations": "1"}
    assert headers == {"Accept": "application/xml"}


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        (ServiceError("grobid", Reason.SERVICE_DOWN, "HTTP 500"), "service-down"),
        (ServiceError("grobid", Reason.SERVICE_DOWN, after=60.0, costs_attempt=False), "service-down"),
        (RequestRefused("grobid", 500, "[NO_BLOCKS] /srv/private/a.pdf"), "it cannot read this file"),
        (PdfError(Reason.UNREADABLE_FILE), "unreadable-file"),
        (b"<html>Welcome</html>", "bad-answer"),
        (404, "bad-answer"),
        (BUSY, "rate-limited"),
    ],
)  # fmt: skip
def test_our_own_reading_stands_when_grobid_fails(reply: Reply, note: str) -> None:
    found, _ = read(reply)
    assert (found.references, found.notes) == (OWN.references, (f"read without GROBID: {note}",))


def test_a_file_in_which_grobid_finds_nothing_is_as_we_read_it() -> None:
    found, _ = read(204)
    assert (found.references, found.notes) == (
        OWN.references,
        ("GROBID: 0 of its 0 entries are ours, 0 added, 0 fields",),
    )


def test_a_busy_server_is_asked_again_a_few_times() -> None:
    """Each time the gate before it makes the worker wait for its turn."""
    found, calls = read(BUSY, BUSY, fixture("grobid", "list.xml"))
    assert len(calls.sent) == 3
    assert len(found.references) == 5
    _, calls = read(BUSY)
    assert len(calls.sent) == 6


def test_when_the_program_ends_the_source_is_left_for_the_next_run() -> None:
    """Nothing is written down that lacks GROBID only because nobody waited for it."""
    reader = GrobidReader(FakeReader(OWN), FakeFileCalls([ENDING]), FakeChecker())
    stage = ExtractionStage(reader)
    claim = Claim(StageName.EXTRACTION, 1, SourceItem(__file__, "0" * 64))
    ((_, given),) = stage.handle([claim])
    assert isinstance(given, Snooze)


def test_grobid_is_asked_where_we_find_nothing() -> None:
    found, _ = read(fixture("grobid", "list.xml"), own=PdfError(Reason.NO_REFERENCES_FOUND))
    assert (len(found.references), found.page_count) == (4, 17)
    assert found.notes == ("GROBID alone: 4 entries; our own reading ended with no-references-found",)


def test_pages_that_cannot_be_counted_are_none() -> None:
    damaged = FakeChecker(PdfError(Reason.DAMAGED_PDF))
    found, _ = read(fixture("grobid", "list.xml"), own=PdfError(Reason.PARSER_CRASHED), checker=damaged)
    assert found.page_count == 0


@pytest.mark.parametrize("reply", [204, 404, b"<TEI xmlns='http://www.tei-c.org/ns/1.0'/>", BUSY])
def test_our_reason_stands_where_grobid_does_not_help_either(reply: Reply) -> None:
    own = PdfError(Reason.PARSE_TIMEOUT, "took more than 60 s")
    with pytest.raises(PdfError) as caught:
        read(reply, own=own)
    assert caught.value is own


@pytest.mark.parametrize("reason", [Reason.ENCRYPTED_PDF, Reason.NOT_A_PDF, Reason.NO_TEXT_LAYER, Reason.TOO_LARGE])
def test_a_file_that_nobody_can_read_is_sent_to_nobody(reason: Reason) -> None:
    calls = FakeFileCalls([fixture("grobid", "list.xml")])
    with pytest.raises(PdfError):
        GrobidReader(FakeReader(PdfError(reason)), calls, FakeChecker()).read(Path("/papers/a.pdf"))
    assert calls.sent == []


def test_closing_ends_the_children() -> None:
    own = FakeReader(OWN)
    GrobidReader(own, FakeFileCalls([204]), FakeChecker()).close()
    assert own.is_closed


def test_the_fakes_obey_their_contracts() -> None:
    """A fake that drifts from its port fails here by its types."""
    calls: FileCalls = FakeFileCalls([204])
    checker: PdfChecker = FakeChecker()
    reader: BibliographyReader = GrobidReader(FakeReader(OWN), calls, checker)
    assert reader is not None
