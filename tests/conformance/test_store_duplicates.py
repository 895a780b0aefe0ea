"""Duplicates: one work is kept once, its citing entries all point at it, and who was merged into whom is logged."""

from __future__ import annotations

import json

import pytest

from db.handing_in import TakenIn, take_in
from dl_lit.core.items import Duplicate, Resolved
from dl_lit.core.job import Done, Reject
from dl_lit.core.model import Name, StageName
from dl_lit.core.reasons import Reason
from tests.fakes.backends import Backend, SqliteBackend
from tests.fakes.citing import cite, end, queue, works_of_entries
from tests.fakes.engine import ManualClock, downloaded, finished, new_source, reference, work
from tests.fakes.recognising import RECOGNISER

EXTRACTION, ENRICHMENT, QUEUEING, DOWNLOAD = StageName


SAME = {
    "doi": (work(1, title="One"), work(1, title="Another")),
    "openalex": (work(1, doi=None, openalex_id="W1"), work(2, openalex_id="W1")),
    "title-author-year": (work(1, doi=None), work(1, openalex_id="W9")),
}


@pytest.mark.parametrize("key", SAME)
def test_a_work_that_is_known_is_merged(backend: Backend, key: str) -> None:
    store = backend.open()
    kept, twin = SAME[key]
    (first,) = cite(backend, store, 1, kept)
    (second,) = cite(backend, store, 2, twin)
    queue(store, first)
    assert store.duplicate_of(second, twin) == Duplicate(first, key)
    queue(store, second)
    assert works_of_entries(backend) == [first, first]
    assert backend.rows("SELECT id FROM works") == [(first,)]
    assert backend.rows("SELECT count(*) FROM with_metadata") == [(0,)]
    ((entry, existing, field, record),) = backend.rows(
        "SELECT entry_id, existing_work_id, matched_on_field, original_record FROM duplicate_references"
    )
    assert (existing, field) == (first, key)
    assert json.loads(record)["title"] == twin.title
    assert backend.rows("SELECT source_id FROM entries WHERE id = ?", entry) == [(2,)]
    assert backend.rows("SELECT outcome, reason FROM attempts WHERE stage = 'queueing' ORDER BY id") == [
        ("done", "ok"),
        ("done", "duplicate"),
    ]
    assert store.waiting(QUEUEING) == 0
    assert store.waiting(DOWNLOAD) == 1


def test_a_merged_works_other_keys_are_known_from_then_on(backend: Backend) -> None:
    store = backend.open()
    (kept,) = cite(backend, store, 1, work(1, doi=None))
    twin, third = cite(backend, store, 2, work(1, doi="10.1/x"), work(7, doi="10.1/x"))
    queue(store, kept, twin, third)
    assert works_of_entries(backend) == [kept, kept, kept]


def test_being_cited_again_moves_the_kept_work_up(backend: Backend) -> None:
    store = backend.open()
    (kept,) = cite(backend, store, 1, work(1))
    queue(store, kept)
    other, twin = cite(backend, store, 2, work(2), work(1))
    queue(store, other, twin)
    assert backend.rows("SELECT work_id, cited_by, newest_source_id FROM to_download_references ORDER BY work_id") == [
        (kept, 2, 2),
        (other, 1, 2),
    ]
    assert [claim.id for claim in store.claim(DOWNLOAD, 5)] == [kept, other]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_duplicates_within_one_group_are_found(backend: Backend, order: tuple[int, int]) -> None:
    store = backend.open()
    both = cite(backend, store, 1, work(1), work(1, title="As others print it"))
    claims = {claim.id: claim for claim in store.claim(QUEUEING, 10)}
    store.record([finished(claims[both[place]]) for place in order])
    kept = both[0]  # the older one, whichever comes first
    assert works_of_entries(backend) == [kept, kept]
    assert backend.rows("SELECT work_id, cited_by FROM to_download_references") == [(kept, 2)]


