"""Only what establishes something may be remembered: a table of answers that must never be, and of those that may."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.ports import ServiceAnswer
from dl_lit.net.keepable import Worth, is_strangers, worth

RECORDED = Path(__file__).parents[2] / "recorded"
HTML_404 = b"<html><head><title>404 Not Found</title></head><body><h1>404 Not Found</h1><hr>nginx</body></html>"
FEED = b'<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom">%s</feed>'


def answer(body: bytes | dict[str, object] | list[object], status: int = 200, kind: str = "") -> ServiceAnswer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ServiceAnswer(status, {"content-type": kind} if kind else {}, raw, "https://x.test/")


NEVER = {
    "openalex timed out": ("openalex", "/works", {"meta": {"timed_out": True}, "results": [{"id": "W1"}]}),
    "openalex list without meta": ("openalex", "/works", {"results": []}),
    "openalex error in a 200": ("openalex", "/works", {"error": "Invalid", "message": "no"}),
    "openalex budget": ("openalex", "/rate-limit", {"rate_limit": {"remaining": 3}}),
    "openalex truncated": ("openalex", "/works", b'{"meta": {"count": 2}, "results": [{"id": "W1"}, {"id"'),
    "crossref failed": ("crossref", "/works", {"status": "failed", "message": [{"type": "x"}]}),
    "crossref without a message": ("crossref", "/works/10.1/x", {"status": "ok", "message": None}),
    "crossref text under load": ("crossref", "/works", b"upstream request timeout"),
    "europepmc error in a 200": ("europepmc", "/search", {"errCode": 404, "errMsg": "Missing query parameter"}),
    "europepmc without results": ("europepmc", "/search", {"version": "6.9", "hitCount": 1}),
    "semantic scholar message": ("semantic_scholar", "/paper/search", {"message": "Too Many Requests.", "code": "429"}),
    "datacite errors": ("datacite", "/dois", {"errors": [{"status": "500"}]}),
    "hal error": ("hal", "/search/", {"error": {"msg": "undefined field"}}),
    "pubmed error": ("pubmed", "/esearch.fcgi", {"header": {}, "esearchresult": {"ERROR": "Search Backend failed"}}),
    "arxiv error entry": (
        "arxiv",
        "/api/query",
        FEED % b"<entry><id>http://arxiv.org/api/errors#x</id><title>Error</title></entry>",
    ),
    "arxiv empty feed": ("arxiv", "/api/query", FEED % b""),
    "arxiv half a feed": ("arxiv", "/api/query", b'<feed xmlns="http://www.w3.org/2005/Atom"><entry>'),
    "xml with a document type": ("pmc", "/", b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>'),
    "s3 error": ("pmc", "/", b"<Error><Code>SlowDown</Code></Error>"),
    "an empty body": ("datacite", "/dois", b""),
    "white space": ("datacite", "/dois", b" \n "),
    "an empty object": ("datacite", "/dois/10.1/x", b"{}"),
    "a bare word": ("datacite", "/dois/10.1/x", b"null"),
    "a web page": ("inspire", "/literature", b"<!doctype html><title>Just a moment...</title>"),
    "a page called XML": ("pmc", "/", b"<html xmlns='http://www.w3.org/1999/xhtml'><body/></html>"),
    "plain text": ("acl", "/N04-1001.bib", b"@inproceedings{x}"),
    "too deep": ("datacite", "/dois", b"[" * 100_000),
}


@pytest.mark.parametrize("name", NEVER)
def test_what_establishes_nothing_is_never_remembered(name: str) -> None:
    service, path, body = NEVER[name]
    assert worth(service, path, answer(body)) is Worth.NOTHING


@pytest.mark.parametrize("status", [204, 301, 304, 400, 401, 403, 406, 408, 410, 413, 422, 429, 500, 502, 503, 504])
def test_no_other_status_is_ever_remembered(status: int) -> None:
    body = {"status": "ok", "message": {"DOI": "10.1/x"}}
    assert worth("crossref", "/works/10.1/x", answer(body, status)) is Worth.NOTHING


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("openalex", "/works/doi:10.1/x", b"<p>The requested URL was not found on the server."),
        ("crossref", "/works/10.1/x", b"Resource not found."),
        ("crossref", "/v1/works/10.1/x", b"Resource not found."),
        ("datacite", "/dois/10.1/x", b'{"errors":[{"status":"404","title":"The resource you are looking for..."}]}'),
        ("unpaywall", "/v2/10.1/x", b'{"error":true,"message":"\'10.1/x\' isn\'t in Unpaywall. See https://..."}'),
        ("pmc", "/metadata/PMC1.1.json", b"<Error><Code>NoSuchKey</Code></Error>"),
        ("semantic_scholar", "/paper/DOI:10.1/x", b'{"error":"Paper with id DOI:10.1/x not found"}'),
        ("doi", "/10.1/x", b"<title>Error: DOI Not Found</title>"),
    ],
)
def test_a_404_in_the_services_own_words_at_a_records_own_address_is_an_absence(
    service: str, path: str, body: bytes
) -> None:
    assert worth(service, path, answer(body, 404)) is Worth.ABSENCE
    assert worth(service, path, answer(HTML_404, 404)) is Worth.NOTHING
    assert worth(service, "/search", answer(body, 404)) is Worth.NOTHING
    assert worth("europepmc", path, answer(body, 404)) is Worth.NOTHING
    assert not is_strangers(service, path, answer(body, 404))
    assert is_strangers(service, path, answer(HTML_404, 404)) == (service != "doi")
    assert not is_strangers(service, "/search", answer(HTML_404, 404))


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("openalex", "/works", {"meta": {"count": 0}, "results": []}),
        ("crossref", "/works", {"status": "ok", "message": {"total-results": 0, "items": []}}),
        ("datacite", "/dois", {"data": [], "meta": {"total": 0}}),
        ("europepmc", "/search", {"hitCount": 0, "resultList": {"result": []}}),
        ("semantic_scholar", "/paper/search", {"total": 0, "data": []}),
        ("inspire", "/literature", {"hits": {"hits": [], "total": 0}}),
        ("opencitations", "/index/v2/references/doi:10.1/x", []),
        ("hal", "/search/", {"response": {"numFound": 0, "docs": []}}),
        ("zenodo", "/records", {"hits": {"hits": [], "total": 0}, "aggregations": {}}),
        ("biorxiv", "/pubs/biorxiv/10.1/x/na/json", {"messages": [{"status": "no articles found"}], "collection": []}),
        ("pmc", "/", b"<ListBucketResult><KeyCount>0</KeyCount></ListBucketResult>"),
    ],
)
def test_a_well_formed_empty_list_is_an_absence(service: str, path: str, body: bytes) -> None:
    assert worth(service, path, answer(body)) is Worth.ABSENCE


@pytest.mark.parametrize(
    ("service", "path", "body"),
    [
        ("openalex", "/works/W1", {"id": "https://openalex.org/W1", "title": "x"}),
        (
            "doi",
            "/doiRA/10.1,10.2",
            [{"DOI": "10.1", "RA": "Crossref"}, {"DOI": "10.2", "status": "does not exist"}],
        ),
        ("unpaywall", "/v2/10.1/x", {"doi": "10.1/x", "is_oa": False}),
    ],
)
def test_a_record_is_something(service: str, path: str, body: bytes) -> None:
    assert worth(service, path, answer(body)) is Worth.SOMETHING


@pytest.mark.parametrize(
    ("service", "path", "name"),
    [
        ("openalex", "/works", "list.json"),
        ("crossref", "/works", "list.json"),
        ("datacite", "/dois", "list.json"),
        ("europepmc", "/search", "list.json"),
        ("arxiv", "/api/query", "list.xml"),
        ("pmc", "/", "versions.xml"),
    ],
)
def test_proper_lists_are_something(service: str, path: str, name: str) -> None:
    assert worth(service, path, answer((RECORDED / service / name).read_bytes())) is Worth.SOMETHING


def test_doi_agencies_that_are_not_told_establish_nothing() -> None:
    assert worth("doi", "/doiRA/10.1", answer([{"DOI": "10.1", "status": "Error"}])) is Worth.NOTHING


@pytest.mark.parametrize(
    ("service", "name"),
    [("openalex", "list.json"), ("crossref", "list.json"), ("arxiv", "list.xml"), ("pmc", "versions.xml")],
)
@given(share=st.floats(0, 1, exclude_max=True))
def test_no_beginning_of_an_answer_is_taken_for_the_whole(service: str, name: str, share: float) -> None:
    whole = (RECORDED / service / name).read_bytes().strip()
    assert worth(service, "/works", answer(whole[: int(len(whole) * share)])) is Worth.NOTHING


@given(st.binary(max_size=300), st.sampled_from(["openalex", "crossref", "arxiv", "pmc", "doi", "hal", "nobody"]))
def test_no_bytes_whatever_make_it_stumble(body: bytes, service: str) -> None:
    for start in (b"", b"{", b"[", b"<"):
        assert worth(service, "/works", answer(start + body)) in Worth
