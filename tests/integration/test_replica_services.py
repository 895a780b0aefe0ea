"""The replica over real sockets: services, hosts, limits, faults, control address and command."""

from __future__ import annotations

import concurrent.futures
import hashlib
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from dl_lit.core.services import Lane, Window
from dl_lit.replica import Fault, FaultKind, Latency, Replica, Settings, Shares, Universe

CITED = [
    {"doi": f"10.7717/peerj.{n}", "title": f"On the number {n} and its neighbours", "year": 2000 + n % 20,
     "authors": [{"family": f"Author{n}", "given": "A."}], "container": "PeerJ", "type": "journal-article"}
    for n in range(120)
]  # fmt: skip
CITING = {
    "doi": "10.1371/citing",
    "title": "What was known about numbers",
    "year": 2024,
    "references": [
        {"doi": item["doi"], "title": item["title"], "unstructured": f"[{n}] x"} for n, item in enumerate(CITED)
    ],
}
SPECIAL = [
    {"doi": "10.5281/zenodo.1", "title": "A data set of numbers", "type": "dataset", "oa": "closed"},
    {"doi": "10.1/green", "title": "A green work", "year": 2015, "oa": "green", "host": "repository-0"},
    {"doi": "10.1/gold", "title": "A gold work", "year": 2015, "oa": "gold", "host": "publisher-1"},
    {"doi": "10.1/closed", "title": "A closed work", "year": 2015, "oa": "closed", "host": "publisher-0"},
    {"doi": "10.1/pmc", "title": "A work in PMC", "year": 2015, "oa": "green", "pmcid": "PMC77", "pmid": "55",
     "type": "journal-article", "authors": [{"family": "Pub", "given": "M."}]},
    {"doi": "10.1/arxiv", "title": "A preprinted work", "year": 2015, "oa": "green", "arxiv_id": "1706.03762",
     "authors": [{"family": "Prior", "given": "P."}]},
    {"doi": "10.1/erratum", "title": "Correction to: A gold work", "year": 2016, "oa": "closed",
     "updates": [{"doi": "10.1/gold", "type": "correction", "date": "2016-02-03"}]},
    {"doi": "10.1/flagged", "title": "A flagged work", "year": 2012, "is_flagged": True, "oa": "closed"},
    {"doi": "10.1/retracted", "title": "A retracted work", "year": 2010, "is_retracted": True, "oa": "closed"},
]  # fmt: skip
UNIVERSE = Universe.from_records([*CITED, CITING, *SPECIAL])
ALL_KNOWN = Shares(
    missing_in_openalex=0, unlisted=0, pdf_linked=1, deposits=1, deposits_as_text=0, deposits_as_dois=0, deposited=1,
    deposited_doi=1, deposited_title=1, matched_by_doi=1, matched_by_title=1,
)  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(timeout=10) as made:
        yield made


@pytest.fixture(scope="module")
def replica() -> Iterator[Replica]:
    with Replica(UNIVERSE, seed=1, hosts=5, shares=ALL_KNOWN, enforce_limits=False) as made:
        yield made
        assert made.problems == []


@pytest.fixture
def web(replica: Replica, client: httpx.Client) -> Iterator[Any]:
    """GET from a site of the replica, which forgets everything afterwards."""

    def get(site: str, target: str, **more: Any) -> httpx.Response:
        return client.get(replica.url(site) + target, **more)

    yield get
    replica.reset()


def test_openalex_singletons_are_free_and_lists_cost(web: Any) -> None:
    free = web("openalex", "/works/doi:10.1371/citing")
    assert free.headers["x-ratelimit-credits-used"] == "0"
    dear = web("openalex", "/works/https://doi.org/10.1371/citing")
    assert dear.headers["x-ratelimit-credits-used"] == "1"
    assert free.json()["id"] == dear.json()["id"]
    assert len(free.json()["referenced_works"]) == 120
    assert (
        web("openalex", f"/works/{free.json()['id'].rpartition('/')[2]}").json()["doi"]
        == "https://doi.org/10.1371/citing"
    )
    search = web("openalex", "/works", params={"filter": "title.search:What was known about numbers"})
    assert search.headers["x-ratelimit-credits-used"] == "10"
    assert [work["doi"] for work in search.json()["results"]] == ["https://doi.org/10.1371/citing"]
    assert search.headers["x-ratelimit-remaining"] == "989"


