"""The library on an object store that speaks S3."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from dl_lit.core.errors import FetchError
from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.ports import Fetched
from dl_lit.core.proof import Proof, Verdict
from dl_lit.core.reasons import Reason
from dl_lit.library.buckets import Bucket, StoreTrouble, open_bucket
from dl_lit.library.copies import Copies
from dl_lit.library.holder import OTHERS_S, Holder
from dl_lit.library.objects import LOOK_S, ObjectLibrary
from dl_lit.library.shelves import BucketShelf
from tests.fakes.engine import VERIFIED, ManualClock
from tests.fakes.object_store import KEY, SECRET, ObjectStore
from tests.unit.library.test_library_folder import NAME, OTHER, PLACE, WORK

AT = ObjectPlace.parse("s3://bucket/lit")
HELD = Proof(verdict=Verdict.NEEDS_REVIEW, score=0.5, evidence=("a scan",))
THERE = Holder("f00d00", 77, 5)


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> Iterator[ObjectStore]:
    with ObjectStore() as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        yield store


def library(folder: Path, clock: ManualClock | None = None, **more: object) -> ObjectLibrary:
    impatient = open_bucket(AT, timeout_s=2.0, is_patient=False)
    return ObjectLibrary(bucket(), impatient, folder / "local", clock or ManualClock(), **more)


def bucket() -> Bucket:
    return open_bucket(AT, timeout_s=5.0)


def place(one: ObjectLibrary, work_id: int, content: bytes, work=WORK, proof=VERIFIED):
    path = one.incoming(work_id)
    path.write_bytes(content)
    sha256 = hashlib.sha256(content).hexdigest()
    fetched = Fetched(path=path, sha256=sha256, size_bytes=len(content), final_url="http://x/", content_type="")
    return one.place(work_id, work, fetched, PLACE, 12, proof=proof)


def test_a_file_is_put_whole_under_its_name_with_a_receipt_until_its_row_is_committed(store, tmp_path) -> None:
    one = library(tmp_path)
    assert one.trouble() is None
    facts = place(one, 7, b"%PDF-1")
    assert facts.path == NAME
    assert store.objects[f"lit/{NAME}"] == b"%PDF-1"
    assert len(store.names("lit/.incoming/")) == 1
    one.clear(7)
    assert store.names("lit/") == {NAME}
    assert not list((tmp_path / "local" / ".incoming").iterdir()), "nothing stays on this host"


def test_of_many_that_want_one_name_each_gets_its_own(store, tmp_path) -> None:
    """Threads of two processes, as it were: no object is overwritten, whoever comes first."""
    both = library(tmp_path / "a"), library(tmp_path / "b", holder=THERE)
    contents = [b"%%PDF-%d" % number for number in range(6)]
    placed: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n, c=c: placed.append(place(both[n % 2], n, c, (WORK, OTHER)[n % 2]).path))
        for n, c in enumerate(contents)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(placed)) == len(contents)
    assert {store.objects[f"lit/{path}"] for path in placed} == set(contents)


def test_a_put_whose_answer_got_lost_is_known_again(store, tmp_path) -> None:
    """It came to be, was answered by an error, and its repetition is refused: the object is ours all the same."""
    one = library(tmp_path)
    store.faults.lose = 2  # the receipt's and the file's
    assert place(one, 1, b"%PDF-1").path == NAME
    assert store.names("lit/") - {NAME} == {f".incoming/work-1.{_mark()}.receipt.json"}


def _mark() -> str:
    me = Holder.here()
    return f"{me.host}-{me.pid}"


def test_what_was_placed_and_not_written_down_is_found_by_its_receipt(store, tmp_path) -> None:
    facts = place(library(tmp_path), 1, b"%PDF-1")
    unplaced = place(library(tmp_path), 2, b"%PDF-2", OTHER)
    del store.objects[f"lit/{unplaced.path}"]  # killed between the receipt and the file
    store.objects["lit/.incoming/work-3.receipt.json"] = b"{"
    again = library(tmp_path)
    assert again.recover() == [(1, facts)]
    again.clear(1)
    assert store.names("lit/") == {NAME}


def test_receipts_of_another_host_are_left_to_it_until_they_are_old(store, tmp_path) -> None:
    """The store's clock says when they were put: noon."""
    noon = 1_795_435_200.0  # 2026-11-23T12:00:00Z
    facts = place(library(tmp_path, holder=THERE), 1, b"%PDF-1")
    assert library(tmp_path, ManualClock(noon + OTHERS_S - 1)).recover() == []
    assert library(tmp_path, ManualClock(noon + OTHERS_S + 1)).recover() == [(1, facts)]


