"""What reads the answers of services: records, lists of what a work cites, places of files, GROBID's TEI, limits."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import msgspec
from proofs.hostile.fuzz.target import Target, parts, recorded, text

from dl_lit.core.backoff import retry_after_s
from dl_lit.core.errors import DlLitError, ServiceError
from dl_lit.core.language import ModelError, Provider, Task
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.core.ports import ServiceAnswer
from dl_lit.core.services import SERVICES
from dl_lit.net import keepable
from dl_lit.net.announced import said
from dl_lit.net.answers import judge, judge_elsewhere
from dl_lit.net.language.anthropic import AnthropicBackend
from dl_lit.net.language.backend import Backend, FileBackend
from dl_lit.net.language.chat import ChatBackend
from dl_lit.net.language.form import Misfit, read
from dl_lit.net.language.gemini import GeminiBackend
from dl_lit.net.language.place import ModelPlace
from dl_lit.net.language.wire import Incoming
from stages.grobid import tei
from stages.language import prompts
from stages.language.believing import believed, objects
from stages.locators import (
    biorxiv,
    core,
    doab,
    doaj,
    dspace,
    figshare,
    internet_archive,
    oapen,
    openalex_content,
    osf,
    pmc,
    scholar_archive,
    unpaywall,
    wayback,
    zenodo,
)
from stages.locators import (
    europepmc as full_texts,
)
from stages.locators import (
    hal as hal_files,
)
from stages.locators import (
    inspire as documents,
)
from stages.locators import (
    openalex as locations,
)
from stages.locators import (
    semantic_scholar as open_copies,
)
from stages.sources import (
    acl,
    agencies,
    arxiv,
    crossref,
    datacite,
    doi_org,
    europepmc,
    hal,
    inspire,
    open_library,
    openalex,
    opencitations,
    pubmed,
    semantic_scholar,
)
from stages.sources.cited import crossref as crossref_cited
from stages.sources.cited import openalex as openalex_cited

_NOW = 1_796_000_000.0
_URL = "https://x.example/"

_SOURCES: Mapping[str, tuple[tuple[Callable[[bytes], object], ...], tuple[str, ...]]] = {
    "acl": ((acl.parse,), ("acl",)),
    "agencies": ((agencies.parse,), ("doi",)),
    "arxiv": ((arxiv.parse,), ("arxiv",)),
    "crossref": (
        (*(crossref.parse, crossref.parse_record, crossref.parse_item), crossref_cited.parse_lists),
        ("crossref",),
    ),
    "crossref-record": ((crossref_cited.parse_record,), ("crossref",)),
    "datacite": ((datacite.parse, datacite.parse_record), ("datacite",)),
    "doi": ((doi_org.parse,), ("doi",)),
    "europepmc": ((europepmc.parse, europepmc.parse_references), ("europepmc",)),
    "hal": ((hal.parse, hal.documents), ("hal",)),
    "inspire": ((inspire.parse, inspire.parse_references), ("inspire",)),
    "open_library": ((open_library.parse, open_library.parse_search), ("open_library",)),
    "openalex": (
        (*(openalex.parse, openalex.parse_record), openalex_cited.parse_lists, openalex_cited.parse_record),
        ("openalex",),
    ),
    "opencitations": ((opencitations.parse, opencitations.parse_references), ("opencitations",)),
    "pubmed": ((pubmed.parse, pubmed.parse_matches), ("pubmed",)),
    "semantic_scholar": (
        (
            *(semantic_scholar.parse, semantic_scholar.parse_references, semantic_scholar.parse_open_copy),
            partial(semantic_scholar.parse_batch, wanted=2),
        ),
        ("semantic_scholar",),
    ),
}

_LOCATORS: Mapping[str, tuple[tuple[Callable[[bytes], object], ...], tuple[str, ...]]] = {
    "biorxiv": ((biorxiv.parse,), ("biorxiv",)),
    "core": ((partial(core.parse, service_url=_URL),), ("core",)),
    "doab": ((partial(doab.parse, resolver_url=_URL),), ("doab",)),
    "doaj": ((doaj.parse,), ("doaj",)),
    "dspace": ((lambda body: [one.told for one in dspace.records(body, "oapen")],), ("oapen", "doab")),
    "europepmc": ((partial(full_texts.parse, site_url=_URL),), ("europepmc",)),
    "figshare": ((figshare.parse,), ("figshare",)),
    "hal": ((hal_files.parse,), ("hal",)),
    "inspire": ((documents.parse,), ("inspire",)),
    "internet_archive": ((internet_archive.parse, internet_archive.parse_item), ("internet_archive",)),
    "oapen": ((partial(oapen.parse, site_url=_URL),), ("oapen",)),
    "openalex": ((locations.parse, openalex_content.parse), ("openalex", "openalex_content")),
    "osf": ((osf.parse, osf.parse_preprint), ("osf",)),
    "pmc": ((pmc.parse, pmc.parse_versions), ("pmc",)),
    "scholar_archive": ((scholar_archive.parse,), ("scholar_archive",)),
    "semantic_scholar": ((open_copies.parse,), ("semantic_scholar",)),
    "unpaywall": ((unpaywall.parse,), ("unpaywall",)),
    "wayback": ((wayback.parse,), ("wayback",)),
    "zenodo": ((zenodo.parse, zenodo.parse_record), ("zenodo",)),
}


def _named(parsers: Mapping[str, tuple[tuple[Callable[[bytes], object], ...], tuple[str, ...]]], data: bytes) -> None:
    """The body behind the first line, by all parsers of the service that the line names."""
    name, _, body = data.partition(b"\n")
    for parse in parsers.get(text(name), ((), ()))[0]:
        try:
            found = parse(body)
        except ServiceError:
            continue
        msgspec.json.encode(found, enc_hook=_told)  # what cannot be told cannot be kept


def _told(value: object) -> object:
    if isinstance(value, frozenset):
        return sorted(map(str, value))
    return repr(value).encode("utf-8").decode()


def _bodies(parsers: Mapping[str, tuple[tuple[Callable[[bytes], object], ...], tuple[str, ...]]]) -> list[bytes]:
    return [f"{name}\n".encode() + body for name, (_, folders) in parsers.items() for body in recorded(*folders)]


_HEADERS = (
    *("retry-after", "date", "content-type", "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"),
    *("x-rate-limit-limit", "x-rate-limit-interval", "x-concurrency-limit", "x-api-pool", "ratelimit-policy"),
    *("ratelimit", "ratelimit-reset", "location", "server", "cf-mitigated"),
)


def _limits(data: bytes) -> object:
    """One header a line, in the order above, then a NUL and the body."""
    head, body = parts(data, 2)
    headers = {
        name: value.decode("latin-1").replace("\r", " ")
        for name, value in zip(_HEADERS, head.split(b"\n"), strict=False)
        if value
    }
    found: list[object] = [retry_after_s(headers.get("retry-after"), _NOW)]
    found += [said(service, headers, _NOW) for service in SERVICES]
    for status in (200, 404, 429, 403, 500, 503):
        for service in SERVICES[:4]:
            found.append(judge(service, status, headers, body, _NOW))
            found.append(judge_elsewhere(service, status, headers, body, _NOW))
    answer = ServiceAnswer(200, {}, body, _URL)
    for service, path in (("openalex", "/works"), ("crossref", "/works/10.1/x"), ("arxiv", "/query"), ("pmc", "/")):
        found += [keepable.worth(service, path, answer), keepable.is_strangers(service, path, answer)]
        found.append(keepable.worth(service, path, ServiceAnswer(404, {}, body, _URL)))
    return found


def _limit_seeds() -> list[bytes]:
    heads = (
        b"120\nMon, 23 Nov 2026 10:00:00 GMT\napplication/json\n100\n0\n60\n50\n1s\n3\npolite\n100;w=60\n",
        b"Wed, 25 Nov 2026 10:00:00 GMT\n\ntext/html; charset=utf-8\n10000\n0\n1796000100\n",
        b"1796000300\nSun Nov  6 08:49:37 1994\n",
    )
    bodies = (b'{"results": [], "meta": {}}', b"<html><title>Just a moment...</title>", *recorded("arxiv", "pmc"))
    return [head + b"\0" + body for head in heads for body in bodies]


_BACKENDS: tuple[Backend, ...] = (
    ChatBackend(ModelPlace(provider=Provider.OPENAI, model="m")),
    GeminiBackend(ModelPlace(provider=Provider.GEMINI, model="m")),
    AnthropicBackend(ModelPlace(provider=Provider.ANTHROPIC, model="m")),
)
_FILE_BACKENDS: tuple[FileBackend, ...] = (
    GeminiBackend(ModelPlace(provider=Provider.GEMINI, model="m")),
    AnthropicBackend(ModelPlace(provider=Provider.ANTHROPIC, model="m")),
)
_ENTRY = "[1] Knuth D. E., Aa B. The Art of Computer Programming. Addison-Wesley 1997, vol. 1, pp. 1-9. doi:10.1000/x"


def _answers(data: bytes) -> object:
    """An answer's body: the value in it, read as what was asked for and held against the print."""
    question = prompts.of_entries([_ENTRY])
    for status in (200, 400, 429):
        for backend in _BACKENDS:
            reply = backend.reply(question, Incoming(status, {"retry-after": "1"}, data), _NOW)
            for one in objects(reply.value, "entries"):
                msgspec.json.encode(believed(one, _ENTRY, position=1))
    for files in _FILE_BACKENDS:
        for look in (files.listed, files.uploaded, files.is_ready):
            try:
                look(Incoming(200, {}, data))
            except ModelError:
                continue
    for task in (Task.SECTION, Task.ENTRY, Task.JUDGE):
        try:
            found = read(text(data), SCHEMAS[task])
        except Misfit:
            continue
        for one in objects(found, "references"):
            msgspec.json.encode(believed(one, _ENTRY, position=1, is_in_print=False))
    return None