def test_openalex_pages_by_number_and_by_cursor(web: Any) -> None:
    work = web("openalex", "/works/doi:10.1371/citing", params={"select": "id"}).json()
    assert set(work) == {"id"}
    asked = f"cited_by:{work['id'].rpartition('/')[2]}"
    pages = [web("openalex", "/works", params={"filter": asked, "per_page": 100, "page": n}).json() for n in (1, 2, 3)]
    assert [len(page["results"]) for page in pages] == [100, 20, 0]
    assert pages[0]["meta"]["count"] == 120
    seen, cursor = [], "*"
    while cursor:
        page = web(
            "openalex", "/works", params={"filter": asked, "per_page": 50, "cursor": cursor, "select": "doi"}
        ).json()
        seen += [found["doi"] for found in page["results"]]
        cursor = page["meta"]["next_cursor"]
    assert len(set(seen)) == len(seen) == 120


def test_openalex_batches_by_any_identifier(web: Any) -> None:
    by_doi = web("openalex", "/works?filter=doi:10.1/gold|https://doi.org/10.1/GREEN|10.9/none&select=doi").json()
    assert {work["doi"] for work in by_doi["results"]} == {"https://doi.org/10.1/gold", "https://doi.org/10.1/green"}
    assert web("openalex", "/works?filter=ids.pmid:55&select=doi").json()["results"] == [
        {"doi": "https://doi.org/10.1/pmc"}
    ]
    both = web("openalex", "/works", params={"filter": "doi:10.1/gold|10.1/closed,is_oa:true", "select": "doi"}).json()
    assert [work["doi"] for work in both["results"]] == ["https://doi.org/10.1/gold"]
    address = "filter=locations.landing_page_url:http://arxiv.org/abs/1706.03762"
    assert len(web("openalex", f"/works?{address}").json()["results"]) == 1


@pytest.mark.parametrize(
    "query",
    [
        "filter=title.search:a%20title,%20with%20comma",
        "filter=title.search:a|b",
        "filter=title.search:why?",
        "search=!no",
        "filter=nonsense:1",
        "select=nonsense",
        "nonsense=1",
        "per_page=201",
        "page=500&per_page=100",
        "page=one",
        "filter=doi:a&filter=doi:b",
        "filter=nothing",
        "limit=5",
        "filter=doi:" + "|".join(f"10.1/{n}" for n in range(101)),
    ],
)
def test_openalex_refuses_what_the_real_one_refuses(web: Any, query: str) -> None:
    answer = web("openalex", f"/works?{query}")
    assert answer.status_code == 400
    assert answer.json()["message"]


def test_openalex_takes_escaped_and_quoted_commas(web: Any) -> None:
    for value in ("On%20the%20number%207%2C%20and%20its%20neighbours", '"On the number 7, and its neighbours"'):
        assert web("openalex", f"/works?filter=title.search:{value}").json()["meta"]["count"] == 1


def test_openalex_budgets_end_with_429(client: httpx.Client) -> None:
    settings = Settings(openalex_credits=11, openalex_keys=frozenset({"good"}))
    with Replica(UNIVERSE, hosts=2, settings=settings, enforce_limits=False) as replica:
        base = replica.url("openalex")
        assert client.get(f"{base}/works?search=numbers").status_code == 200
        refused = client.get(f"{base}/works?search=numbers")
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0
        assert client.get(f"{base}/works?filter=doi:10.1/gold").status_code == 200
        assert client.get(f"{base}/works?filter=doi:10.1/gold").status_code == 429
        assert client.get(f"{base}/works/doi:10.1/gold").status_code in {200, 404}
        keyed = client.get(f"{base}/works?search=numbers", headers={"authorization": "Bearer good"})
        assert keyed.headers["x-ratelimit-limit"] == "10000"
        assert client.get(f"{base}/works/W1?api_key=bad").status_code == 401
        assert client.get(f"{base}/rate-limit?api_key=good").json()["rate_limit"]["credits_used"] == 10
        assert [entry.refused for entry in replica.log.entries("openalex")].count("budget") == 2