def test_equal_titles_with_different_dois_are_two_works(backend: Backend) -> None:
    store = backend.open()
    first, second = cite(backend, store, 1, work(1, doi="10.1/a"), work(1, doi="10.1/b"))
    queue(store, first)
    assert store.duplicate_of(second, work(1, doi="10.1/b")) is None
    queue(store, second)
    assert works_of_entries(backend) == [first, second]
    assert backend.rows("SELECT count(*) FROM to_download_references") == [(2,)]


def test_a_title_too_general_to_tell_works_apart_merges_nothing(backend: Backend) -> None:
    store = backend.open()
    one = work(1, doi=None, authors=(), title="Editorial")
    first, second = cite(backend, store, 1, one, one)
    queue(store, first, second)
    assert works_of_entries(backend) == [first, second]


def test_the_stages_word_is_taken_only_where_the_database_still_says_so(backend: Backend, clock: ManualClock) -> None:
    """What it was taken for may have been told apart meanwhile: the work is looked at again, and no attempt is lost."""
    store = backend.open()
    first, second = cite(backend, store, 1, work(1), work(2))
    queue(store, first)
    (claim,) = store.claim(QUEUEING, 5)
    store.record([finished(claim, Done(Duplicate(first, "title-author-year")))])
    assert works_of_entries(backend) == [first, second]
    assert store.waiting(QUEUEING) == 1
    assert store.claim(QUEUEING, 5) == []
    clock.advance(1.0)
    (again,) = store.claim(QUEUEING, 5)
    assert (again.id, again.attempt) == (claim.id, claim.attempt)


def test_a_work_without_copies_is_merged_rather_than_failed(backend: Backend) -> None:
    store = backend.open()
    first, second = cite(backend, store, 1, work(1), work(1))
    queue(store, first)
    (claim,) = store.claim(QUEUEING, 5)
    store.record([finished(claim, Reject(Reason.NO_OA_LOCATION))])
    assert (claim.id, works_of_entries(backend)) == (second, [first, first])
    assert backend.rows("SELECT count(*) FROM failed_downloads") == [(0,)]


@pytest.mark.parametrize("end", ["downloaded", "failed"])
def test_what_is_in_the_library_or_given_up_is_known_too(backend: Backend, end: str) -> None:
    store = backend.open()
    (first,) = cite(backend, store, 1, work(1))
    queue(store, first)
    outcome = None if end == "downloaded" else Reject(Reason.HTTP_404)
    store.record([finished(store.claim(DOWNLOAD, 1)[0], outcome)])
    (second,) = cite(backend, store, 2, work(1))
    queue(store, second)
    assert works_of_entries(backend) == [first, first]
    assert store.waiting(DOWNLOAD) == 0


def test_a_work_is_not_its_own_duplicate(backend: Backend) -> None:
    """A work that is queued a second time, after it was given up on, finds only itself."""
    store = backend.open()
    (first,) = cite(backend, store, 1, work(1))
    queue(store, first)
    store.record([finished(store.claim(DOWNLOAD, 1)[0], Reject(Reason.HTTP_404))])
    requeue(backend, first)
    store.notice()
    assert store.duplicate_of(first, work(1)) is None
    queue(store, first)
    assert works_of_entries(backend) == [first]
    assert store.waiting(DOWNLOAD) == 1


def test_a_work_that_others_were_merged_into_can_itself_be_merged(backend: Backend) -> None:
    """Its keys and its log go with it: nothing points at a work that has gone."""
    store = backend.open()
    (middle,) = cite(backend, store, 1, work(1, doi=None, openalex_id="W1", pmid="7"))
    queue(store, middle)
    store.record([finished(store.claim(DOWNLOAD, 1)[0], Reject(Reason.HTTP_404))])
    (leaf,) = cite(backend, store, 2, work(2, doi=None, openalex_id="W1"))
    queue(store, leaf)
    root, bridge = cite(backend, store, 3, work(3), work(3, pmid="7"))
    queue(store, root, bridge)
    requeue(backend, middle)
    store.notice()
    queue(store, middle)
    assert works_of_entries(backend) == [root, root, root, root]
    assert backend.rows("SELECT DISTINCT existing_work_id FROM duplicate_references") == [(root,)]
    assert backend.rows("SELECT DISTINCT work_id FROM work_keys") == [(root,)]
    assert backend.dangling() == 0
    assert store.duplicate_of(99, work(4, doi=None, openalex_id="W1")) == Duplicate(root, "openalex")


