"""Dumps in all their packings, and what stands in them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import tarfile
from collections.abc import Callable
from dataclasses import asdict

import pytest

from dl_lit.app.metadata.dump_records import NoRecord, read_record
from dl_lit.app.metadata.dumps import Raw, Unreadable, raw_records
from dl_lit.core.errors import BadInput
from dl_lit.core.model import Name, Work, WorkType

OPENALEX = {
    "id": "https://openalex.org/W4200000001",
    "doi": "https://doi.org/10.5555/Shore.1",
    "title": "On the slow drift of shores",
    "publication_year": 2011,
    "type": "article",
    "ids": {"pmid": "https://pubmed.ncbi.nlm.nih.gov/7654321"},
    "authorships": [{"author": {"display_name": "Ada van Shore"}}],
    "primary_location": {"source": {"display_name": "Journal of Shores", "type": "journal"}},
    "is_retracted": False,
    "updated_date": "2026-03-01T04:05:06.000000",
}
CROSSREF = {
    "DOI": "10.5555/SHORE.1",
    "type": "journal-article",
    "title": ["On the slow drift of shores"],
    "author": [{"family": "van Shore", "given": "Ada"}],
    "issued": {"date-parts": [[2011, 4]]},
    "container-title": ["Journal of Shores"],
    "volume": "12",
    "page": "345-360",
    "indexed": {"date-time": "2026-02-01T00:00:00Z", "timestamp": 1769904000000},
}


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def read(content: bytes) -> list[Raw | Unreadable]:
    return list(raw_records(io.BufferedReader(io.BytesIO(content)), "dump"))


def data_of(content: bytes) -> list[object]:
    return [json.loads(one.data) if isinstance(one, Raw) else one.reason for one in read(content)]


@pytest.mark.parametrize("pack", [bytes, gzip.compress, bz2.compress, lzma.compress])
def test_packings_are_told_by_content(pack: Callable[[bytes], bytes]):
    assert data_of(pack(lines(OPENALEX, CROSSREF))) == [OPENALEX, CROSSREF]


def test_parts_of_an_archive_are_read_one_after_the_other_and_a_broken_one_costs_itself():
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        for name, content in (
            ("2026/a.json.gz", gzip.compress(lines(CROSSREF))),
            ("2026/broken.json.gz", gzip.compress(lines(CROSSREF, CROSSREF))[:-12]),
            ("2026/b.json", lines(OPENALEX)),
        ):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    found = read(packed.getvalue())
    assert json.loads(found[0].data) == CROSSREF
    assert found[0].place == "dump:2026/a.json.gz:1"
    assert any(isinstance(one, Unreadable) and "broken.json.gz" in one.place for one in found)
    assert json.loads(found[-1].data) == OPENALEX


@pytest.mark.parametrize(
    "document",
    [
        {"items": [CROSSREF, CROSSREF]},
        {"status": "ok", "message-type": "work-list", "message": {"total-results": 2, "items": [CROSSREF, CROSSREF]}},
        {"meta": {"count": 2}, "results": [CROSSREF, CROSSREF]},
        [CROSSREF, CROSSREF],
    ],
)
@pytest.mark.parametrize("indent", [None, 2])
def test_records_are_taken_out_of_their_envelopes(document: object, indent: int | None):
    assert data_of(json.dumps(document, indent=indent).encode()) == [CROSSREF, CROSSREF]


def test_a_single_answer_is_a_record():
    assert data_of(lines({"status": "ok", "message": CROSSREF})) == [CROSSREF]


def test_ugly_lines_are_told_with_their_place_and_cost_themselves_alone():
    ugly = b'\xef\xbb\xbf{"DOI": "10.5555/1"}\r\n\n  \n{"DOI": "10.5\xff", broken\n[1\n"text"\n' + lines(OPENALEX)
    found = read(ugly)
    assert [one.place for one in found] == ["dump:1", "dump:4", "dump:5", "dump:6", "dump:7"]
    assert [isinstance(one, Raw) for one in found] == [True, False, False, False, True]


def test_lines_whose_first_is_cut_off_are_still_lines():
    found = read(b'{"DOI": "10.5555/1", "title": ["A\n' + lines(CROSSREF, OPENALEX))
    assert isinstance(found[0], Unreadable)
    assert [json.loads(one.data) for one in found[1:] if isinstance(one, Raw)] == [CROSSREF, OPENALEX]


def test_a_file_that_is_broken_off_gives_what_came_before():
    found = read(gzip.compress(lines(*[CROSSREF] * 2_000))[:-200])
    assert len(found) > 1
    assert isinstance(found[-1], Unreadable)
    assert found[-1].is_end


@pytest.mark.parametrize("content", [b"\x28\xb5\x2f\xfd rest", b"PK\x03\x04 rest", b"%PDF-1.7", b"SQLite format 3\0"])
def test_what_is_no_dump_is_refused_with_a_word_on_what_is_read(content: bytes):
    with pytest.raises(BadInput, match=r"which is not read|no dump in JSON"):
        read(content)


def test_a_work_of_openalex_is_read_with_the_day_it_was_changed():
    found = read_record(json.dumps(OPENALEX).encode())
    assert found.updated == "2026-03-01T04:05:06.000000"
    assert (found.work.doi, found.work.openalex_id, found.work.pmid) == ("10.5555/shore.1", "W4200000001", "7654321")
    assert found.work.metadata_source == "openalex"


def test_an_item_of_crossref_is_read_with_the_moment_it_was_indexed():
    found = read_record(json.dumps(CROSSREF).encode())
    assert found.updated == "2026-02-01T00:00:00Z"
    assert (found.work.volume, found.work.pages, found.work.metadata_source) == ("12", "345-360", "crossref")


def test_our_own_exports_are_read_and_bare_works_too():
    work = Work(title="T", type=WorkType.BOOK, authors=(Name(family="Shore"),), metadata_source="arxiv")
    assert read_record(json.dumps({"schema": "dl-lit/record/1", "work": asdict(work)}).encode()).work == work
    assert read_record(json.dumps(asdict(work)).encode()).work == work


def test_a_record_without_a_title_is_none_of_a_work():
    assert read_record(b'{"DOI": "10.5555/1"}').work is None
    assert read_record(b'{"id": "https://openalex.org/W123", "title": null}').work is None


@pytest.mark.parametrize(
    "record",
    [
        b"{}",
        b"1",
        b'{"id": "https://openalex.org/A123456", "display_name": "An author"}',
        b'{"id": 7}',
        b'{"id": "W"}',
        b'{"DOI": "10.5555/1", "title": "no list"}',
        b'{"DOI": "10.5555/1", "title": ["T"], "author": 3}',
        b'{"work": {"title": 1}}',
        b'{"id": "https://openalex.org/W123", "title": "\xff\xfe"}',
    ],
)
def test_what_is_no_record_of_a_work_is_told(record: bytes):
    with pytest.raises(NoRecord):
        read_record(record)