def test_crossref_records_lists_and_searches(web: Any) -> None:
    record = web("crossref", "/v1/works/10.1371%2Fciting").json()["message"]
    assert record["references-count"] == 120
    assert record["reference"][0] == {
        "key": "ref1", "doi-asserted-by": "publisher", "DOI": "10.7717/peerj.0", "author": "Author0", "year": "2000",
        "article-title": "On the number 0 and its neighbours", "journal-title": "PeerJ",
    }  # fmt: skip
    assert web("crossref", "/works/10.1/none").text == "Resource not found."
    assert web("crossref", "/works/10.5281/zenodo.1").status_code == 404
    found = web("crossref", "/works?filter=doi:10.1/gold,doi:10.1/green,doi:10.9/x&rows=10&select=DOI").json()[
        "message"
    ]
    assert sorted(item["DOI"] for item in found["items"]) == ["10.1/gold", "10.1/green"]
    text = "Author7, A. (2007). On the number 7 and its neighbours. PeerJ"
    hits = web("crossref", "/works", params={"query.bibliographic": text, "rows": 2}).json()["message"]
    assert hits["items"][0]["DOI"] == "10.7717/peerj.7"
    assert hits["items"][0]["score"] > hits["items"][1]["score"]
    assert hits["total-results"] > 100
    assert web("crossref", "/works", params={"query.bibliographic": "qqxyz"}).json()["message"]["items"] == []


def test_crossref_tells_of_notices_in_both_directions(web: Any) -> None:
    """The work names its notices, a notice its works, and a list the notices about several works."""
    [made_up] = web("crossref", "/works/10.1/retracted").json()["message"]["updated-by"]
    assert (made_up["type"], made_up["source"]) == ("retraction", "retraction-watch")
    notice = web("crossref", f"/works/{made_up['DOI']}").json()["message"]
    assert notice["update-to"][0]["DOI"] == "10.1/retracted"
    [correction] = web("crossref", "/works/10.1/gold").json()["message"]["updated-by"]
    assert (correction["DOI"], correction["updated"]["date-parts"]) == ("10.1/erratum", [[2016, 2, 3]])
    asked = "filter=updates:10.1/retracted,updates:10.1/GOLD,updates:10.1/green&rows=100&select=DOI,update-to"
    listed = web("crossref", f"/works?{asked}").json()["message"]["items"]
    assert {item["DOI"]: item["update-to"][0]["type"] for item in listed} == {
        "10.1/retracted.retraction": "retraction",
        "10.1/erratum": "correction",
    }
    flags = {
        doi: web("openalex", f"/works/doi:{doi}").json()["is_retracted"]
        for doi in ("10.1/retracted", "10.1/gold", "10.1/flagged")
    }
    assert flags == {"10.1/retracted": True, "10.1/gold": False, "10.1/flagged": True}
    assert "updated-by" not in web("crossref", "/works/10.1/flagged").json()["message"]


def test_deposits_and_matches_have_gaps_by_the_seed() -> None:
    """Some lists are text and some fields, some references lack DOIs, and OpenAlex leaves some out; order is kept."""
    citing = [{**CITING, "doi": f"10.1371/citing.{n}", "title": f"What was known, part {n}"} for n in range(20)]
    universe = Universe.from_records([*CITED, *citing])
    with Replica(universe, seed=4, hosts=2, enforce_limits=False) as made, httpx.Client(timeout=10) as client:
        url = f"{made.url('crossref')}/works/10.1371/citing"
        lists = [client.get(f"{url}.{n}").json()["message"].get("reference", []) for n in range(20)]
        again = client.get(f"{url}.3").json()["message"].get("reference", [])
        base = f"{made.url('openalex')}/works/doi:10.1371/citing"
        listed = [client.get(f"{base}.{n}", params={"select": "referenced_works"}) for n in range(20)]
        matched = [len(one.json()["referenced_works"]) for one in listed if one.status_code == 200]
    assert again == lists[3]
    assert any(not one for one in lists)
    given = [one for one in lists if one]
    assert all(100 < len(one) < 120 for one in given)
    assert {all("unstructured" in item for item in one) for one in given} == {True, False}
    assert any(sum(item.keys() == {"key", "DOI", "doi-asserted-by"} for item in one) > 80 for one in given)
    assert all(0.6 < sum("DOI" in item for item in one) / len(one) < 0.95 for one in given)
    assert all([int(item["key"][3:]) for item in one] == sorted(int(item["key"][3:]) for item in one) for one in given)
    assert all(95 < count < 120 for count in matched)


