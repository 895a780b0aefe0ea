"""Merges are written down and can be undone, whatever has become of the works, beside a pipeline that runs."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable

import pytest

from db.reading.doctor import invariants
from db.reading.opening import reading
from dl_lit.core.errors import BadInput
from dl_lit.core.items import Duplicate, WorkItem
from dl_lit.core.job import Done, Reject, Retry
from dl_lit.core.model import Alias, Relation, RelationKind, StageName, WorkType
from dl_lit.core.reasons import Reason
from tests.fakes.backends import Backend, SqliteBackend, TestedStore
from tests.fakes.citing import cite, end, queue, works_of_entries
from tests.fakes.engine import ManualClock, eventually, finished, work

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


def sound(backend: Backend) -> None:
    """Everything that the doctor knows of holds."""
    assert isinstance(backend, SqliteBackend)
    with reading(backend.path) as connection:
        assert [finding for finding in invariants(connection) if not finding.holds] == []


def keys(backend: Backend, work_id: int) -> set[tuple[str, str]]:
    return set(backend.rows("SELECT kind, value FROM work_keys WHERE work_id = ?", work_id))


def merged(backend: Backend, store: TestedStore) -> tuple[int, int]:
    """Two works of two sources that are taken for one; the one that stays and the one that went."""
    (kept,) = cite(backend, store, 1, work(1, doi=None, openalex_id="W1", title="Original"))
    queue(store, kept)
    (gone,) = cite(backend, store, 2, work(2, openalex_id="W1", title="Translated"))
    queue(store, gone)
    return kept, gone


def test_a_merge_is_written_down_with_what_showed_it(backend: Backend) -> None:
    store = backend.open()
    kept, gone = merged(backend, store)
    ((row),) = backend.rows(
        "SELECT id, kept_work_id, gone_work_id, matched_on, matched_value, evidence, brought, undone_at FROM merges"
    )
    assert row == (1, kept, gone, "openalex", "W1", "equal openalex_id", 2, None)
    ((record, entries, own),) = backend.rows("SELECT gone_record, entry_ids, keys FROM merges")
    assert json.loads(record)["title"] == "Translated"
    assert json.loads(entries) == [2]
    assert json.loads(own) == [
        ["doi", "10.1000/2"],
        ["openalex", "W1"],
        ["title-author-year", "translated|author|2020"],
    ]
    assert backend.rows("SELECT work_id, title FROM work_aliases") == [(kept, "Translated")]
    sound(backend)


ENDS: dict[str, Callable[[TestedStore, int], object]] = {
    "queued": lambda store, work_id: None,
    "in hand": lambda store, work_id: store.claim(DOWNLOAD, 1),
    "put off": lambda store, work_id: end(store, work_id, Retry(Reason.HTTP_5XX, after=10.0)),
    "downloaded": end,
    "failed": lambda store, work_id: end(store, work_id, Reject(Reason.HTTP_404)),
}


@pytest.mark.parametrize("become", ENDS)
def test_unmerging_makes_two_works_again_whatever_became_of_the_one(backend: Backend, become: str) -> None:
    store = backend.open()
    kept, gone = merged(backend, store)
    before = works_of_entries(backend)
    place = ENDS[become](store, kept)
    assert before == [kept, kept]
    assert backend.unmerge(1) == gone
    assert store.notice() is True
    assert works_of_entries(backend) == [kept, gone]
    assert backend.rows("SELECT work_id, cited_by, newest_source_id FROM with_metadata") == [(gone, 1, 2)]
    assert backend.rows("SELECT cited_by, newest_source_id FROM to_download_references") in ([], [(1, 1)])
    assert backend.rows("SELECT count(*) FROM duplicate_references") == [(0,)]
    assert backend.rows("SELECT count(*) FROM work_aliases") == [(0,)]
    assert keys(backend, kept) == {("openalex", "W1"), ("title-author-year", "original|author|2020")}
    assert keys(backend, gone) == {
        ("doi", "10.1000/2"),
        ("openalex", "W1"),
        ("title-author-year", "translated|author|2020"),
    }
    sound(backend)
    queue(store, gone)
    assert works_of_entries(backend) == [kept, gone]
    assert store.waiting(QUEUEING) == 0
    if place:
        store.record([finished(claim) for claim in place])  # type: ignore[attr-defined]
    sound(backend)


def test_what_is_told_apart_is_never_merged_again(backend: Backend) -> None:
    store = backend.open()
    kept, gone = merged(backend, store)
    backend.unmerge(1)
    store.notice()
    assert store.duplicate_of(gone, work(2, openalex_id="W1", title="Translated")) is None
    queue(store, gone)
    assert works_of_entries(backend) == [kept, gone]
    assert backend.rows("SELECT one_id, other_id FROM separations") == [(kept, gone)]
    (third,) = cite(backend, store, 3, work(3, doi="10.1000/2"))
    queue(store, third)
    assert works_of_entries(backend) == [kept, gone, gone]
    sound(backend)


def test_a_merge_is_undone_once(backend: Backend) -> None:
    store = backend.open()
    _, gone = merged(backend, store)
    backend.unmerge(1)
    with pytest.raises(BadInput, match=f"merge 1 was undone already, on 20.*: w{gone} is a work of its own"):
        backend.unmerge(1)
    with pytest.raises(BadInput, match="there is no merge 7: dl-lit merges lists them"):
        backend.unmerge(7)


def test_a_duplicate_that_was_found_before_the_merge_was_undone_is_looked_at_again(backend: Backend) -> None:
    """The stage had its answer from the keys that the kept work has lost meanwhile."""
    store = backend.open()
    kept, gone = merged(backend, store)
    (third,) = cite(backend, store, 3, work(3, doi="10.1000/2"))
    (claim,) = store.claim(QUEUEING, 1)
    word = store.duplicate_of(third, work(3, doi="10.1000/2"))
    assert word == Duplicate(kept, "doi")
    backend.unmerge(1)
    store.record([finished(claim, Done(word))])
    assert works_of_entries(backend) == [kept, gone, gone]  # what is known now, and not what was
    sound(backend)


def test_a_work_in_hand_for_queueing_keeps_its_turn(backend: Backend) -> None:
    """Of two that wait the younger one joins the older, which is in a worker's hands while they are told apart."""
    store = backend.open()
    kept, gone = cite(backend, store, 1, work(1), work(1, title="As others print it"))
    claims = {claim.id: claim for claim in store.claim(QUEUEING, 5)}
    store.record([finished(claims[gone])])
    assert backend.rows("SELECT work_id, cited_by FROM with_metadata") == [(kept, 2)]
    sound(backend)
    assert backend.unmerge(1) == gone
    store.notice()
    store.record([finished(claims[kept])])
    assert backend.rows("SELECT work_id, cited_by FROM to_download_references") == [(kept, 1)]
    queue(store, gone)
    assert backend.rows("SELECT work_id, cited_by FROM to_download_references ORDER BY 1") == [(kept, 1), (gone, 1)]
    assert store.held() == 0
    sound(backend)


