"""Real recorded answers either parse to something sensible or raise the right typed error."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from dl_lit.core.errors import RequestRefused, ServiceError
from dl_lit.core.model import Listed, Location, Work
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import text_key
from stages.locators import europepmc, unpaywall, zenodo
from stages.sources import arxiv, crossref, datacite, openalex
from stages.sources.cited import crossref as crossref_lists
from stages.sources.cited import openalex as openalex_lists

FOLDER = Path(__file__).parents[4] / "shared" / "recorded"

pytestmark = [pytest.mark.shared, pytest.mark.skipif(not FOLDER.is_dir(), reason="../shared is absent")]


def recordings(service: str) -> Iterator[dict[str, Any]]:
    """Every recorded interaction of one service, its body as bytes under `bytes`."""
    for path in sorted((FOLDER / service).glob("*.json")):
        record = json.loads(path.read_text(encoding="utf-8"))
        body = record.get("body") or ""
        record["bytes"] = base64.b64decode(body) if record.get("body_encoding") == "base64" else body.encode()
        record["file"] = path.name
        yield record


def path_of(record: dict[str, Any]) -> str:
    """The path that was asked."""
    return urlsplit(record["request"]["url"]).path.rstrip("/")


def check(work: Work) -> None:
    """What every parsed work must be."""
    assert work.title == work.title.strip()
    assert work.title
    assert work.year is None or 1000 < work.year < 2100
    assert work.doi is None or re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S+", work.doi)
    assert all(person.sort_key for person in work.authors)
    assert all(place.url for place in work.locations)


def replay(service: str, parse_for: Callable[[dict[str, Any]], Callable[[bytes], Any] | None]) -> tuple[int, int]:
    """Parse every recording; how many gave values, how many the typed error."""
    parsed = refused = 0
    reasons: set[Reason] = set()
    for record in recordings(service):
        parse = parse_for(record)
        if parse is None:
            continue
        try:
            found = parse(record["bytes"])
        except ServiceError as error:
            refused += 1
            reasons.add(error.reason)
            continue
        for one in found if isinstance(found, (list, tuple)) else [found]:
            if isinstance(one, Work):
                check(one)
            elif isinstance(one, Location):
                assert one.url.startswith("http")
        parsed += 1
    assert reasons <= {Reason.BAD_ANSWER}
    return parsed, refused


def test_openalex() -> None:
    """Lists and records parse; the HTML 404 is no answer."""

    def parse_for(record: dict[str, Any]) -> Callable[[bytes], Any]:
        return openalex.parse if path_of(record) == "/works" else openalex.parse_record

    parsed, refused = replay("openalex", parse_for)
    assert parsed >= 42
    assert refused == 1  # Flask's 404 page


def test_openalex_partial_records_are_no_works() -> None:
    """With `select=` a record may have nothing but a DOI."""
    records = {record["file"]: record for record in recordings("openalex")}
    body = records["litpipe__list_filter_doi_3_keyed.json"]["bytes"]
    assert openalex.parse(body) == []
    body = records["paper-qa__test_title_search_paper_attributes0___3.json"]["bytes"]
    (work,) = openalex.parse(body)
    assert (work.doi, work.year, work.authors[0].family) == ("10.1063/1.4938384", 2015, "Skarlinski")


def test_crossref() -> None:
    """Records, lists and error pages of eleven years."""

    def parse_for(record: dict[str, Any]) -> Callable[[bytes], Any] | None:
        path = re.sub(r"^/v1", "", path_of(record))
        if record["request"]["method"] != "GET" or "api.crossref.org" not in record["request"]["url"]:
            return None
        if path == "/works" or re.fullmatch(r"/(members|types|funders|prefixes|journals)/[^/]+/works", path):
            return crossref.parse
        if (
            re.fullmatch(r"/works/10\.\d+/.+", path)
            and not path.endswith(("/agency", "/quality"))
            and "transform" not in path
        ):
            return crossref.parse_record
        return None

    parsed, refused = replay("crossref", parse_for)
    assert parsed >= 150
    assert refused >= 15


def test_crossref_wrong_first_hits_are_read_as_they_are() -> None:
    """A web page's title still finds a book chapter: it is for `decide` to refuse it."""
    records = {record["file"]: record for record in recordings("crossref")}
    (chapter,) = crossref.parse(records["paper-qa__test_docs_lifecycle__1.json"]["bytes"])
    assert "marketing the maple leaf" in text_key(chapter.title)
    assert crossref.parse(records["paper-qa__test_bad_titles__0.json"]["bytes"]) == []


def test_crossref_corrections_are_no_retractions() -> None:
    """`updated-by` names corrections and versions of the work itself too."""
    records = {record["file"]: record for record in recordings("crossref")}
    work = crossref.parse_record(records["paper-qa__test_doi_search_paper_attributes4___3.json"]["bytes"])
    assert work
    assert not work.is_retracted