def test_crossref_pools_follow_the_contact_address(web: Any) -> None:
    pools = [
        web("crossref", target, headers={"user-agent": agent}).headers["x-api-pool"]
        for target, agent in (
            ("/works/10.1/gold", "x"),
            ("/works/10.1/gold?mailto=a@b.org", "x"),
            ("/works?query=x", "x (mailto:a@b.org)"),
            ("/works?query=x", "x"),
        )
    ]
    assert pools == ["public-single", "polite-single", "polite-array", "public-array"]


@pytest.mark.parametrize(
    "query", ["rows=1001", "rows=x", "filter=nonsense:1", "select=nonsense", "nonsense=1", "sample=101"]
)
def test_crossref_refuses_with_its_own_body(web: Any, query: str) -> None:
    answer = web("crossref", f"/works?{query}")
    assert answer.status_code == 400
    assert answer.json()["message-type"] == "validation-failure"


def test_crossref_pages_by_cursor(web: Any) -> None:
    first = web("crossref", "/works?rows=50&cursor=*&filter=prefix:10.7717").json()["message"]
    second = web("crossref", "/works", params={"rows": 100, "cursor": first["next-cursor"], "filter": "prefix:10.7717"})
    dois = [item["DOI"] for item in first["items"] + second.json()["message"]["items"]]
    assert len(set(dois)) == 120
    assert web("crossref", "/works?cursor=thing").status_code == 404


def test_datacite_has_its_own_prefixes(web: Any) -> None:
    assert web("datacite", "/dois/10.5281/zenodo.1").json()["data"]["attributes"]["titles"] == [
        {"title": "A data set of numbers"}
    ]
    missing = web("datacite", "/dois/10.1/gold")
    assert missing.status_code == 404
    assert missing.json()["errors"][0]["status"] == "404"
    assert web("datacite", "/dois?ids=10.5281/zenodo.1,10.5281/x").json()["meta"]["total"] == 1
    found = web("datacite", "/dois", params={"query": 'titles.title:("data set of numbers")'}).json()
    assert found["data"][0]["id"] == "10.5281/zenodo.1"


def test_unpaywall_wants_a_real_address(web: Any) -> None:
    gold = web("unpaywall", "/v2/10.1/gold?email=me@lab.org").json()
    assert gold["best_oa_location"]["host_type"] == "publisher"
    assert gold["oa_status"] == "gold"
    assert web("unpaywall", "/v2/10.1/closed?email=me@lab.org").json()["oa_locations"] == []
    assert web("unpaywall", "/v2/10.1/none?email=me@lab.org").status_code == 404
    assert web("unpaywall", "/v2/10.1/gold").status_code == 422
    assert web("unpaywall", "/v2/10.1/gold?email=you@example.com").status_code == 422


def test_arxiv_lists_ten_unless_told_and_leaves_unknown_ids_out(replica: Replica, web: Any) -> None:
    feed = web("arxiv", "/api/query?id_list=1706.03762v2,0000.0000").text
    assert feed.count("<entry>") == 1
    assert "<arxiv:doi>10.1/arxiv</arxiv:doi>" in feed
    assert web("arxiv", "/api/query?id_list=abc").status_code == 400
    found = web("arxiv", "/api/query", params={"search_query": 'ti:"A preprinted work" AND au:Prior'}).text
    assert found.count("<entry>") == 1
    assert (
        web("arxiv", "/api/query", params={"search_query": 'ti:"A preprinted work" AND au:Other'}).text.count("<entry>")
        == 0
    )
    assert web("arxiv", "/pdf/1706.03762v1").content.startswith(b"%PDF-")
    derived = [found.arxiv_id for record in UNIVERSE if (found := replica.catalogue.access(record)).arxiv_id]
    ids = ",".join(str(arxiv_id) for arxiv_id in derived)
    wanted = web("arxiv", "/api/query", params={"id_list": ids, "max_results": len(derived)}).text.count("<entry>")
    assert wanted == len(derived)
    assert web("arxiv", "/api/query", params={"id_list": ids}).text.count("<entry>") == min(10, len(derived))