def test_the_number_of_a_merged_work_is_never_given_again(backend: Backend) -> None:
    """Attempts and files are filed under the number: it must mean one work for ever."""
    store = backend.open()
    first, second = cite(backend, store, 1, work(1), work(1))
    queue(store, first, second)
    (third,) = cite(backend, store, 2, work(3))
    assert third not in (first, second)


def test_the_number_of_a_work_that_goes_is_not_given_to_one_that_comes_in_the_same_group(backend: Backend) -> None:
    """What goes is written before what comes, and the attempts of both after that."""
    store = backend.open()
    (kept,) = cite(backend, store, 1, work(1))
    queue(store, kept)
    (gone,) = cite(backend, store, 2, work(1))
    backend.add_entries(new_source(3), [reference(1)])
    store.notice()
    (arriving,) = store.claim(ENRICHMENT, 1)
    (leaving,) = store.claim(QUEUEING, 1)
    found = Done(Resolved(work=work(2), matched_by="doi"))
    store.record([finished(arriving, found), finished(leaving)])
    assert leaving.id == gone
    assert works_of_entries(backend)[:2] == [kept, kept]
    assert works_of_entries(backend)[2] not in {kept, gone}


def test_merging_costs_the_same_in_a_long_log(backend: Backend) -> None:
    """Taking a merged work away looks nothing up without an index."""
    if type(backend) is not SqliteBackend:
        pytest.skip("asks SQLite for its plans")
    for table, column in backend.rows(
        'SELECT t.name, f."from" FROM sqlite_master AS t, pragma_foreign_key_list(t.name) AS f '
        "WHERE t.type = 'table' AND f.\"table\" = 'works'"
    ):
        plan = backend.rows(f"EXPLAIN QUERY PLAN SELECT 1 FROM {table} WHERE {column} = 5")
        assert "SEARCH" in plan[0][-1], (table, column, plan)


def requeue(backend: Backend, work_id: int) -> None:
    """As a person's retry does: from the failures back into the room before."""
    backend.change("DELETE FROM failed_downloads WHERE work_id = ?", work_id)
    backend.change("INSERT INTO with_metadata (work_id, newest_source_id, cited_by) VALUES (?, 1, 1)", work_id)


def test_names_without_author_do_not_break_the_key(backend: Backend) -> None:
    store = backend.open()
    body = (Name(literal="A Body"),)
    first, second = cite(backend, store, 1, work(1, doi=None, authors=body), work(1, doi=None, authors=body))
    queue(store, first, second)
    assert works_of_entries(backend) == [first, first]


def test_a_file_handed_in_for_what_turns_out_to_be_a_known_work_is_that_works(
    backend: Backend, clock: ManualClock
) -> None:
    """Nobody had looked yet whether it is known: two works with one DOI would stand side by side for ever."""
    store = backend.open()
    (first,) = cite(backend, store, 1, work(1))
    queue(store, first)
    end(store, first, Reject(Reason.HTTP_404))
    (second,) = cite(backend, store, 2, work(1, title="As another service has it"))
    files = [downloaded(second), downloaded(second, path="again.pdf", sha256="f" * 64)]
    taken = [
        backend.elsewhere(lambda engine, file=file: take_in(engine, second, file, RECOGNISER, clock, decision="mine"))
        for file in files
    ]
    assert taken == [TakenIn(is_taken=True, work_id=first), TakenIn(is_taken=False, work_id=second)]
    assert works_of_entries(backend) == [first, first]
    assert backend.rows("SELECT work_id FROM downloaded_references") == [(first,)]
    assert backend.rows("SELECT id FROM works") == [(first,)]
