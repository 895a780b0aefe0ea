"""GROBID as a second reader over real sockets: the client, the replica, the pipeline and the comparison command."""

from __future__ import annotations

import json
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import PdfError, ServiceError
from dl_lit.core.hosts import AddressRules
from dl_lit.core.reasons import Reason
from dl_lit.core.services import BY_NAME, Lane
from dl_lit.net.client import HttpServiceCalls
from dl_lit.net.connections import shared_client
from dl_lit.net.politeness import Politeness
from dl_lit.replica import Fault, FaultKind, Latency, Replica, Settings, Universe
from dl_lit.replica.services.grobid import papers_with_gold
from stages.grobid.reader import ask
from tests.fakes.loopback_server import LoopbackServer, Reply
from tests.fakes.program import Home, Papers, home_at, replica_of, write_papers

EXTRA = {
    "title": "Shingle ridges and what the sea has written in them",
    "authors": [{"family": "Kok", "given": "P."}],
    "year": 2009,
    "container": "Journal of Shores",
    "type": "journal-article",
    "volume": "4",
    "pages": "1-9",
    "doi": "10.5555/extra.1",
    "oa": "gold",
    "host": "publisher-0",
}


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return write_papers(tmp_path_factory.mktemp("grobid"), sources=1, entries=6)


def gold_of(papers: Papers, folder: Path, *more: dict[str, Any]) -> dict[str, Path]:
    """What GROBID reads in the first paper: its entries but the second, and `more`."""
    folder.mkdir(parents=True, exist_ok=True)
    records = [one for n, one in enumerate(papers.of(1)) if n != 1]
    references = [{**_gold(one), "position": place} for place, one in enumerate([*records, *more], 1)]
    (folder / "paper-001.json").write_text(json.dumps({"references": references}), encoding="utf-8")
    return papers_with_gold([(papers.folder, folder)])


def _gold(record: dict[str, Any]) -> dict[str, Any]:
    author = record["authors"][0]["family"]
    raw = f"{author}. {record['title']}. {record['container']}, {record['volume']}, {record['pages']}, {record['year']}"
    return {"raw": raw, "title": record["title"], "first_author": author, "year": record["year"], "doi": record["doi"]}


@pytest.fixture
def calls_to() -> Iterator[Callable[..., HttpServiceCalls]]:
    """Makes calls to a GROBID at an address, which only its being configured makes allowed."""
    with ExitStack() as stack:

        def make(url: str, *, timeout_s: float = 10.0, permit_wait_s: float = 30.0) -> HttpServiceCalls:
            service = replace(BY_NAME["grobid"], base_url=url, timeout_s=timeout_s)
            politeness = Politeness(
                [service], clock=SystemClock(), rng=random.Random(1), has_contact=False, permit_wait_s=permit_wait_s
            )
            client = stack.enter_context(
                shared_client(
                    user_agent="test",
                    trusted=AddressRules([url.removeprefix("http://").rstrip("/")]),
                    public=AddressRules(),
                )
            )
            return HttpServiceCalls(client, politeness, [service], clock=SystemClock(), rng=random.Random(1))

        yield make


def test_the_replica_answers_with_the_gold_of_the_paper_it_is_sent(
    paper: Papers, tmp_path: Path, calls_to: Callable[..., HttpServiceCalls]
) -> None:
    """In TEI, with what the universe knows of each work; 204 for papers it does not know; alive when asked."""
    stranger = tmp_path / "stranger.pdf"
    stranger.write_bytes(b"%PDF-1.4 another")
    settings = Settings(grobid_papers=gold_of(paper, tmp_path / "gold", EXTRA))
    with Replica(Universe.from_records([*paper.records, EXTRA]), settings=settings) as replica:
        calls = calls_to(replica.url("grobid"))
        found = ask(calls, paper.folder / "paper-001.pdf")
        assert [one.title for one in found] == [one["title"] for one in (*paper.of(1)[:1], *paper.of(1)[2:], EXTRA)]
        assert (found[-1].doi, found[-1].pages, found[-1].authors[0].given) == ("10.5555/extra.1", "1-9", "P.")
        assert ask(calls, stranger) == ()
        assert calls.get("grobid", "/api/isalive").body == b"true"
        assert json.loads(calls.get("grobid", "/api/version").body)["version"]
        with pytest.raises(ServiceError, match="BAD_INPUT_DATA"):
            ask(calls, Path(__file__))
        assert calls.get("grobid", "/api/nothing").status == 404
        assert not replica.problems


def test_a_full_pool_answers_503_and_the_gate_makes_everybody_wait(
    paper: Papers, tmp_path: Path, calls_to: Callable[..., HttpServiceCalls]
) -> None:
    settings = Settings(grobid_papers=gold_of(paper, tmp_path / "gold"))
    full = {"grobid": Lane((), 1)}
    with Replica(
        Universe.from_records(paper.records), settings=settings, limits=full, latency=Latency(1.0, 1.0)
    ) as replica:
        first, second = (calls_to(replica.url("grobid"), permit_wait_s=0.0) for _ in range(2))
        done: list[object] = []
        asking = threading.Thread(target=lambda: done.append(ask(first, paper.folder / "paper-001.pdf")))
        asking.start()
        while not replica._in_flight.get("grobid"):
            threading.Event().wait(0.01)
        with pytest.raises(ServiceError) as caught:
            second.post_file("grobid", "/api/processReferences", paper.folder / "paper-001.pdf", field="input")
        asking.join(30)
        assert (caught.value.reason, caught.value.costs_attempt) == (Reason.RATE_LIMITED, False)
        assert second.wait_s("grobid") > 1.0
        assert len(done) == 1