def test_europepmc_answers_batches_and_errors_in_200(replica: Replica, client: httpx.Client, web: Any) -> None:
    base = replica.env()["DL_LIT_EUROPEPMC_URL"]
    form = {"query": 'DOI:"10.1/pmc" OR DOI:"10.9/x"', "format": "json", "resultType": "core"}
    [found] = client.post(f"{base}/searchPOST", data=form).json()["resultList"]["result"]
    assert (found["pmcid"], found["isOpenAccess"], found["inEPMC"]) == ("PMC77", "Y", "Y")
    pdf = next(url["url"] for url in found["fullTextUrlList"]["fullTextUrl"] if url["documentStyle"] == "pdf")
    assert client.get(pdf).content.startswith(b"%PDF-")
    by_title = client.get(
        f"{base}/search", params={"query": 'TITLE:"A work in PMC" AND AUTH:"Pub M"', "format": "json"}
    )
    assert by_title.json()["hitCount"] == 1
    bad = client.get(f"{base}/search?query=x&format=json&pageSize=0")
    assert (bad.status_code, bad.json()["errCode"]) == (200, 404)


def test_the_pmc_bucket_lists_by_prefix(web: Any) -> None:
    assert "<Prefix>PMC77.1/</Prefix>" in web("pmc", "/?list-type=2&prefix=PMC77.&delimiter=/").text
    assert "<KeyCount>0</KeyCount>" in web("pmc", "/?list-type=2&prefix=PMC7.").text
    metadata = web("pmc", "/PMC77.1/PMC77.1.json").json()
    assert metadata["pdf_url"] == "s3://pmc-oa-opendata/PMC77.1/PMC77.1.pdf"
    pdf = web("pmc", "/PMC77.1/PMC77.1.pdf")
    assert pdf.headers["content-type"] == "binary/octet-stream"
    assert pdf.content.startswith(b"%PDF-")
    assert "NoSuchKey" in web("pmc", "/PMC1.1/PMC1.1.pdf").text


def test_the_resolver_knows_agencies_and_targets(replica: Replica, web: Any) -> None:
    agencies = web("doi", "/doiRA/10.1152,10.48550,nonsense").json()
    assert [entry.get("RA") for entry in agencies] == ["Crossref", "DataCite", None]
    target = web("doi", "/10.1/gold").headers["location"]
    assert target.startswith(replica.url("publisher-1"))
    negotiated = web(
        "doi", "/10.1/gold", headers={"accept": "application/vnd.citationstyles.csl+json"}, follow_redirects=True
    )
    assert negotiated.json()["title"] == "A gold work"
    assert web("doi", "/10.1/none").status_code == 404
    assert web("doi", "/foo").status_code == 400


def test_semanticscholar_keeps_the_order_of_a_batch(replica: Replica, client: httpx.Client, web: Any) -> None:
    base = replica.env()["DL_LIT_SEMANTIC_SCHOLAR_URL"]
    ids = ["DOI:10.1/gold", "DOI:10.9/none", "ARXIV:1706.03762"]
    found = client.post(f"{base}/paper/batch?fields=title,openAccessPdf", json={"ids": ids}).json()
    assert [paper and paper["title"] for paper in found] == ["A gold work", None, "A preprinted work"]
    assert client.post(f"{base}/paper/batch", json={"ids": ["x"] * 501}).status_code == 400
    assert client.get(f"{base}/paper/search/match?query=gold%20work").json()["data"][0]["title"] == "A gold work"
    assert client.get(f"{base}/paper/search/match?query=qqxyz").json() == {"error": "Title match not found"}


def test_every_location_leads_to_its_file(replica: Replica, client: httpx.Client, web: Any) -> None:
    """Whatever the services name can be fetched, and is the same file however often."""
    fetched = 0
    for record in UNIVERSE:
        for copy in replica.catalogue.access(record).copies:
            landing = client.get(replica.catalogue.landing_url(copy))
            assert landing.headers["content-type"].startswith("text/html")
            assert copy.pdf_path in landing.text
            once, again = (client.get(replica.catalogue.pdf_url(copy)).content for _ in range(2))
            assert hashlib.sha256(once).digest() == hashlib.sha256(again).digest()
            fetched += 1
    assert fetched > 30


