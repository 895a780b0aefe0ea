"""Where works are open: the same for one seed always, as the shares say."""

from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.replica.access import Planner, Shares, arxiv_position, derived_arxiv_id, numbered_position
from dl_lit.replica.records import Record, record_from_json


def records(count: int = 2000) -> list[Record]:
    return [
        record_from_json(
            n, {"doi": f"10.{1000 + n % 50}/{n}", "title": f"Work {n}", "year": 2010, "type": "journal-article"}
        )
        for n in range(count)
    ]


def test_one_seed_decides_alike() -> None:
    one, again, other = (Planner(seed, Shares(), 6, 4) for seed in (5, 5, 6))
    assert [one.of(record) for record in records(200)] == [again.of(record) for record in records(200)]
    assert [one.of(record).oa_status for record in records(200)] != [
        other.of(record).oa_status for record in records(200)
    ]


def test_shares_are_kept() -> None:
    shares = Shares(gold=0.4, hybrid=0.0, bronze=0.0, green=0.3)
    planner = Planner(1, shares, 6, 4)
    counts = Counter(planner.of(record).oa_status for record in records())
    assert abs(counts["gold"] / 2000 - 0.4) < 0.05
    assert abs(counts["green"] / 2000 - 0.3) < 0.05
    assert set(counts) == {"gold", "green", "closed"}


def test_open_works_have_copies_and_closed_ones_have_none() -> None:
    planner = Planner(1, Shares(), 6, 4)
    for record in records():
        access = planner.of(record)
        assert bool(access.copies) == (access.oa_status != "closed")


def test_a_publisher_has_one_host() -> None:
    planner = Planner(1, Shares(), 6, 4)
    by_prefix: dict[str, set[str]] = {}
    for record in records():
        by_prefix.setdefault(record.prefix, set()).add(planner.of(record).publisher_site)
    assert all(len(sites) == 1 for sites in by_prefix.values())
    assert len(set.union(*by_prefix.values())) == 6


def test_what_the_record_says_stands() -> None:
    planner = Planner(1, Shares(gold=1, green=0, hybrid=0, bronze=0), 6, 4)
    closed = record_from_json(0, {"title": "t", "oa": "closed"})
    green = record_from_json(1, {"title": "t", "oa": "green", "host": "repository-2"})
    arxiv = record_from_json(2, {"title": "t", "oa": "green", "arxiv_id": "1706.03762"})
    assert planner.of(closed).copies == ()
    assert [copy.site for copy in planner.of(green).copies] == ["repository-2"]
    assert [copy.pdf_path for copy in planner.of(arxiv).copies] == ["/pdf/1706.03762"]


@given(st.integers(min_value=0, max_value=3_000_000))
def test_derived_identifiers_lead_back(position: int) -> None:
    """No table is needed to find the record behind them."""
    assert arxiv_position(derived_arxiv_id(position)) == position
    access = Planner(0, Shares(), 1, 1).of(record_from_json(position, {"title": "t", "pmcid": None}))
    assert numbered_position(access.openalex_id) == position


def test_foreign_identifiers_lead_nowhere() -> None:
    assert arxiv_position("1706.03762") is None
    assert arxiv_position("math/0309285") is None
    assert numbered_position("W2741809807") is None
    assert numbered_position("12345") is None
    assert numbered_position("Wxyz") is None