def test_crossref_reference_lists() -> None:
    """Deposits of many publishers: order kept, DOIs normal, names without initials, hardly a year missed."""
    entries: list[Listed] = []
    lists = 0
    for record in recordings("crossref"):
        try:
            message = json.loads(record["bytes"])["message"]
        except (ValueError, KeyError, TypeError):
            continue
        items = message.get("items", [message]) if isinstance(message, dict) else []
        for item in items:
            if not isinstance(item, dict) or not item.get("reference"):
                continue
            found = crossref_lists.parse_record(json.dumps({"message": item}).encode()).entries
            assert len(found) == len(item["reference"])
            places = [one.position or 0 for one in found]
            assert places == sorted(set(places))
            entries += found
            lists += 1
    assert lists >= 300
    assert len(entries) >= 9_000
    assert all(one.doi is None or re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S+", one.doi) for one in entries)
    assert len([one for one in entries if re.search(r"(?:^|\s)[A-Z]\.", one.author or "")]) <= 3  # "N. S." is all


def test_crossref_lists_of_several_works() -> None:
    """Two works with their references in one answer."""
    records = {record["file"]: record for record in recordings("crossref")}
    lists = crossref_lists.parse_lists(records["litpipe__filter_doi_x2_select_reference.json"]["bytes"])
    assert len(lists) == 2
    assert all(len(one.entries) > 20 for one in lists.values())


def test_openalex_referenced_works() -> None:
    """Every full record tells what it cites; identifiers are those of works."""
    counts = []
    for record in recordings("openalex"):
        try:
            body = json.loads(record["bytes"])
        except ValueError:
            continue
        if isinstance(body, dict) and body.get("referenced_works"):
            entries = openalex_lists.parse_record(record["bytes"]).entries
            counts.append(len(entries))
            assert all(re.fullmatch(r"W\d+", one.openalex_id or "") for one in entries)
    assert sum(counts) > 100


def test_datacite() -> None:
    """Records and lists parse; 404 and the answers of other routes are refused."""

    def parse_for(record: dict[str, Any]) -> Callable[[bytes], Any] | None:
        path = path_of(record)
        if record["request"]["method"] != "GET" or "/dois" not in path:
            return None
        return datacite.parse if path == "/dois" else datacite.parse_record

    parsed, refused = replay("datacite", parse_for)
    assert parsed >= 14
    assert refused >= 2
    records = {record["file"]: record for record in recordings("datacite")}
    body = records["commonmeta-py__test-crossref_xml_writer_test_arxiv__0.json"]["bytes"]
    work = datacite.parse_record(body)
    assert work
    assert (work.arxiv_id, work.year, work.authors[0].family) == ("2311.16162", 2023, "Yin")


def test_arxiv() -> None:
    """Feeds parse; the 400 entry is a refusal, the empty 406 and a page are bad answers."""
    parsed = 0
    for record in recordings("arxiv"):
        if "/api/query" not in record["request"]["url"]:
            continue
        if record["status"] == 400:
            with pytest.raises(RequestRefused):
                arxiv.parse(record["bytes"])
        elif record["status"] != 200:
            with pytest.raises(ServiceError):
                arxiv.parse(record["bytes"])
        else:
            for work in arxiv.parse(record["bytes"]):
                check(work)
                assert work.arxiv_id
            parsed += 1
    assert parsed >= 18


def test_unpaywall() -> None:
    """Records parse, 404 and 422 do not."""

    def parse_for(record: dict[str, Any]) -> Callable[[bytes], Any] | None:
        return None if "/v2/search" in record["request"]["url"] else unpaywall.parse

    parsed, refused = replay("unpaywall", parse_for)
    assert parsed >= 5
    assert refused == 3


def test_zenodo() -> None:
    """Records give their PDFs, data sets none; the pages that a browser gets are bad answers."""
    found: dict[str, int] = {}

    def parse(body: bytes) -> list[Location]:
        dois, places = zenodo.parse_record(body)
        assert any(doi.startswith("10.5281/zenodo.") for doi in dois)
        found.update({min(dois): len(places)})
        return list(places)

    parsed, refused = replay("zenodo", lambda _: parse)
    assert (parsed >= 10, refused) == (True, 2)
    assert set(found.values()) == {0, 1, 2, zenodo.MAX_FILES}


def test_crossref_names_files_under_open_licences() -> None:
    """Of all that publishers deposit, PDFs under Creative Commons alone; eLife's and Hindawi's are such."""
    urls: set[str] = set()
    for record in recordings("crossref"):
        try:
            works = crossref.parse(record["bytes"])
        except ServiceError:
            try:
                works = [work] if (work := crossref.parse_record(record["bytes"])) else []
            except ServiceError:
                continue
        for work in works:
            assert all("creativecommons" in (place.licence or "") for place in work.locations)
            urls.update(place.url for place in work.locations)
    assert any("elifesciences.org" in url for url in urls)
    assert not any("api.elsevier.com" in url or "api.wiley.com" in url for url in urls)


def test_europepmc_error_page_is_a_bad_answer() -> None:
    """The one recording of 2026 is a 500."""
    for record in recordings("europepmc"):
        with pytest.raises(ServiceError):
            europepmc.parse(record["bytes"], "https://europepmc.org")


@pytest.mark.parametrize("path", sorted((FOLDER / "openalex" / "raw").glob("*.json")), ids=lambda path: path.name[-50:])
def test_openalex_bodies_saved_by_others(path: Path) -> None:
    """Bodies that programs re-saved parse as well."""
    body = path.read_bytes()
    found = (
        openalex.parse(body) if body.lstrip().startswith((b'{"meta"', b'{"results"')) else [openalex.parse_record(body)]
    )
    for work in found:
        if work:
            check(work)