def test_closed_works_have_a_page_and_a_paywall(replica: Replica, web: Any) -> None:
    closed = UNIVERSE.by_doi("10.1/closed")
    assert closed is not None
    page = web("publisher-0", f"/article/{closed.position}")
    assert "citation_doi" in page.text
    assert "citation_pdf_url" not in page.text
    assert web("publisher-0", f"/article/{closed.position}/fulltext.pdf").status_code == 403
    assert web("publisher-0", "/article/999999").status_code == 404
    assert web("repository-0", f"/handle/10/{closed.position}").status_code == 404


def test_every_request_is_in_the_log(replica: Replica, client: httpx.Client, web: Any) -> None:
    web("openalex", "/works/doi:10.1/gold?select=id", headers={"user-agent": "tester/1"})
    web("crossref", "/works?query=x")
    entry, search = replica.log.entries()
    assert (entry.group, entry.kind, entry.status, entry.user_agent) == ("openalex", "record", 200, "tester/1")
    assert entry.target == "/works/doi:10.1/gold?select=id"
    assert entry.bytes_sent > 10
    assert 0 < entry.duration < 1
    assert abs(entry.wall - time.time()) < 60
    assert search.kind == "search"
    told = client.get(f"{replica.control_url}/__replica__/log?group=openalex").json()["entries"]
    assert [line["number"] for line in told] == [entry.number]
    assert client.get(f"{replica.control_url}/__replica__/stats").json()["requests"] == 2
    assert client.get(f"{replica.control_url}/__replica__/env").json() == replica.env()
    assert client.get(f"{replica.control_url}/__replica__/nothing").status_code == 404


def test_faults_are_put_in_over_http(replica: Replica, client: httpx.Client, web: Any) -> None:
    control = f"{replica.control_url}/__replica__"
    assert client.post(f"{control}/faults", json=[{"kind": "server-error", "group": "doi", "first": 1}]).json() == {
        "faults": 1
    }
    assert [web("doi", "/10.1/gold").status_code for _ in range(2)] == [503, 302]
    assert [entry.fault for entry in replica.log.entries("doi")] == ["server-error", ""]
    assert client.post(f"{control}/faults", json={"kind": "nonsense"}).status_code == 400
    assert client.post(f"{control}/reset").json() == {"reset": True}
    assert client.get(f"{control}/faults").json() == {"faults": 0}
    assert replica.log.entries() == []


def gold_pdf(replica: Replica) -> str:
    record = UNIVERSE.by_doi("10.1/gold")
    assert record is not None
    return replica.catalogue.pdf_url(replica.catalogue.access(record).copies[0])


