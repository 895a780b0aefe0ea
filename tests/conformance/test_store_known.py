"""What enrichment may ask: the sources themselves, what of them is open, and works found before."""

from __future__ import annotations

import json
import threading

from db.trails import MOST_BYTES
from dl_lit.core.items import Resolved
from dl_lit.core.job import Done, Reject, Retry
from dl_lit.core.model import CitingWork, Name, StageName, Work, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.core.trail import Asked, Reply, Trail, Tried
from tests.fakes.backends import Backend, TestedStore
from tests.fakes.engine import finished, new_source, reference, work

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def recognise(backend: Backend, store: TestedStore, number: int, *works: Work, **more: object) -> int:
    """A source whose entries are these works; its id."""
    source = backend.add_entries(new_source(number), [reference(place) for place in range(1, len(works) + 1)])
    store.notice()
    claims = sorted(store.claim(ENRICHMENT, 100), key=lambda claim: claim.id)
    found = [Done(Resolved(work=one, matched_by="doi", **more)) for one in works]  # type: ignore[arg-type]
    store.record([finished(claim, outcome) for claim, outcome in zip(claims, found, strict=True)])
    return source


def test_works_are_known_by_every_identifier_as_soon_as_they_are_recognised(backend: Backend) -> None:
    store = backend.open()
    one = work(1, doi="10.1000/ABC", openalex_id="W12", arxiv_id="2001.00001", pmid="77", isbn=None)
    book = work(2, doi=None, type=WorkType.BOOK, isbn="9780000000002")
    recognise(backend, store, 1, one, book)
    keys = [("doi", "10.1000/abc"), ("doi", "10.1000/Abc"), ("openalex", "W12"), ("arxiv", "2001.00001")]
    keys += [("pmid", "77"), ("isbn", "9780000000002"), ("doi", "10.1000/other")]
    known = store.known_works(keys)
    assert known == {**dict.fromkeys(keys[:5], one), keys[5]: book}


def test_the_sources_of_the_next_entries_are_told(backend: Backend) -> None:
    store = backend.open()
    first = backend.add_entries(new_source(1), [reference(place) for place in (1, 2)])
    second = backend.add_entries(new_source(2), [reference(place) for place in (1, 2)])
    store.notice()
    assert list(store.next_sources(2)) == [second]
    store.claim(ENRICHMENT, 1)
    assert list(store.next_sources(100)) == [second, first]


def test_the_isbn_of_a_chapter_is_its_books(backend: Backend) -> None:
    store = backend.open()
    recognise(backend, store, 1, work(1, type=WorkType.CHAPTER, isbn="9780000000002"))
    assert store.known_works([("isbn", "9780000000002")]) == {}


def test_under_an_arxiv_identifier_the_preprint_is_known_before_its_article(backend: Backend) -> None:
    store = backend.open()
    article = work(1, type=WorkType.ARTICLE_JOURNAL, arxiv_id="2001.00001")
    preprint = work(2, type=WorkType.ARTICLE, doi="10.48550/arxiv.2001.00001")
    recognise(backend, store, 1, article, preprint)
    assert store.known_works([("arxiv", "2001.00001")]) == {("arxiv", "2001.00001"): preprint}


def test_thousands_of_keys_are_looked_up_in_lots(backend: Backend) -> None:
    store = backend.open()
    recognise(backend, store, 1, work(1))
    keys = [("doi", f"10.1000/{number}") for number in range(3_000)]
    assert store.known_works(keys) == {("doi", "10.1000/1"): work(1)}


def test_open_entries_are_told_in_printed_order_without_those_that_are_done(backend: Backend) -> None:
    store = backend.open()
    one = backend.add_entries(new_source(1), [reference(place) for place in (1, 2, 3)])
    two = backend.add_entries(new_source(2), [reference(1)])
    store.notice()
    claims = {claim.id: claim for claim in store.claim(ENRICHMENT, 100)}
    found = store.open_entries([one, two, 99])
    assert {source: [entry.position for _, entry in entries] for source, entries in found.items()} == {
        one: [1, 2, 3],
        two: [1],
    }
    (first, _), (second, _), _ = found[one]
    store.record([finished(claims[first]), finished(claims[second], Reject(Reason.NO_MATCH))])
    assert [entry.position for _, entry in store.open_entries([one])[one]] == [3]