def chain(backend: Backend, store: TestedStore) -> tuple[int, int, int]:
    """A leaf merged into a middle that was itself merged into a root."""
    (middle,) = cite(backend, store, 1, work(1, doi=None, openalex_id="W1", pmid="7", title="Middle"))
    queue(store, middle)
    end(store, middle, Reject(Reason.HTTP_404))
    (leaf,) = cite(backend, store, 2, work(2, doi=None, openalex_id="W1", title="Leaf"))
    queue(store, leaf)
    root, bridge = cite(backend, store, 3, work(3, title="Root"), work(3, pmid="7", title="Root"))
    queue(store, root, bridge)
    backend.change("DELETE FROM failed_downloads WHERE work_id = ?", middle)
    backend.change("INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (?, 2, 2)", middle)
    store.notice()
    queue(store, middle)
    assert works_of_entries(backend) == [root] * 4
    sound(backend)
    return root, middle, leaf


def merge_of(backend: Backend, gone: int) -> int:
    return int(backend.rows("SELECT id FROM merges WHERE gone_work_id = ?", gone)[0][0])


def test_a_leaf_is_taken_out_of_the_work_that_has_it_now(backend: Backend) -> None:
    store = backend.open()
    root, middle, leaf = chain(backend, store)
    backend.unmerge(merge_of(backend, leaf))
    store.notice()
    assert works_of_entries(backend) == [root, leaf, root, root]
    assert keys(backend, leaf) == {("openalex", "W1"), ("title-author-year", "leaf|author|2020")}
    assert ("openalex", "W1") in keys(backend, root)
    sound(backend)
    queue(store, leaf)
    assert works_of_entries(backend) == [root, leaf, root, root]
    backend.unmerge(merge_of(backend, middle))
    store.notice()
    assert works_of_entries(backend) == [middle, leaf, root, root]
    assert keys(backend, root) == {("doi", "10.1000/3"), ("pmid", "7"), ("title-author-year", "root|author|2020")}
    queue(store, middle)
    assert works_of_entries(backend) == [middle, leaf, root, root]
    sound(backend)


