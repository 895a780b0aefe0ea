"""The replica's language models over real sockets: shapes, files, prompt caches, limits, faults and lies."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any, NamedTuple

import httpx
import pytest

from dl_lit.core.language import Task
from dl_lit.core.model_tasks import SCHEMAS
from dl_lit.core.services import Lane, Window
from dl_lit.replica import Fault, FaultKind, Replica, Settings, Universe
from dl_lit.replica.language.lies import INVENTED_DOI, INVENTED_TITLE
from dl_lit.replica.language.model import ModelSettings
from dl_lit.replica.log import most_at_once
from dl_lit.replica.sheets import Printed, bind

KEY = {"authorization": "Bearer k", "x-goog-api-key": "k", "x-api-key": "k"}
ANTHROPIC = {"anthropic-version": "2023-06-01", "anthropic-beta": "files-api-2025-04-14"}
PAGE = """What stands before the list is no entry of it.
References
[1] Kok, P. and Tern, A. B. (2009). Shingle ridges and what the sea has writ-
ten in them. Journal of Shores, 4(2), 1-9. doi:10.5555/extra.1
[2] Smith, J. Dune grasses of the north. Annals of Sand, 12, 33-40, 1998.
[3] Brown, C. "A quoted title about gulls". In: Proceedings of the Gull Conference, pp. 12-19, 2011.
"""
TITLES = ["Shingle ridges and what the sea has written in them", "Dune grasses of the north"]
SYSTEM = "Read the bibliography. " * 400  # some 2,300 tokens


class Said(NamedTuple):
    status: int
    headers: httpx.Headers
    body: Any


@pytest.fixture(scope="module")
def served() -> Iterator[Replica]:
    settings = Settings(models=ModelSettings(processing_s=0.0))
    limits = {"chat-3": Lane((Window(1, 60.0),), 4), "anthropic": Lane((), 0), "gemini/files": Lane((), 9)}
    with Replica(Universe.from_records([]), hosts=2, settings=settings, limits=limits) as replica:
        yield replica
        assert not replica.problems, replica.problems[0]


@pytest.fixture
def replica(served: Replica) -> Replica:
    served.reset()
    return served


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    with httpx.Client(headers={**KEY, **ANTHROPIC}) as one:
        yield one


def section(*texts: str) -> str:
    return json.dumps({"pages": [{"page": page, "text": text} for page, text in enumerate(texts, 11)]})


def chat(client: httpx.Client, replica: Replica, text: str, *, path: str = "/v1", site: str = "chat") -> Said:
    form = {"name": "section", "strict": True, "schema": SCHEMAS[Task.SECTION]}
    asked = {
        "model": "m",
        "messages": [{"role": "system", "content": SYSTEM}, {"role": "user", "content": text}],
        "response_format": {"type": "json_schema", "json_schema": form},
    }
    answer = client.post(f"{replica.url(site)}{path}/chat/completions", json=asked)
    return Said(answer.status_code, answer.headers, answer.json())


def answered(said: Said) -> Any:
    return json.loads(said.body["choices"][0]["message"]["content"])


def test_a_model_reads_the_pages_it_is_sent_in_the_form_asked_for(replica: Replica, client: httpx.Client) -> None:
    """Entries in their order, verbatim with words put together again, with the fields that rules can tell."""
    said = chat(client, replica, section(PAGE, "[4] Last, A. The fourth of them. Journal of Shores, 5, 2010."))
    found = answered(said)["references"]
    assert [one["label"] for one in found] == ["[1]", "[2]", "[3]", "[4]"]
    assert [one["title"] for one in found[:2]] == TITLES
    assert [one["page"] for one in found] == [11, 11, 11, 12]
    assert found[0]["verbatim"].endswith("has written in them. Journal of Shores, 4(2), 1-9. doi:10.5555/extra.1")
    assert [one["family"] for one in found[0]["authors"]] == ["Kok", "Tern"]
    told = {name: found[0][name] for name in ("year", "container_title", "volume", "issue", "pages", "doi")}
    assert list(told.values()) == [2009, "Journal of Shores", "4", "2", "1-9", "10.5555/extra.1"]
    assert set(found[0]) == set(SCHEMAS[Task.SECTION]["properties"]["references"]["items"]["properties"])
    assert said.body["choices"][0]["finish_reason"] == "stop"
    assert replica.log.entries("chat")[0].kind == "section"


def test_entries_are_told_by_their_numbers_and_judges_choose_or_abstain(replica: Replica, client: httpx.Client) -> None:
    entries = [{"n": n, "text": line} for n, line in enumerate(PAGE.splitlines()[4:6], 7)]
    found = answered(chat(client, replica, json.dumps({"entries": entries})))["entries"]
    assert [(one["n"], one["title"]) for one in found] == [(7, TITLES[1]), (8, "A quoted title about gulls")]
    asked = {"entry": entries[0]["text"], "candidates": [{"n": 1, "title": "Gulls"}, {"n": 2, "title": TITLES[1]}]}
    assert answered(chat(client, replica, json.dumps(asked)))["choice"] == 2
    asked["candidates"] = [{"n": 1, "title": "Gulls"}]
    assert answered(chat(client, replica, json.dumps(asked)))["choice"] is None


def test_a_prompt_is_cached_for_those_who_ask_after_it_was_answered(replica: Replica, client: httpx.Client) -> None:
    """Implicitly by prefixes of 128 tokens from 1,024 on, at each server for itself; OpenRouter tells the cost."""
    cached = [
        chat(client, replica, text, path="/api/v1", site=site).body["usage"]["prompt_tokens_details"]["cached_tokens"]
        for text, site in ((section("[1] A."), "chat"), (section("[2] B."), "chat"), (section("[3] C."), "chat-2"))
    ]
    assert cached[0] == cached[2] == 0
    assert cached[1] % 128 == 0
    assert cached[1] >= 2_304
    account = replica.language.models["chat"].account
    assert account.cached == cached[1]
    dear, cheap = (chat(client, replica, "x" * 9_000, path="/api/v1").body["usage"]["cost"] for _ in range(2))
    assert 0 < cheap < dear / 2


def test_faults_come_in_the_provider_s_own_forms(replica: Replica, client: httpx.Client) -> None:
    for kind in (FaultKind.CUT_ANSWER, FaultKind.REFUSAL, FaultKind.ERROR_INSIDE, FaultKind.FINISH_ERROR):
        replica.add_fault(Fault(kind=kind, group="chat", body=kind.value))
    replica.add_fault(Fault(kind=FaultKind.SERVER_ERROR, body="overloaded", status=529, retry_after_s=2))
    ended = {
        kind: chat(client, replica, kind, path="/api/v1") for kind in (rule.body or "" for rule in replica.faults.rules)
    }
    assert ended["cut-answer"].body["choices"][0]["finish_reason"] == "length"
    assert ended["refusal"].body["choices"][0]["message"]["refusal"]
    assert (ended["error-inside"].status, ended["error-inside"].body["error"]["code"]) == (200, 502)
    assert ended["finish-error"].body["choices"][0]["finish_reason"] == "error"
    assert (ended["overloaded"].status, ended["overloaded"].headers["retry-after"]) == (529, "2")


@pytest.mark.parametrize(
    "kind", [FaultKind.INVENTED, FaultKind.INVENTED_DOI, FaultKind.WRONG_ORDER, FaultKind.MISSING, FaultKind.REWORDED]
)
def test_lies_are_well_formed(replica: Replica, client: httpx.Client, kind: FaultKind) -> None:
    truth = answered(chat(client, replica, section(PAGE)))["references"]
    replica.add_fault(Fault(kind=kind, group="chat"))
    told = answered(chat(client, replica, section(PAGE)))["references"]
    invented = [one for one in told if one["title"].startswith(INVENTED_TITLE)]
    if kind is FaultKind.INVENTED:
        assert len(invented) == 1
        assert [one for one in told if one not in invented] == truth
    elif kind is FaultKind.INVENTED_DOI:
        assert all(one["doi"].startswith(INVENTED_DOI) for one in told)
    elif kind is FaultKind.WRONG_ORDER:
        assert told == truth[::-1]
    elif kind is FaultKind.MISSING:
        assert told == truth[::2]
    else:
        assert not {one["verbatim"] for one in told} & {one["verbatim"] for one in truth}


def test_too_many_questions_are_refused_as_the_provider_refuses(replica: Replica, client: httpx.Client) -> None:
    assert chat(client, replica, "{}", site="chat-3").status == 200
    for path in ("/v1", "/api/v1"):
        said = chat(client, replica, "{}", path=path, site="chat-3")
        assert said.status == 429
        assert "x-ratelimit-reset" in said.headers or int(said.headers["retry-after"]) > 0
    asked = {"model": "m", "max_tokens": 9, "messages": [{"role": "user", "content": "x"}]}
    answer = client.post(f"{replica.url('anthropic')}/v1/messages", json=asked)
    assert (answer.status_code, answer.json()["error"]["type"]) == (429, "rate_limit_error")
    assert answer.headers["anthropic-ratelimit-requests-remaining"] == "0"


def printed_pdf() -> bytes:
    return bind([Printed(((10, PAGE.splitlines()[1:]),))])


def test_a_file_at_gemini_is_processed_asked_about_and_deleted(replica: Replica, client: httpx.Client) -> None:
    base, pdf = replica.url("gemini"), b"%PDF-1.4 of a scan"
    digest = hashlib.sha256(pdf).hexdigest()
    told = client.post(f"{replica.control_url}/__replica__/pages", json={"sha256": digest, "pages": ["", PAGE]})
    assert told.json() == {"papers": 1}
    headers = {"X-Goog-Upload-Protocol": "resumable", "X-Goog-Upload-Command": "start"}
    started = client.post(f"{base}/upload/v1beta/files", json={"file": {"display_name": "ours"}}, headers=headers)
    headers = {"X-Goog-Upload-Command": "upload, finalize", "X-Goog-Upload-Offset": "0"}
    file = client.post(started.headers["x-goog-upload-url"], content=pdf, headers=headers).json()["file"]
    assert client.get(f"{base}/v1beta/{file['name']}").json()["state"] == "ACTIVE"
    assert [one["displayName"] for one in client.get(f"{base}/v1beta/files").json()["files"]] == ["ours"]
    parts = [{"file_data": {"file_uri": file["uri"], "mime_type": "application/pdf"}}, {"text": '{"pages": [40, 41]}'}]
    asked = {"contents": [{"role": "user", "parts": parts}]}
    said = client.post(f"{base}/v1beta/models/m:generateContent", json=asked).json()["candidates"][0]
    found = json.loads(said["content"]["parts"][0]["text"])["references"]
    assert [(one["page"], one["title"]) for one in found[:2]] == [(41, title) for title in TITLES]
    assert [one["name"] for one in replica.language.files_left()] == [file["name"].removeprefix("files/")]
    assert client.delete(f"{base}/v1beta/{file['name']}").json() == {}
    assert client.delete(f"{base}/v1beta/{file['name']}").status_code == 403
    assert client.post(f"{base}/v1beta/models/m:generateContent", json=asked).status_code == 403
    assert client.get(f"{replica.control_url}/__replica__/models").json()["files_left"] == []
    kinds = [one.kind for one in replica.log.entries("gemini") if one.about.startswith("files/")]
    assert kinds == ["upload-start", "upload", "state", "delete", "delete"]


def test_how_long_models_take_is_set_while_it_serves(replica: Replica, client: httpx.Client) -> None:
    latency = f"{replica.control_url}/__replica__/latency"
    assert client.post(latency, json={"chat/section": 0.03, "chat": [0.0, 0.0]}).json() == {"latencies": 2}
    chat(client, replica, section(PAGE))
    assert replica.log.entries("chat")[0].duration >= 0.03
    assert client.post(latency, json={"chat": "long"}).status_code == 400
    assert client.post(latency, json={}).status_code == 200


def test_an_upload_may_fail_or_never_be_ready(replica: Replica, client: httpx.Client) -> None:
    base = replica.url("gemini")
    headers = {"X-Goog-Upload-Protocol": "multipart", "content-type": "multipart/related; boundary=b"}
    about, pdf = (f"--b\r\ncontent-type: application/{kind}\r\n\r\n" for kind in ("json", "pdf"))
    body = f'{about}{{"file":{{}}}}\r\n{pdf}%PDF\r\n--b--'.encode()
    for kind, state in ((FaultKind.FILE_FAILED, "FAILED"), (FaultKind.FILE_STUCK, "PROCESSING")):
        replica.faults.rules = [Fault(kind=kind, call="upload")]
        file = client.post(f"{base}/upload/v1beta/files", content=body, headers=headers).json()["file"]
        assert (file["state"], file["mimeType"]) == (state, "application/pdf")
    replica.faults.rules = [Fault(kind=FaultKind.FILE_GONE, call="upload")]
    file = client.post(f"{base}/upload/v1beta/files", content=body, headers=headers).json()["file"]
    assert client.get(f"{base}/v1beta/{file['name']}").status_code == 403


def test_a_file_at_anthropic_is_read_without_being_told(client: httpx.Client) -> None:
    """The text of plainly written PDFs is known; what is marked in a prompt is written to the cache, then read."""
    with Replica(Universe.from_records([]), hosts=2) as replica:
        base = f"{replica.url('anthropic')}/v1"
        file = client.post(f"{base}/files", files={"file": ("ours.pdf", printed_pdf(), "application/pdf")}).json()
        assert (file["type"], file["filename"], file["mime_type"]) == ("file", "ours.pdf", "application/pdf")
        content = [
            {"type": "document", "source": {"type": "file", "file_id": file["id"]}},
            {"type": "text", "text": '{"pages": [9]}'},
        ]
        asked = {
            "model": "m",
            "max_tokens": 4_000,
            "system": [{"type": "text", "text": SYSTEM, "cache_control": {"type": "ephemeral"}}],
            "messages": [{"role": "user", "content": content}],
            "output_config": {"format": {"type": "json_schema", "schema": SCHEMAS[Task.SECTION]}},
        }
        first, second = (client.post(f"{base}/messages", json=asked).json() for _ in range(2))
        found = json.loads(first["content"][0]["text"])["references"]
        assert [(one["page"], one["title"]) for one in found[:2]] == [(9, title) for title in TITLES]
        assert first["usage"]["cache_creation_input_tokens"] == second["usage"]["cache_read_input_tokens"] > 2_000
        assert [one["id"] for one in client.get(f"{base}/files").json()["data"]] == [file["id"]]
        assert client.delete(f"{base}/files/{file['id']}").json()["type"] == "file_deleted"
        assert client.get(f"{base}/files/{file['id']}").status_code == 404
        assert client.post(f"{base}/messages", json={**asked, "max_tokens": None}).status_code == 400
        assert not replica.problems


def test_how_many_ran_at_once_is_told_from_their_spans() -> None:
    assert most_at_once([]) == 0
    assert most_at_once([(0.0, 2.0), (1.0, 3.0), (2.0, 4.0), (5.0, 6.0)]) == 2
