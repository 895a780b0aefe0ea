"""The replica's answers have the shapes of recorded ones: every recorded request is asked again, of the replica."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import httpx
import pytest

from dl_lit.replica import Replica, Settings, Shares, Universe

RECORDED = Path(__file__).parents[3] / "shared" / "recorded"

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not RECORDED.is_dir(), reason="the folder ../shared is absent"),
]

# The routes the replica serves; recordings of others (funders, members, authors ...) are not its business.
ROUTES = {
    "openalex": re.compile(r"^https?://api\.openalex\.org/works(?:/|\?|$)"),
    "crossref": re.compile(r"^https?://api\.crossref\.org(?:/v1)?/works(?:/|\?|$)"),
    "datacite": re.compile(r"^https?://api(?:\.test|\.stage)?\.datacite\.org/dois/"),
    "unpaywall": re.compile(r"^https?://api\.unpaywall\.org/v2/(?!search)"),
    "arxiv": re.compile(r"^https?://export\.arxiv\.org/api/query\?"),
    "doi": re.compile(r"^https?://doi\.org/"),
    "semantic_scholar": re.compile(r"^https?://api\.semanticscholar\.org/graph/v1/paper/"),
}
FOLDERS = {"doi": "doi-org", "semantic_scholar": "semanticscholar"}
NOT_SERVED = re.compile(
    r"/transform/(?!application/(?:x-bibtex|vnd\.citationstyles))|/citations|/search/bulk|snippet|/authors"
    r"|unixsd|[?&]facet|[?&]cursor=(?:5|[A-Za-z0-9]{20})|publicationTypes=|year=|venue=|fieldsOfStudy=|minCitationCount=|OrYear="
    r"|has-license|has-full-text|has-orcid|award\.funder"
)
# Recordings of circumstances that no replica of a later day repeats: a DOI that one service lacks and another has.
ACCIDENTS = {"rcrossref__cr_cn_no_agency_still_work__0.json", "paper-qa__test_bulk_doi_search__3.json"}


@dataclass(frozen=True)
class Recording:
    """One recorded interaction."""

    service: str
    name: str
    method: str
    url: str
    sent: str | None
    accept: str | None
    status: int
    headers: dict[str, str]
    body: str
    year: int

    @property
    def target(self) -> str:
        """Path and query."""
        parts = urlsplit(self.url)
        return parts.path + (f"?{parts.query}" if parts.query else "")


def accept_of(request: dict[str, Any]) -> str | None:
    """The Accept header of a recorded request."""
    headers = {name.lower(): value for name, value in (request.get("headers") or {}).items()}
    found = headers.get("accept")
    return found[0] if isinstance(found, list) else found


def recordings() -> Iterator[Recording]:
    """The interactions on routes the replica serves."""
    for service, route in ROUTES.items():
        for file in sorted((RECORDED / FOLDERS.get(service, service)).glob("*.json")):
            item = json.loads(file.read_text(encoding="utf-8"))
            request, url = item["request"], item["request"]["url"]
            if not route.match(url) or NOT_SERVED.search(url) or request["method"] not in {"GET", "HEAD", "POST"}:
                continue
            if "/transform" in url and "xml" in (accept_of(request) or ""):
                continue  # unixref is not served
            if (
                file.name in ACCIDENTS
                or "not kept" in url
                or (url.startswith("http://") and item["status"] in {301, 303})
            ):
                continue
            found = re.search(r"20\d\d", str(item.get("recorded_at") or "2026"))
            yield Recording(
                service,
                file.name,
                request["method"],
                url,
                request.get("body"),
                accept_of(request),
                item["status"],
                {name.lower(): value for name, value in item["headers"].items()},
                item["body"] if item.get("body_encoding", "text") == "text" else "",
                int(found[0]) if found else 2026,
            )


def parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def described(value: Any) -> Iterator[dict[str, Any]]:
    """The works that a recorded body describes, wherever in it, as records of a universe."""
    if isinstance(value, list):
        for item in value:
            yield from described(item)
    if not isinstance(value, dict):
        return
    doi = value.get("DOI") or value.get("doi")
    if not isinstance(doi, str):
        identifiers = value.get("externalIds")
        doi = identifiers.get("DOI") if isinstance(identifiers, dict) else None
    title = value.get("title") or (value.get("titles") or [{}])[0]
    title = title[0] if isinstance(title, list) and title else title
    title = title.get("title") if isinstance(title, dict) else title
    if isinstance(doi, str) and "/" in doi:
        yield {
            "doi": unquote(doi),
            "title": title if isinstance(title, str) and title else "untitled",
            "authors": [{"family": "Family", "given": "Given"}, {"family": "Other", "given": "One"}],
            "year": 2015,
            "container": "Journal",
            "type": "journal-article",
            "volume": "1",
            "issue": "2",
            "pages": "3-4",
            "oa": "gold",
            "pmid": str(abs(hash(doi)) % 10**7),
            "abstract": "Few words.",
            "isbn": "9780000000000",
            "references": [
                {
                    "key": "r1",
                    "doi": doi,
                    "unstructured": "x",
                    "title": "t",
                    "author": "a",
                    "year": "1",
                    "container": "c",
                }
            ],
        }
    for name in ("message", "items", "results", "data", "attributes", "citedPaper"):
        yield from described(value.get(name))


def universe_of(found: list[Recording]) -> Universe:
    """All works that any recorded success is about."""
    items: dict[str, dict[str, Any]] = {}
    for recording in found:
        if recording.status not in {200, 301, 302, 303}:
            continue
        agency = "DataCite" if recording.service == "datacite" else None
        for item in described(parsed(recording.body)):
            items.setdefault(item["doi"].lower(), {**item, "agency": agency})
        asked = re.search(r"10\.\d{4,9}/[^?]+", unquote(urlsplit(recording.url).path))
        if asked:
            doi = asked[0].partition("/transform")[0].removesuffix("/agency").removesuffix("/references").lower()
            items.setdefault(doi, {"doi": doi, "title": "untitled", "year": 2015, "agency": agency})
        if recording.service == "arxiv":
            for entry in re.findall(
                r"<id>http://arxiv\.org/abs/([^<]+?)(?:v\d+)?</id>\s*<title>([^<]+)", recording.body
            ):
                title = f"{entry[1]} testing"
                items.setdefault(
                    entry[0], {"title": title, "arxiv_id": entry[0], "authors": [{"family": "F", "given": "G"}]}
                )
        if recording.service == "semantic_scholar" and "query=" in recording.url:
            asked_title = httpx.URL(recording.url).params.get("query", "")
            items.setdefault(asked_title, {"title": asked_title, "year": 2015})
    return Universe.from_records(items.values())


@pytest.fixture(scope="module")
def found() -> list[Recording]:
    return list(recordings())


@pytest.fixture(scope="module")
def asked_again(found: list[Recording]) -> Iterator[list[tuple[Recording, httpx.Response]]]:
    """Every recording with the replica's answer to the same request."""
    shares = Shares(missing_in_openalex=0)
    with (
        Replica(universe_of(found), seed=3, hosts=3, enforce_limits=False, shares=shares) as replica,
        httpx.Client() as client,
    ):
        pairs = []
        for recording in found:
            base = f"http://{urlsplit(replica.url(recording.service)).netloc}"
            headers = {"accept": recording.accept} if recording.accept else {}
            content = recording.sent.encode() if recording.sent and recording.method == "POST" else None
            answer = client.request(recording.method, base + recording.target, headers=headers, content=content)
            pairs.append((recording, answer))
        yield pairs
        assert replica.problems == []