def test_a_middle_comes_back_with_what_was_merged_into_it(backend: Backend) -> None:
    store = backend.open()
    root, middle, leaf = chain(backend, store)
    backend.unmerge(merge_of(backend, middle))
    store.notice()
    assert works_of_entries(backend) == [middle, middle, root, root]
    assert backend.rows("SELECT existing_work_id FROM duplicate_references ORDER BY 1") == [(middle,), (root,)]
    assert backend.rows("SELECT work_id, title FROM work_aliases") == [(middle, "Leaf")]
    sound(backend)
    backend.unmerge(merge_of(backend, leaf))
    store.notice()
    assert works_of_entries(backend) == [middle, leaf, root, root]
    assert backend.rows("SELECT count(*) FROM work_aliases") == [(0,)]
    queue(store, middle, leaf)
    assert works_of_entries(backend) == [middle, leaf, root, root]
    sound(backend)


def test_a_key_that_two_merged_works_brought_stays_while_one_of_them_does(backend: Backend) -> None:
    store = backend.open()
    (kept,) = cite(backend, store, 1, work(1, doi=None, openalex_id="W1"))
    queue(store, kept)
    one, two = cite(backend, store, 2, work(2, openalex_id="W1"), work(2, openalex_id="W1"))
    queue(store, one, two)
    backend.unmerge(merge_of(backend, one))
    store.notice()
    assert ("doi", "10.1000/2") in keys(backend, kept)
    queue(store, one)
    (third,) = cite(backend, store, 3, work(9, doi="10.1000/2"))
    queue(store, third)
    assert works_of_entries(backend) == [kept, one, kept, kept]
    sound(backend)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_preprint_and_its_article_are_linked_and_stay_two_works(backend: Backend, order: tuple[int, int]) -> None:
    store = backend.open()
    both = cite(
        backend,
        store,
        1,
        work(1, title="A text", type=WorkType.ARTICLE, doi="10.48550/arxiv.2001.00001", year=2020),
        work(1, title="A text", type=WorkType.ARTICLE_JOURNAL, doi="10.1000/x", year=2021),
    )
    queue(store, *(both[place] for place in order))
    assert works_of_entries(backend) == both
    assert backend.rows("SELECT work_id, other_id, kind, matched_on FROM work_links") == [
        (*both, "version", "equal title and author, another kind")
    ]
    assert backend.rows("SELECT count(*) FROM to_download_references") == [(2,)]
    sound(backend)