def test_the_citing_work_is_told_and_its_doi_filled_in_where_it_was_not_known(backend: Backend) -> None:
    store = backend.open()
    source = recognise(backend, store, 1, work(1), work(2), citing_doi="10.5555/Citing")
    assert store.citing_works([source]) == {source: CitingWork(source_id=source, doi="10.5555/citing")}
    backend.change("UPDATE sources SET title = 'On', authors = ?, year = 2001", json.dumps([{"family": "A"}]))
    (told,) = store.citing_works([source]).values()
    assert (told.title, told.authors, told.year) == ("On", (Name("A"),), 2001)


def test_a_citing_doi_that_was_read_is_kept(backend: Backend) -> None:
    store = backend.open()
    source = backend.add_entries(new_source(1), [reference(1)])
    backend.change("UPDATE sources SET doi = '10.1/read'")
    (claim,) = store.claim(ENRICHMENT, 1)
    found = Resolved(work=work(1), matched_by="doi", citing_doi="10.1/found")
    store.record([finished(claim, Done(found))])
    assert store.citing_works([source])[source].doi == "10.1/read"


def test_looking_up_from_many_threads_while_others_write(backend: Backend) -> None:
    store = backend.open()
    failures: list[BaseException] = []

    def look() -> None:
        try:
            for _ in range(50):
                store.known_works([("doi", "10.1000/1")])
                store.open_entries([1, 2, 3])
                store.citing_works([1, 2, 3])
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=look) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 20):
        recognise(backend, store, number, work(number))
    for thread in threads:
        thread.join(60)
    assert failures == []


def test_the_trail_is_kept_with_the_attempt(backend: Backend) -> None:
    store = backend.open()
    recognise(backend, store, 1)
    backend.add_entries(new_source(2), [reference(1)])
    (claim,) = store.claim(ENRICHMENT, 1)
    trail = Trail(asked=(Asked(service="crossref", how="search", reply=Reply.ABSENT),), decision="nothing like it")
    store.record([finished(claim, Reject(Reason.NO_MATCH, trail=trail))])
    ((kept,),) = backend.rows("SELECT trail FROM attempts")
    assert json.loads(kept)["decision"] == "nothing like it"
    assert json.loads(kept)["asked"][0]["service"] == "crossref"


def test_a_trail_beyond_its_bound_is_cut_and_says_so(backend: Backend) -> None:
    store = backend.open()
    backend.add_entries(new_source(1), [reference(1)])
    (claim,) = store.claim(ENRICHMENT, 1)
    trail = Trail(
        asked=tuple(Asked(service="crossref", how="search", reply=Reply.ABSENT) for _ in range(20)),
        tried=tuple(Tried(url=f"https://example.org/{n}", found_by="x", reason="http-404") for n in range(100)),
        candidates=tuple({"title": "É" * 500, "n": n} for n in range(100)),
        decision="x" * 5_000,
    )
    store.record([finished(claim, Reject(Reason.NO_MATCH, trail=trail))])
    ((kept,),) = backend.rows("SELECT trail FROM attempts")
    assert len(kept.encode()) <= MOST_BYTES
    told = json.loads(kept)
    assert len(told["asked"]) == 20
    assert told["decision"].endswith(f"[cut: {100 - len(told['candidates'])} candidates left out]")


def test_what_an_attempt_tried_is_known_to_the_next_one_only(backend: Backend) -> None:
    """After a restart nobody is asked again for what failed for good; what is put back to work begins afresh."""
    store = backend.open()
    recognise(backend, store, 1, work(1))
    (waiting,) = store.claim(QUEUEING, 1)
    store.record([finished(waiting)])
    (claim,) = store.claim(DOWNLOAD, 1)
    tried = (Tried(url="https://a.example/x.pdf", found_by="test", reason="http-404"),)
    store.record([finished(claim, Retry(Reason.TIMEOUT_READ, after=0.0, trail=Trail(tried=tried)))])
    assert store.tried_before(claim.id, 2) == tried
    assert list(store.tried_before(claim.id, 1)) == list(store.tried_before(claim.id, 3)) == []