def test_the_replica_is_held_against_enough_recordings(found: list[Recording]) -> None:
    counts: dict[str, int] = defaultdict(int)
    for recording in found:
        counts[recording.service] += 1
    assert set(counts) == set(ROUTES)
    assert sum(counts.values()) > 350


# Recorded statuses that stand for something else than the request: limits reached, gateways, answers of other years.
CIRCUMSTANCES = {429, 500, 504, 403, 406}


def test_statuses_are_the_recorded_ones(asked_again: list[tuple[Recording, httpx.Response]]) -> None:
    different = [
        (recording.name, recording.url, recording.status, answer.status_code)
        for recording, answer in asked_again
        if recording.status not in CIRCUMSTANCES and recording.status != answer.status_code
    ]
    assert not different, "\n".join(map(str, different))


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every path of a JSON value with the type found there."""
    kind = {bool: "bool", int: "number", float: "number", str: "text", type(None): "null"}.get(type(value))
    if kind:
        yield path, kind
    elif isinstance(value, list):
        yield path, "list"
        for item in value:
            yield from leaves(item, f"{path}[]")
    else:
        yield path, "object"
        if not path.endswith("abstract_inverted_index"):
            for name, item in value.items():
                yield from leaves(item, f"{path}.{name}")


def route_of(recording: Recording) -> str:
    """Which shape of body a recording is one of."""
    path = urlsplit(recording.url).path
    what = "list" if path.rstrip("/").endswith(("/works", "/dois", "/search")) else "record"
    if path.endswith(("/batch", "/match", "/references", "/agency")):
        what = path.rpartition("/")[2]
    if "/transform" in path:
        what = "csl"
    return f"{recording.service} {what} {recording.status // 100}"


# Fields the replica serves that are newer than the recordings (each from the service's own source or documentation).
NEWER = {
    "openalex list 2": {".meta.next_cursor"},
    "semantic_scholar batch 2": {"[].externalIds.PubMed", "[].openAccessPdf.license"},
    "semantic_scholar references 2": {
        ".data[].citedPaper.externalIds.CorpusId",
        ".data[].citedPaper.externalIds.PubMed",
    },
    "semantic_scholar list 2": {".data[].openAccessPdf.license"},
}


def test_fields_and_types_are_the_recorded_ones(asked_again: list[tuple[Recording, httpx.Response]]) -> None:
    """Nothing is served that was never recorded, and nothing under another type."""
    recorded: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for recording, _ in asked_again:
        for path, kind in leaves(parsed(recording.body)):
            recorded[route_of(recording)][path].add(kind)
    wrong = set()
    for recording, answer in asked_again:
        body = parsed(answer.text)
        if body is None or answer.status_code != recording.status or "json" not in answer.headers["content-type"]:
            continue
        route = route_of(recording)
        for path, kind in leaves(body):
            known = recorded[route].get(path)
            if known is None:
                if path not in NEWER.get(route, set()):
                    wrong.add((route, path, kind, "never recorded"))
            elif kind != "null" and known != {"null"} and kind not in known:
                wrong.add((route, path, kind, str(sorted(known))))
    assert not wrong, "\n".join(map(str, sorted(wrong)))


# Headers a client reads; names are compared, and the values of the constant ones.
TOLD = {
    "openalex": {
        "x-ratelimit-limit",
        "x-ratelimit-remaining",
        "x-ratelimit-credits-used",
        "x-ratelimit-onetime-remaining",
        "x-ratelimit-reset",
        "x-ratelimit-limit-usd",
        "x-ratelimit-remaining-usd",
        "x-ratelimit-prepaid-remaining-usd",
        "x-ratelimit-cost-usd",
    },
    "crossref": {"x-api-pool", "x-rate-limit-limit", "x-rate-limit-interval", "x-concurrency-limit"},
}


def test_headers_clients_read_are_there(asked_again: list[tuple[Recording, httpx.Response]]) -> None:
    recent = [
        (r, a) for r, a in asked_again if r.year >= 2026 and r.service in TOLD and r.status == a.status_code == 200
    ]
    assert len(recent) > 40
    for recording, answer in recent:
        assert TOLD[recording.service] <= set(answer.headers), recording.name


def test_headers_are_recorded_ones(asked_again: list[tuple[Recording, httpx.Response]]) -> None:
    """No header is made up: each name was recorded from the same service, or is part of HTTP."""
    recorded: dict[str, set[str]] = defaultdict(lambda: {"date", "content-length", "connection", "content-type"})
    for recording, _ in asked_again:
        recorded[recording.service] |= set(recording.headers)
    made_up = {
        (recording.service, name)
        for recording, answer in asked_again
        if recording.service != "arxiv"  # its recordings keep no headers
        for name in answer.headers
        if name not in recorded[recording.service]
    }
    assert made_up == set()


def test_content_types_are_the_recorded_ones(asked_again: list[tuple[Recording, httpx.Response]]) -> None:
    different = {
        (recording.service, recording.status, recording.headers["content-type"], answer.headers["content-type"])
        for recording, answer in asked_again
        if recording.year >= 2025
        and recording.status == answer.status_code
        and recording.status not in CIRCUMSTANCES
        and "content-type" in recording.headers
        and recording.headers["content-type"].split(";")[0] != answer.headers["content-type"].split(";")[0]
    }
    assert different == set()


REPORTED = [
    ("arxiv", "/api/query?search_query=all:x&start=notanumber", "arxiv_200_error_entry"),
    ("europepmc", "/europepmc/webservices/rest/search?query=x&pageSize=1001&format=json", "europepmc_200_error"),
    ("openalex", "/works?limit=5", "openalex_400_limit_param"),
    ("openalex", "/works?search=a|b", "openalex_400_pipe_in_search"),
    ("openalex", "/works?filter=title.search:Deep+learning,+a+review", "openalex_400_raw_comma"),
    ("openalex", "/works?search=" + "x" * 1600, "openalex_400_search_too_long"),
    ("openalex", "/works?filter=doi:" + "|".join(f"10.1/{n}" for n in range(101)), "openalex_400_too_many_values"),
    ("openalex", "/works?filter=title.search:What+is+truth?", "openalex_400_wildcard_in_title"),
    ("openalex", "/works/W1?api_key=bad", "openalex_401_bad_key"),
    ("unpaywall", "/v2/10.1038/nature12373", "unpaywall_422_no_email"),
    ("unpaywall", "/v2/10.1038/nature12373?email=test@example.com", "unpaywall_422_placeholder_email"),
]


@pytest.mark.parametrize(("service", "target", "name"), REPORTED, ids=[name for _, _, name in REPORTED])
def test_refusals_are_the_reported_ones(service: str, target: str, name: str) -> None:
    """Errors nobody recorded, but the services' own sources or users quote: status, body, telling headers."""
    reported = json.loads((RECORDED / "_reported" / f"{name}.json").read_text(encoding="utf-8"))
    settings = Settings(openalex_keys=frozenset({"good"}))
    with (
        Replica(Universe.from_records([{"title": "x"}]), hosts=2, settings=settings) as replica,
        httpx.Client() as client,
    ):
        answer = client.get(replica.url(service) + target)
    assert answer.status_code == reported["status"]
    if parsed(reported["body"]) is not None:
        assert answer.json() == parsed(reported["body"])
    else:
        assert "<title>Error</title>" in answer.text
        assert "start must be an integer" in answer.text
    for header in ("x-openalex-edge-reject", "cache-control"):
        assert answer.headers.get(header) == reported["headers"].get(header)


def test_the_budget_refusal_has_the_reported_shape() -> None:
    """Keys, header names and wording of a 429 out of budget."""
    reported = json.loads((RECORDED / "_reported" / "openalex_429_budget.json").read_text(encoding="utf-8"))
    with (
        Replica(Universe.from_records([{"title": "x"}]), hosts=2, settings=Settings(openalex_credits=3)) as replica,
        httpx.Client() as client,
    ):
        answer = client.get(replica.url("openalex") + "/works?filter=title.search:example")
    assert answer.status_code == 429
    assert set(answer.json()) == set(json.loads(reported["body"]))
    assert set(reported["headers"]) <= set(answer.headers)
    assert answer.json()["message"].startswith(
        "Insufficient budget. This request costs $0.001 but you only have $0.0003"
    )