def test_the_file_is_sent_whole_under_a_name_that_tells_nothing(
    tmp_path: Path, calls_to: Callable[..., HttpServiceCalls]
) -> None:
    path = tmp_path / "my secret manuscript.pdf"
    path.write_bytes(b"%PDF-1.4" + bytes(range(256)) * 4_000)
    with LoopbackServer({"*": Reply(204)}) as server:
        assert ask(calls_to(server.url()), path) == ()
        (seen,) = server.seen
    assert path.read_bytes() in seen.body
    assert b"secret" not in seen.body
    assert b'name="consolidateCitations"\r\n\r\n0' in seen.body
    assert seen.headers["accept"] == "application/xml"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(500, body=b"[GENERAL] oops"), Reason.SERVICE_DOWN),
        (Reply(408), Reason.SERVICE_DOWN),
        (Reply(302, {"Location": "/elsewhere"}), Reason.BAD_ANSWER),
        (Reply(200, {"Content-Type": "text/html"}, b"<html>Welcome"), Reason.BAD_ANSWER),
        (Reply(200, {"Content-Type": "application/xml"}, b"<TEI"), Reason.BAD_ANSWER),
        (Reply(reset=True, raw=b""), Reason.SERVICE_DOWN),
    ],
)
def test_every_failure_has_its_reason(
    reply: Reply, reason: Reason, tmp_path: Path, calls_to: Callable[..., HttpServiceCalls]
) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"%PDF-1.4")
    with LoopbackServer({"*": reply}) as server, pytest.raises(ServiceError) as caught:
        ask(calls_to(server.url(), timeout_s=2.0), path)
    assert caught.value.reason is reason


def test_a_file_that_has_gone_says_so_and_the_service_is_not_to_blame(
    tmp_path: Path, calls_to: Callable[..., HttpServiceCalls]
) -> None:
    with LoopbackServer({"*": Reply(204)}) as server, pytest.raises(PdfError) as caught:
        ask(calls_to(server.url()), tmp_path / "gone.pdf")
    assert caught.value.reason is Reason.UNREADABLE_FILE
    assert server.seen == []


@pytest.fixture
def home(paper: Papers, tmp_path: Path) -> Iterator[tuple[Home, Replica]]:
    """A user with a GROBID on a private address, which reads one work that we do not and lacks one that we have."""
    settings = Settings(grobid_papers=gold_of(paper, tmp_path / "gold", EXTRA))
    with replica_of([*paper.records, EXTRA], settings=settings) as replica:
        url = replica.url("grobid")
        with home_at(tmp_path / "home", replica, GROBID_URL=url) as made:
            yield made, replica


def test_a_run_finds_what_either_reader_found(home: tuple[Home, Replica], paper: Papers) -> None:
    """The work that GROBID alone read is looked up and fetched like the others; the note is in the source's story."""
    user, _ = home
    ended = user.process_here(paper.folder)
    assert ended.code == 0, ended.err
    assert ended.document["references"] == 7
    assert ended.document["downloaded"] == 7
    assert ended.document["services"]["grobid"]["requests"] == 1
    ((detail,),) = user.rows("SELECT detail FROM attempts WHERE stage = 'extraction'")
    assert detail.startswith("GROBID: 5 of its 6 entries are ours, 1 added")
    assert user.broken() == []


def test_a_run_without_an_answer_of_grobid_is_as_without_grobid(home: tuple[Home, Replica], paper: Papers) -> None:
    user, replica = home
    replica.add_fault(Fault(kind=FaultKind.RESET, group="grobid"))
    ended = user.process_here(paper.folder)
    assert ended.code == 0, ended.err
    assert ended.document["references"] == 6
    ((detail,),) = user.rows("SELECT detail FROM attempts WHERE stage = 'extraction'")
    assert detail == "read without GROBID: service-down"


def test_compare_tells_who_found_what(home: tuple[Home, Replica], paper: Papers) -> None:
    user, replica = home
    pdf = paper.folder / "paper-001.pdf"
    ended = user.here("compare", pdf, "--json")
    assert ended.code == 0, ended.err
    (document,) = ended.document["documents"]
    assert (ended.document["schema"], document["both"]) == ("dl-lit/comparison/1", 5)
    assert [one["title"] for one in document["only_theirs"]] == [EXTRA["title"]]
    assert [one["title"] for one in document["only_ours"]] == [paper.of(1)[1]["title"]]
    assert document["agreement"]["title"] == 1.0
    assert {"field", "ours", "theirs", "position", "their_position"} >= set(document["differences"][0])
    told = user.here("compare", pdf)
    assert "5 entries in both, 1 only ours, 1 only GROBID's" in told.out
    assert user.here("compare", pdf, pdf).out.endswith("2 PDFs\n  10 entries in both, 2 only ours, 2 only GROBID's\n")
    replica.add_fault(Fault(kind=FaultKind.SERVER_ERROR, status=500, group="grobid"))
    failed = user.here("compare", pdf)
    assert (failed.code, "not read by GROBID" in failed.out) == (3, True)


def test_compare_without_a_server_says_what_to_set(tmp_path: Path, paper: Papers) -> None:
    with home_at(tmp_path / "home", None) as user:
        ended = user.here("compare", paper.folder / "paper-001.pdf")
    assert (ended.code, "DL_LIT_GROBID_URL" in ended.err) == (6, True)


def test_the_checkup_misses_no_grobid_and_asks_one_that_is_named(home: tuple[Home, Replica], tmp_path: Path) -> None:
    user, _ = home
    live = {one["service"]: one["answers"] for one in user.here("doctor", "--live", "--json").document["live"]}
    assert live["grobid"] is True
    with home_at(tmp_path / "other", None) as other:
        (services,) = (one for one in other.here("doctor", "--json").document["checks"] if one["name"] == "services")
    assert "grobid" not in services["says"]
