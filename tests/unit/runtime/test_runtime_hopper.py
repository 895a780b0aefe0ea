"""The bounded queue between feeder and workers."""

from __future__ import annotations

import threading
from dataclasses import replace

from dl_lit.core.items import SourceItem
from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.runtime.hopper import LAST_EVERY, Hopper


def claim(number: int, phase: str = "") -> Claim:
    return Claim(StageName.EXTRACTION, number, SourceItem(f"/{number}.pdf", str(number)), phase=phase)


def hopper(size: int = 4, **batches: int) -> tuple[Hopper, list[bool]]:
    """A hopper and the list of times it said there is room."""
    room: list[bool] = []
    return Hopper(size, lambda phase: batches.get(phase or "first", 1), lambda: room.append(True)), room


def test_it_has_as_many_slots_as_it_was_given() -> None:
    one, _ = hopper(3)
    assert one.free_slots() == 3
    assert one.put([claim(1), claim(2)]) == []
    assert (one.free_slots(), len(one)) == (1, 2)


def test_what_comes_back_in_another_phase_may_exceed_the_size() -> None:
    one, _ = hopper(1)
    one.put([claim(1)])
    one.put([claim(2, "later")])
    assert (one.free_slots(), len(one)) == (0, 2)


def test_claims_come_out_in_order_one_at_a_time() -> None:
    one, _ = hopper()
    one.put([claim(n) for n in (1, 2, 3)])
    assert [one.take(0.0)[0].id for _ in range(3)] == [1, 2, 3]


def test_a_batch_is_of_one_phase_and_no_larger_than_the_stage_takes() -> None:
    one, _ = hopper(10, first=3, search=2)
    one.put([claim(1), claim(2, "search"), claim(3), claim(4, "search"), claim(5), claim(6), claim(7, "search")])
    taken = [[(it.phase, it.id) for it in batch] for batch in iter(lambda: one.take(0.0), [])]
    assert taken == [[("", 1), ("", 3), ("", 5)], [("", 6)], [("search", 2), ("search", 4)], [("search", 7)]]


def test_what_is_nearly_done_is_not_held_up_by_those_who_keep_coming_back() -> None:
    """The last phase has its turn now and then, however much waits in the first."""
    waiting, _ = hopper(1_000, late=8)
    waiting.put([claim(number) for number in range(500)])
    waiting.put([claim(number, "late") for number in range(500, 508)])
    taken = [waiting.take(0.0) for _ in range(LAST_EVERY)]
    assert {one.phase for group in taken[:-1] for one in group} == {""}
    assert [one.phase for one in taken[-1]] == ["late"] * 8


def test_so_many_hands_in_the_first_phase_and_the_others_go_on_with_later_ones() -> None:
    """Who is done with the first phase makes room for another."""
    one = Hopper(10, lambda _: 2, lambda: None, first_hands=1)
    one.put([claim(1), claim(2), claim(3), claim(4), claim(5, "later")])
    first = one.take(0.0)
    assert [it.id for it in first] == [1, 2]
    assert [it.id for it in one.take(0.0)] == [5]
    assert one.take(0.0) == []
    one.done(first)
    assert [it.id for it in one.take(0.0)] == [3, 4]


def test_nothing_to_take_is_told_after_the_time_out() -> None:
    one, _ = hopper()
    assert one.take(0.0) == []


def test_a_waiting_taker_gets_what_is_put() -> None:
    one, _ = hopper()
    got: list[list[Claim]] = []
    taker = threading.Thread(target=lambda: got.append(one.take(30.0)))
    taker.start()
    one.put([claim(1)])
    taker.join(30)
    assert got == [[claim(1)]]


def test_room_is_told_once_as_the_level_falls_past_half() -> None:
    one, room = hopper(4)
    one.put([claim(n) for n in range(4)])
    told = []
    for _ in range(4):
        one.take(0.0)
        told.append(len(room))
    assert told == [0, 1, 1, 1]


def test_closing_gives_back_what_nobody_took_and_wakes_all_takers() -> None:
    one, _ = hopper()
    got: list[list[Claim]] = []
    takers = [threading.Thread(target=lambda: got.append(one.take(30.0))) for _ in range(3)]
    for taker in takers:
        taker.start()
    assert one.close() == []
    for taker in takers:
        taker.join(30)
    assert got == [[], [], []]
    other, _ = hopper()
    other.put([claim(1), claim(2, "later")])
    assert other.close() == [claim(1), claim(2, "later")]
    assert len(other) == 0


def test_a_closed_hopper_takes_nothing_more() -> None:
    one, _ = hopper()
    one.close()
    assert one.free_slots() == 0
    assert one.put([claim(1)]) == [claim(1)]
    assert one.take(0.0) == []


def test_no_claim_is_lost_or_doubled_between_many_hands() -> None:
    one, _ = hopper(50, first=3)
    got: list[int] = []
    lock, count = threading.Lock(), 500

    def worker() -> None:
        while len(got) < count:
            taken = one.take(0.05)
            with lock:
                got.extend(claim.id for claim in taken)

    workers = [threading.Thread(target=worker) for _ in range(4)]
    for thread in workers:
        thread.start()
    for number in range(count):
        one.put([replace(claim(number), phase="later" if number % 3 else "")])
    for thread in workers:
        thread.join(30)
    assert sorted(got) == list(range(count))