def test_quarantine_is_a_prefix_that_files_are_released_from(store, tmp_path) -> None:
    one = library(tmp_path)
    held = place(one, 1, b"%PDF-1", proof=HELD)
    assert held.path == f"quarantine/{NAME}"
    kept = one.release(1, WORK, held, VERIFIED)
    one.remove(held.path)
    one.clear(1)
    assert (kept.path, store.names("lit/")) == (NAME, {NAME})
    assert one.supersede(NAME) == f"superseded/{NAME}"
    assert store.names("lit/") == {f"superseded/{NAME}"}
    with pytest.raises(FetchError, match="not there any more"):
        one.release(1, WORK, held, VERIFIED)


@pytest.mark.parametrize(
    ("refuse", "denied", "says"),
    [(403, False, "permission denied"), (None, True, "permission denied"), (503, False, "HTTP 503")],
)
def test_a_store_that_refuses_is_told_in_our_words_and_looked_at_again(
    store, tmp_path, refuse: int | None, denied: bool, says: str
) -> None:
    """Nothing of keys, addresses or answers is repeated; no attempt is lost; work goes on when the store does."""
    clock = ManualClock()
    one = library(tmp_path, clock)
    assert one.trouble() is None
    one._bucket = one._probe  # no patience: the test's seconds
    store.faults.refuse, store.faults.puts_denied = refuse, denied
    with pytest.raises(FetchError) as refused:
        place(one, 1, b"%PDF-1")
    assert (refused.value.reason, refused.value.costs_attempt) == (Reason.WRITE_ERROR, False)
    told = one.trouble() or ""
    assert says in told
    assert "s3://bucket/lit" in told
    assert not any(secret in f"{told} {refused.value}" for secret in (KEY, SECRET, "127.0.0.1"))
    store.faults.refuse, store.faults.puts_denied = None, False
    assert one.trouble() == told, "it is not asked at each look"
    clock.advance(LOOK_S + 1)
    assert one.trouble() is None


def test_a_receipt_that_could_not_be_removed_goes_when_the_store_works_again(store, tmp_path) -> None:
    clock = ManualClock()
    one = library(tmp_path, clock)
    place(one, 1, b"%PDF-1")
    one._bucket = one._probe
    store.faults.refuse = 503
    one.clear(1)
    assert one.trouble() is not None
    store.faults.refuse = None
    clock.advance(LOOK_S + 1)
    assert one.trouble() is None
    assert store.names("lit/") == {NAME}


def test_a_store_that_is_gone_stops_no_start(store, tmp_path, monkeypatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    one = library(tmp_path)
    one._bucket = one._probe
    assert "cannot be reached" in str(one.trouble())
    assert one.recover() == []
    one.clear(1)


def test_readers_get_local_copies_that_are_verified_and_bounded(store, tmp_path) -> None:
    clock = ManualClock(2e9)
    shelf = BucketShelf(bucket(), Copies(tmp_path / "copies", 10, clock))
    sums = {}
    for number in range(4):
        store.objects[f"lit/{number}.pdf"] = content = b"%%PDF%d" % number
        sums[number] = hashlib.sha256(content).hexdigest()
    assert dict(shelf.sizes()) == {f"{number}.pdf": 5 for number in range(4)}
    for number, sha256 in sums.items():
        assert shelf.local(f"{number}.pdf", sha256).read_bytes() == b"%%PDF%d" % number
        clock.advance(1_000)
    assert len(list((tmp_path / "copies").glob("*/*.pdf"))) == 2, "the least used went"
    before = store.asked["GET"]
    assert shelf.local("3.pdf", sums[3]).exists()
    assert store.asked["GET"] == before, "it is here already"
    assert not shelf.local("2.pdf", sums[0][::-1]).exists(), "another content than was asked for"
    assert not shelf.local("9.pdf", sums[0]).exists()
    assert shelf.sha256("3.pdf") == sums[3]
    shelf.remove("3.pdf")
    shelf.remove("3.pdf")
    assert not shelf.has("3.pdf")


def test_a_bucket_that_is_not_there_is_told(store) -> None:
    with pytest.raises(StoreTrouble, match="no such bucket"):
        open_bucket(ObjectPlace.parse("s3://elsewhere"), timeout_s=2.0).look()
