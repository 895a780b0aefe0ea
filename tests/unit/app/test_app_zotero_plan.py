"""What is sent, by three sides: what we wish, what we sent, what stands there. For all inputs."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from db.pushed import Pushed
from dl_lit.app.zotero.index import LibraryIndex
from dl_lit.app.zotero.plan import Fate, Wish, again, created, is_settled, kept, linked
from dl_lit.core.model import WorkType
from tests.fakes.scenario import work

FIELDS = ("title", "volume", "extra")
some = st.fixed_dictionaries({name: st.sampled_from(["", "a", "b"]) for name in FIELDS})
names = st.frozensets(st.sampled_from(["dl_lit:x", "dl_lit:y", "mine"]), max_size=3)
places = st.frozensets(st.sampled_from(["P", "Q", "R"]), max_size=3)


def wished(fields: dict[str, str], tags: frozenset[str] = frozenset(), at: frozenset[str] = frozenset()) -> Wish:
    return Wish(thing="work:1", fields=fields, tags=tuple(sorted(tags - {"mine"})), collections=tuple(sorted(at)))


def stands(fields: dict[str, str], tags: frozenset[str], at: frozenset[str]) -> dict[str, Any]:
    return {"key": "K", "version": 3, **fields, "tags": [{"tag": t} for t in sorted(tags)], "collections": sorted(at)}


def sent(wish: Wish) -> tuple[Pushed, dict[str, Any]]:
    """What is known and what stands there after it was made."""
    step = created(wish, "K")
    assert step.send is not None
    there = {**step.send, "version": 3}
    return kept(step, there, None), there


@settings(max_examples=60)
@given(some, names, places)
def test_what_was_sent_is_settled_and_needs_nothing(
    fields: dict[str, str], tags: frozenset[str], at: frozenset[str]
) -> None:
    wish = wished(fields, tags, at)
    row, there = sent(wish)
    assert is_settled(wish, row)
    assert again(wish, row, there).fate is Fate.UNCHANGED


@settings(max_examples=80)
@given(
    first=some, second=some, theirs=some, tags=names, new_tags=names, their_tags=names, at=places, new_at=places,
    their_at=places,
)  # fmt: skip
def test_what_people_changed_is_theirs_and_all_else_becomes_as_wished(
    *, first: dict[str, str], second: dict[str, str], theirs: dict[str, str],
    tags: frozenset[str], new_tags: frozenset[str], their_tags: frozenset[str],
    at: frozenset[str], new_at: frozenset[str], their_at: frozenset[str],
) -> None:  # fmt: skip
    row, there = sent(wished(first, tags, at))
    there = {**there, **stands(theirs, their_tags, their_at)}
    wish = wished(second, new_tags, new_at)
    step = again(wish, row, there)
    after = {**there, **(step.send or {})}
    for name in FIELDS:
        assert after[name] == (second[name] if theirs[name] == first[name] else theirs[name])
    before_tags = set(wished(first, tags).tags)
    now = {tag["tag"] for tag in after["tags"]}
    assert now == (their_tags - (before_tags - set(wish.tags))) | (set(wish.tags) - before_tags)
    assert set(after["collections"]) == their_at | (new_at - at)
    settled = kept(step, after, row)
    assert is_settled(wish, settled)
    assert again(wish, settled, after).send is None


@given(some, names, places)
def test_what_was_there_gets_tags_and_places_and_nothing_else(
    theirs: dict[str, str], tags: frozenset[str], at: frozenset[str]
) -> None:
    there = stands(theirs, tags, at)
    wish = wished({"title": "ours", "volume": "9", "extra": "x"}, frozenset({"dl_lit:x"}), frozenset({"P"}))
    step = linked(wish, there)
    assert set(step.send or {}) <= {"key", "version", "tags", "collections"}
    after = {**there, **(step.send or {})}
    assert {tag["tag"] for tag in after["tags"]} == tags | {"dl_lit:x"}
    assert set(after["collections"]) == at | {"P"}
    assert is_settled(wish, kept(step, after, None))


def test_what_the_library_writes_otherwise_is_not_taken_for_a_persons_change() -> None:
    """Zotero wraps notes and trims fields; what it says it has kept is what counts."""
    wish = wished({"title": "a", "volume": "", "extra": "x"})
    step = created(wish, "K")
    there = {**(step.send or {}), "title": "A (as kept)", "version": 3}
    step = again(wished({"title": "b", "volume": "", "extra": "x"}), kept(step, there, None), there)
    assert step.send == {"title": "b", "key": "K", "version": 3}


def test_items_are_found_by_what_identifies_them() -> None:
    """ISBNs of whole books only; DOIs in Extra; short titles and those without year or author not at all."""
    index = LibraryIndex()
    index.read([
        {"key": "BOOK", "itemType": "book", "title": "B", "ISBN": "0-306-40615-2, 9781234567897"},
        {"key": "PART", "itemType": "bookSection", "title": "C", "ISBN": "9781234567897"},
        {"key": "EXTRA", "itemType": "report", "title": "D", "extra": "note\nDOI: 10.1000/Extra\n"},
        {"key": "NOYEAR", "itemType": "book", "title": "A long title", "creators": [{"lastName": "Lovelace"}]},
        {"key": "GONE", "itemType": "book", "title": "x", "DOI": "10.1000/gone", "deleted": 1},
        {"key": "NOTE", "itemType": "note", "note": "x"},
    ])  # fmt: skip
    found = {
        "isbn": [m.key for m in index.find(work("x", type=WorkType.BOOK, isbn="9780306406157"))],
        "doi": [m.key for m in index.find(work("x", doi="10.1000/extra"))],
        "title": [m.key for m in index.find(work("A long title"))],
        "trash": [m.key for m in index.find(work("x", doi="10.1000/gone"))],
    }
    assert found == {"isbn": ["BOOK"], "doi": ["EXTRA"], "title": [], "trash": []}
    assert len(index) == 4