@pytest.mark.parametrize("names_it", ["doi", "arxiv_id"])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_versions_that_a_service_names_are_linked_whichever_comes_first(
    backend: Backend, names_it: str, order: tuple[int, int]
) -> None:
    store = backend.open()
    named = {"doi": "10.1000/PRE", "arxiv_id": None} if names_it == "doi" else {"doi": None, "arxiv_id": "2001.00001"}
    relation = Relation(kind=RelationKind.VERSION, **{**named, "doi": named["doi"] and "10.1000/pre"})
    works = [
        work(1, title="Draft", type=WorkType.ARTICLE, **named),
        work(2, title="Final", relations=(relation,)),
    ]
    one, other = cite(backend, store, 1, *(works[place] for place in order))
    queue(store, one, other)
    assert backend.rows("SELECT work_id, other_id, kind FROM work_links") == [(one, other, "version")]
    sound(backend)


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_translation_is_found_by_the_other_title_and_linked(backend: Backend, order: tuple[int, int]) -> None:
    store = backend.open()
    works = [
        work(1, title="Risikogesellschaft", year=1986, aliases=(Alias(title="Risk society", language="en"),)),
        work(2, title="Risk Society", year=1992),
    ]
    one, other = cite(backend, store, 1, *(works[place] for place in order))
    queue(store, one, other)
    assert backend.rows("SELECT work_id, other_id, kind FROM work_links") == [(one, other, "translation")]
    assert backend.rows("SELECT title, language, title_key FROM work_aliases") == [
        ("Risk society", "en", "risk society|author|1986")
    ]
    sound(backend)


def test_a_later_entry_under_the_title_of_a_merged_record_is_the_same_work(backend: Backend) -> None:
    store = backend.open()
    kept, _ = merged(backend, store)
    (third,) = cite(backend, store, 3, work(3, doi=None, title="Translated"))
    queue(store, third)
    assert works_of_entries(backend) == [kept, kept, kept]
    assert backend.rows("SELECT matched_on, matched_value FROM merges ORDER BY id DESC LIMIT 1") == [
        ("title-author-year", "translated|author|2020")
    ]


def set_doi(backend: Backend, work_id: int, doi: str | None) -> None:
    ((record,),) = backend.rows("SELECT record FROM works WHERE id = ?", work_id)
    backend.change("UPDATE works SET record = ? WHERE id = ?", json.dumps({**json.loads(record), "doi": doi}), work_id)


def test_another_doi_than_any_of_a_works_own_forbids_a_merge(backend: Backend) -> None:
    """The record that brought the title has no DOI, but the work has one by now."""
    store = backend.open()
    (kept,) = cite(backend, store, 1, work(1, openalex_id="W1", title="Original"))
    (gone,) = cite(backend, store, 2, work(2, doi=None, openalex_id="W1", title="Translated"))
    queue(store, kept)
    set_doi(backend, kept, None)
    queue(store, gone)
    set_doi(backend, kept, "10.1000/1")
    (third,) = cite(backend, store, 3, work(3, doi="10.1000/other", title="Translated"))
    queue(store, third)
    assert works_of_entries(backend) == [kept, kept, third]


def test_links_go_with_the_work_that_is_merged_and_those_that_came_with_it_leave_with_it(backend: Backend) -> None:
    store = backend.open()
    (middle,) = cite(backend, store, 1, work(1, doi=None, title="A text", pmid="7"))
    queue(store, middle)
    end(store, middle, Reject(Reason.HTTP_404))
    (draft,) = cite(backend, store, 2, work(2, title="A text", type=WorkType.ARTICLE))
    queue(store, draft)
    assert backend.rows("SELECT work_id, other_id FROM work_links") == [(middle, draft)]
    root, bridge = cite(backend, store, 3, work(3), work(3, pmid="7"))
    queue(store, root, bridge)
    backend.change("DELETE FROM failed_downloads WHERE work_id = ?", middle)
    backend.change("INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (?, 1, 1)", middle)
    store.notice()
    queue(store, middle)
    assert backend.rows("SELECT work_id, other_id FROM work_links") == [(draft, root)]
    sound(backend)
    backend.unmerge(merge_of(backend, middle))
    store.notice()
    assert backend.rows("SELECT work_id, other_id FROM work_links") == []
    queue(store, middle)
    assert backend.rows("SELECT work_id, other_id FROM work_links") == [(middle, draft)]
    sound(backend)


def test_a_yearly_report_is_compared_with_some_of_its_like_only(backend: Backend, clock: ManualClock) -> None:
    del clock
    store = backend.open()
    works = [work(1, title="Report of the year", doi=f"10.1000/{n}", year=1900 + n) for n in range(80)]
    ids = cite(backend, store, 1, *works)
    queue(store, *ids)
    assert works_of_entries(backend) == ids
    sound(backend)