def _answer_seeds() -> list[bytes]:
    fields = dict.fromkeys(("label", "container_title", "publisher", "issue", "arxiv_id", "pmid", "isbn", "url"))
    entry = fields | {
        "type": "book",
        "authors": [{"family": "Knuth", "given": "D. E.", "literal": None}],
        "editors": [],
        "year": 1997,
        "title": "The Art of Computer Programming",
        "volume": "1",
        "pages": "1-9",
        "doi": "10.1000/x",
    }
    told = msgspec.json.encode({"entries": [{"n": 1} | entry]}).decode()
    listed = msgspec.json.encode(
        {"references": [{"page": 1, "verbatim": _ENTRY} | entry], "is_complete": True}
    ).decode()
    bodies: list[object] = [
        {"choices": [{"message": {"content": told}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 9}},
        {"candidates": [{"content": {"parts": [{"text": told}]}, "finishReason": "STOP"}], "usageMetadata": {}},
        {"content": [{"type": "text", "text": told}], "stop_reason": "end_turn", "usage": {"input_tokens": 9}},
        {"error": {"message": "slow down", "code": 429, "details": [{"retryDelay": "7s"}]}},
        {"files": [{"name": "files/x", "displayName": "y.pdf", "state": "ACTIVE"}], "nextPageToken": "n"},
        {"data": [{"id": "f", "filename": "y.pdf"}], "has_more": True, "last_id": "f"},
    ]
    return [*map(msgspec.json.encode, bodies), told.encode(), b"Sure!\n```json\n" + listed.encode() + b"\n```"]


TARGETS = (
    Target("sources", partial(_named, _SOURCES), partial(_bodies, _SOURCES)),
    Target("locators", partial(_named, _LOCATORS), partial(_bodies, _LOCATORS)),
    Target("grobid", lambda data: msgspec.json.encode(tei.parse(data)), lambda: recorded("grobid"), (ServiceError,)),
    Target("limits", _limits, _limit_seeds),
    Target("language-models", _answers, _answer_seeds, (DlLitError,)),
)