@pytest.mark.parametrize(
    ("fault", "status", "content", "begins"),
    [
        (Fault(kind=FaultKind.FORBIDDEN), 403, "text/html", b"<html>"),
        (Fault(kind=FaultKind.NOT_FOUND), 404, "text/html", b"<html>"),
        (Fault(kind=FaultKind.HTML), 200, "text/html", b"<!DOCTYPE html>"),
        (Fault(kind=FaultKind.NOT_JSON), 200, "application/json", b"upstream"),
        (Fault(kind=FaultKind.EMPTY), 200, "application/pdf", b""),
        (Fault(kind=FaultKind.LOGIN), 200, "text/html", b"<!DOCTYPE html>"),
        (Fault(kind=FaultKind.COOKIE_WALL), 200, "text/html", b"<!DOCTYPE html>"),
        (Fault(kind=FaultKind.CHALLENGE), 403, "text/html", b"<!DOCTYPE html>"),
        (Fault(kind=FaultKind.CHALLENGE, status=200), 200, "text/html", b"<!DOCTYPE html>"),
        (Fault(kind=FaultKind.ENCRYPTED_PDF), 200, "application/pdf", b"%PDF-"),
        (Fault(kind=FaultKind.DAMAGED_PDF), 200, "application/pdf", b"%PDF-"),
        (Fault(kind=FaultKind.OTHER_PDF), 200, "application/pdf", b"%PDF-"),
        (Fault(kind=FaultKind.TRUNCATED), 200, "application/pdf", b"%PDF-"),
        (Fault(kind=FaultKind.SERVER_ERROR, status=502), 502, "text/html", b"<html>"),
        (Fault(kind=FaultKind.DRIP, delay_s=0.001), 200, "application/pdf", b"%PDF-"),
        (Fault(kind=FaultKind.SLOW, delay_s=0.01), 200, "application/pdf", b"%PDF-"),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else None,
)
def test_faults_that_answer(
    replica: Replica, client: httpx.Client, web: Any, *, fault: Fault, status: int, content: str, begins: bytes
) -> None:
    proper = client.get(gold_pdf(replica)).content
    replica.add_fault(fault)
    answer = client.get(gold_pdf(replica))
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith(content)
    assert answer.content.startswith(begins)
    if fault.kind in {FaultKind.DRIP, FaultKind.SLOW}:
        assert answer.content == proper
    else:
        assert answer.content != proper


@pytest.mark.parametrize("kind", [FaultKind.RESET, FaultKind.WRONG_LENGTH, FaultKind.GARBAGE])
def test_faults_that_break_the_connection(replica: Replica, client: httpx.Client, web: Any, kind: FaultKind) -> None:
    replica.add_fault(Fault(kind=kind))
    with pytest.raises(httpx.TransportError):
        client.get(gold_pdf(replica))
    [entry] = replica.log.entries()
    assert entry.fault == kind.value


def test_a_hang_lasts_until_the_client_gives_up(replica: Replica, client: httpx.Client, web: Any) -> None:
    replica.add_fault(Fault(kind=FaultKind.HANG))
    with pytest.raises(httpx.ReadTimeout):
        client.get(gold_pdf(replica), timeout=0.1)


def test_redirects_that_lead_astray(replica: Replica, client: httpx.Client, web: Any) -> None:
    replica.add_fault(Fault(kind=FaultKind.REDIRECT_LOOP, first=30))
    with pytest.raises(httpx.TooManyRedirects):
        client.get(gold_pdf(replica), follow_redirects=True)
    replica.reset()
    replica.add_fault(Fault(kind=FaultKind.REDIRECT_PRIVATE))
    assert client.get(gold_pdf(replica)).headers["location"] == "http://10.255.255.1/internal"


def test_the_bomb_is_declared(replica: Replica, client: httpx.Client, web: Any) -> None:
    replica.add_fault(Fault(kind=FaultKind.GZIP_BOMB))
    with client.stream("GET", gold_pdf(replica)) as answer:
        assert answer.headers["content-encoding"] == "gzip"
        assert int(answer.headers["content-length"]) < 1_000_000
        assert len(next(answer.iter_bytes())) > 0


@pytest.mark.parametrize(
    ("rule", "seconds"),
    [
        (Fault(kind=FaultKind.TOO_MANY_REQUESTS), None),
        (Fault(kind=FaultKind.TOO_MANY_REQUESTS, retry_after_s=7), "7"),
        (Fault(kind=FaultKind.TOO_MANY_REQUESTS, retry_after_s=7, as_date=True), "GMT"),
    ],
)
def test_429_comes_in_the_services_own_shape(replica: Replica, web: Any, rule: Fault, seconds: str | None) -> None:
    replica.add_fault(rule)
    openalex, arxiv, crossref = (
        web("openalex", "/works/W1"),
        web("arxiv", "/api/query?id_list=1"),
        web("crossref", "/works/10.1/x"),
    )
    assert openalex.json()["error"] == "Rate limit exceeded"
    assert arxiv.text == "Rate exceeded."
    assert "<h1>429 Too Many Requests</h1>" in crossref.text
    for answer in (openalex, arxiv, crossref):
        assert answer.status_code == 429
        told = answer.headers.get("retry-after")
        assert told is None if seconds is None else seconds in told


def test_limits_are_kept_as_the_real_ones_keep_them(client: httpx.Client) -> None:
    """Anonymous list requests at Crossref: one a second, one at a time; at arXiv one in three seconds."""
    with Replica(UNIVERSE, hosts=2) as replica:
        crossref = [client.get(replica.url("crossref") + "/works?query=x").status_code for _ in range(3)]
        assert crossref == [200, 429, 429]
        assert [client.get(replica.url("arxiv") + "/abs/1706.03762").status_code for _ in range(2)] == [200, 429]
        fast = [client.get(replica.url("openalex") + "/works/doi:10.1/gold").status_code for _ in range(12)]
        assert fast.count(429) >= 1
        assert {entry.refused for entry in replica.log.entries("openalex")} == {"", "rate"}


def test_concurrency_is_limited(client: httpx.Client) -> None:
    lanes = {"crossref/single/polite": Lane((Window(1000, 1.0),), 3)}
    with Replica(UNIVERSE, hosts=2, limits=lanes, latency=Latency(0.2, 0.2)) as replica:
        url = replica.url("crossref") + "/works/10.1/gold?mailto=a@b.org"
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            statuses = sorted(pool.map(lambda _: client.get(url).status_code, range(8)))
        assert statuses.count(200) >= 3
        assert statuses.count(429) >= 1
        assert replica.log.stats()["groups"]["crossref"]["refused"]["concurrency"] == statuses.count(429)


def test_time_scale_shortens_latencies_and_windows_alike(client: httpx.Client) -> None:
    with Replica(UNIVERSE, hosts=2, latency=Latency(5.0, 5.0), time_scale=100) as replica:
        url = replica.url("arxiv") + "/abs/1706.03762"
        assert [client.get(url).status_code for _ in range(5)] == [200] * 5
        for entry in replica.log.entries("arxiv"):
            assert 0.05 <= entry.duration < 1


def test_a_thousand_connections_are_served(client: httpx.Client) -> None:
    """All open at once, each answered."""
    with Replica(UNIVERSE, hosts=2, enforce_limits=False) as replica:
        address = ("127.0.0.2", replica.hosts.port)
        sockets = [socket.create_connection(address) for _ in range(1000)]
        try:
            for connection in sockets:
                connection.sendall(b"GET /works/doi:10.1/gold?select=id HTTP/1.1\r\nHost: x\r\n\r\n")
            assert all(connection.recv(12) == b"HTTP/1.1 200" for connection in sockets)
        finally:
            for connection in sockets:
                connection.close()


def test_pipelined_requests_are_answered_in_order(replica: Replica) -> None:
    with socket.create_connection(("127.0.0.9", replica.hosts.port)) as connection:
        connection.sendall(b"".join(b"GET /doiRA/10.%d HTTP/1.1\r\nHost: x\r\n\r\n" % n for n in range(1000, 1050)))
        received = b""
        while received.count(b"Crossref") < 50:
            received += connection.recv(65536)
    places = [received.find(b'"10.%d"' % n) for n in range(1000, 1050)]
    assert places == sorted(places)
    assert min(places) > 0


def test_nonsense_ends_the_connection(replica: Replica) -> None:
    with socket.create_connection(("127.0.0.9", replica.hosts.port)) as connection:
        connection.sendall(b"nonsense\r\n\r\n")
        assert connection.recv(10) == b""


def test_a_port_can_be_asked_for() -> None:
    with Replica(UNIVERSE, hosts=2) as first, pytest.raises(OSError, match="in use"):
        Replica(UNIVERSE, hosts=2, port=first.hosts.port).start()


def test_nothing_is_left_running() -> None:
    before = threading.active_count()
    with Replica(UNIVERSE, hosts=2):
        assert threading.active_count() == before + 1
    assert threading.active_count() == before


@pytest.mark.parametrize("ending", ["stdin", "sigterm"])
def test_the_command_serves_until_told_to_stop(tmp_path: Path, client: httpx.Client, ending: str) -> None:
    file, log = tmp_path / "universe.jsonl", tmp_path / "log.jsonl"
    file.write_text("\n".join(json.dumps(item) for item in SPECIAL))
    command = [sys.executable, "-m", "dl_lit.replica", "--universe", str(file), "--cache", str(tmp_path / "cache")]
    command += ["--hosts", "3", "--log", str(log)]
    root = Path(__file__).parents[2]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=root, env={**os.environ}
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        assert told["records"] == len(SPECIAL)
        assert client.get(f"{told['env']['DL_LIT_CROSSREF_URL']}/works/10.1/gold").status_code == 200
        assert client.get(f"{told['grobid']}/api/isalive").text == "true"
        if ending == "stdin":
            process.stdin.close()
        else:
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0
    assert [json.loads(line)["kind"] for line in log.read_text().splitlines()] == ["record", "other"]