def test_two_that_were_told_apart_do_not_meet_in_a_third(backend: Backend) -> None:
    """Not even where all that is found out within one group."""
    store = backend.open()
    one, other = cite(backend, store, 1, work(1, doi=None, pmid="7", openalex_id="W1"), work(2, doi=None, pmid="7"))
    store.record([finished(claim, Reject(Reason.NO_OA_LOCATION)) for claim in store.claim(QUEUEING, 5)])
    assert works_of_entries(backend) == [one, one]
    backend.unmerge(1)
    store.notice()
    (third,) = cite(backend, store, 2, work(3))
    queue(store, third)
    bridge, second = cite(backend, store, 3, work(3, openalex_id="W1"), work(3, pmid="7"))
    queue(store, bridge, second)
    assert works_of_entries(backend) == [one, other, third, third, third]
    backend.retry_failures()
    store.notice()
    store.record([finished(claim) for claim in store.claim(QUEUEING, 5)])
    assert works_of_entries(backend) == [third, other, third, third, third]
    sound(backend)


def test_a_chapter_and_its_book_or_another_chapter_under_one_doi_stay_apart(backend: Backend) -> None:
    store = backend.open()
    book = work(1, title="A handbook", type=WorkType.BOOK, doi="10.1/book")
    chapter = work(2, title="On bees", type=WorkType.CHAPTER, doi="10.1/book", pages="1-20")
    other = work(3, title="On stones", type=WorkType.CHAPTER, doi="10.1/book", pages="21-40")
    again = work(2, title="On bees: a survey", type=WorkType.CHAPTER, doi="10.1/book", pages="1-20")
    ids = cite(backend, store, 1, chapter, book, other, again)
    queue(store, *ids)
    assert works_of_entries(backend) == [ids[0], ids[1], ids[2], ids[0]]
    assert store.known_works([("doi", "10.1/book")]) == {("doi", "10.1/book"): book}
    sound(backend)


def test_telling_apart_beside_a_pipeline_at_full_speed_loses_and_doubles_nothing(
    backend: Backend, clock: ManualClock
) -> None:
    """Four threads queue and fetch while another undoes what they merge."""
    store = backend.open()
    works = [work(number % 5, title=f"Title {number % 5}") for number in range(60)]
    ids = [one for source in range(6) for one in cite(backend, store, source + 1, *works[source * 10 :][:10])]
    failures: list[BaseException] = []
    over = threading.Event()

    def run(stage: StageName) -> None:
        try:
            while not over.is_set():
                claims = store.claim(stage, 3)
                if not claims:
                    over.wait(0.001)
                words = {
                    claim.id: store.duplicate_of(claim.id, claim.item.work)
                    for claim in claims
                    if isinstance(claim.item, WorkItem)
                }
                store.record(
                    [finished(claim, Done(word) if (word := words.get(claim.id)) else None) for claim in claims]
                )
                store.notice()
        except BaseException as error:  # noqa: BLE001 - told by the test
            failures.append(error)

    threads = [threading.Thread(target=run, args=(stage,)) for stage in (QUEUEING, QUEUEING, DOWNLOAD, DOWNLOAD)]
    for thread in threads:
        thread.start()
    undone = 0
    while undone < 15 and not failures:
        for (merge_id,) in backend.rows("SELECT id FROM merges WHERE undone_at IS NULL ORDER BY id DESC LIMIT 1"):
            backend.unmerge(merge_id)
            undone += 1
    left = "SELECT (SELECT count(*) FROM with_metadata) + (SELECT count(*) FROM to_download_references)"

    def is_over() -> bool:
        clock.advance(1.0)  # what was taken for a duplicate of a work that went meanwhile is put off for a second
        return bool(failures) or backend.rows(left) == [(0,)]

    eventually(is_over)
    over.set()
    for thread in threads:
        thread.join(60)
    assert failures == []
    store.notice()
    assert (store.waiting(QUEUEING), store.waiting(DOWNLOAD), store.held()) == (0, 0, 0)
    assert backend.rows("SELECT count(*) FROM entries WHERE work_id IS NOT NULL") == [(60,)]
    assert {row[0] for row in backend.rows("SELECT id FROM works")} <= set(ids)
    sound(backend)
