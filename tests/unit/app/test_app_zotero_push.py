"""Pushing into Zotero: what stands there afterwards, however often it is pushed and wherever it breaks off."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dl_lit.app.outcome.choice import Choice, Wanted
from dl_lit.app.zotero.push import push, zoteros
from dl_lit.app.zotero.pushing import PushOptions
from dl_lit.app.zotero.report import PushReport
from dl_lit.core.errors import BadInput, DlLitError, NeedsConfiguration, ServiceError
from dl_lit.core.model import Name, Work, WorkType
from dl_lit.settings import Settings, load
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen
from tests.fakes.scenario import Scenario, typical, work
from tests.fakes.zotero import KEY, LOCAL_KEY, FakeZotero, Kind


class Bench:
    """A database with works, a Zotero, and pushes from one into the other."""

    def __init__(self, scenario: Scenario, zotero: FakeZotero, server: LoopbackServer, folder: Path) -> None:
        self.scenario, self.zotero, self.server = scenario, zotero, server
        self.waited: list[float] = []
        self.rng = random.Random(7)
        env = {
            "DL_LIT_DB": str(scenario.path), "DL_LIT_LIBRARY": str(scenario.library), "HOME": str(folder),
            "DL_LIT_STATE_FOLDER": str(folder / "state"), "DL_LIT_CACHE_FOLDER": str(folder / "cache"),
            "DL_LIT_ZOTERO_VIA": "web" if zotero.kind is Kind.WEB else "local", "DL_LIT_ZOTERO_KEY": KEY,
            "DL_LIT_ZOTERO_URL": server.url(""), "DL_LIT_ZOTERO_LOCAL_URL": server.url(""),
        }  # fmt: skip
        self.settings = load(env=env).settings

    def set(self, **zotero: Any) -> None:
        self.settings = replace(self.settings, zotero=replace(self.settings.zotero, **zotero))

    def connect(self) -> None:
        with (
            zoteros(self.settings, self.scenario.clock, self.waited.append) as found,
            found.line(is_local=True) as line,
        ):
            found.connect(line)

    def push(self, choice: Choice | None = None, settings: Settings | None = None, **options: Any) -> PushReport:
        report = PushReport()
        with zoteros(settings or self.settings, self.scenario.clock, self.waited.append) as found:
            push(
                found, choice or Choice(), PushOptions(**options), clock=self.scenario.clock, rng=self.rng,
                report=report, tell=lambda _says: None,
            )  # fmt: skip
        return report

    def start_anew(self) -> None:
        """Nothing was pushed yet."""
        self.scenario.sql("DELETE FROM pushed_items")
        for kept in (self.zotero.items, self.zotero.collections, self.zotero.stored, self.zotero.uploads):
            kept.clear()

    def writes(self) -> int:
        return sum(seen.method != "GET" for seen in self.server.seen)


@pytest.fixture
def scenario(tmp_path: Path) -> Iterator[Scenario]:
    with Scenario(tmp_path) as made:
        typical(made)
        yield made


@pytest.fixture
def bench(local: Bench) -> Bench:
    """Zotero 10, which has allowed it."""
    local.connect()
    return local


@pytest.fixture(params=[Kind.LOCAL, Kind.WEB])
def both(request: pytest.FixtureRequest, scenario: Scenario, tmp_path: Path) -> Iterator[Bench]:
    """Zotero 10, which has allowed it, and zotero.org."""
    zotero = FakeZotero(kind=request.param)
    with zotero.serve() as server:
        made = Bench(scenario, zotero, server, tmp_path)
        if zotero.kind is Kind.LOCAL:
            made.connect()
        yield made


@pytest.fixture
def local(scenario: Scenario, tmp_path: Path) -> Iterator[Bench]:
    zotero = FakeZotero()
    with zotero.serve() as server:
        yield Bench(scenario, zotero, server, tmp_path)


def tags(item: dict[str, Any]) -> list[str]:
    return sorted(tag["tag"] for tag in item["tags"])


def picture(zotero: FakeZotero) -> Any:
    """The library without what differs from push to push: keys and versions."""
    names = {key: one["name"] for key, one in zotero.collections.items()}
    titles = {key: one.get("title") for key, one in zotero.items.items()}
    items = []
    for one in zotero.items.values():
        shown = {name: value for name, value in one.items() if name not in {"key", "version", "mtime"}}
        shown["collections"] = sorted(names[key] for key in one.get("collections", ()))
        shown["parentItem"] = titles.get(one.get("parentItem", ""))
        items.append(repr(sorted(shown.items())))
    stored = sorted((titles[zotero.items[key]["parentItem"]], body) for key, body in zotero.stored.items())
    return sorted(items), sorted(names.values()), stored


def test_works_stand_in_the_collections_of_their_sources_tagged_and_with_their_files(both: Bench) -> None:
    report = both.push()
    zotero = both.zotero
    assert (report.created, report.linked, report.files_sent, report.failed) == (3, 0, 1, 0)
    (root,) = (key for key, one in zotero.collections.items() if one["name"] == "dl_lit")
    places = {one["name"]: key for key, one in zotero.collections.items() if one["parentCollection"] == root}
    assert set(places) == {"old", "new"}
    numbers = zotero.titled("On computable numbers")
    assert set(numbers["collections"]) == set(places.values())
    assert (numbers["DOI"], numbers["date"], numbers["itemType"]) == ("10.1000/computable", "2017", "journalArticle")
    assert numbers["creators"] == [{"creatorType": "author", "firstName": "Ada", "lastName": "Lovelace"}]
    assert "Citation Key: " in numbers["extra"]
    assert tags(numbers) == ["dl_lit:downloaded"]
    assert tags(zotero.titled("A closed book")) == ["dl_lit:failed", "dl_lit:no-oa-location"]
    ((key, body),) = zotero.stored.items()
    assert body == b"%PDF-1.7 made up"
    assert zotero.items[key]["parentItem"] == numbers["key"]
    assert zotero.items[key]["filename"] == "lovelace_2017_on.pdf"
    said = {zotero.items[note["parentItem"]]["title"]: note["note"] for note in zotero.of_type("note")}
    assert set(said) == {"A closed book", "Behind a wall"}
    assert "no-oa-location" in said["A closed book"]


def test_a_second_push_asks_for_nothing_but_collections_and_changes_nothing(both: Bench) -> None:
    both.push()
    before, writes, seen = picture(both.zotero), both.writes(), len(both.server.seen)
    report = both.push()
    assert picture(both.zotero) == before
    assert (report.unchanged, report.created, report.files_unchanged) == (3, 0, 1)
    assert both.writes() == writes
    assert len(both.server.seen) - seen <= 5


def test_what_is_there_is_linked_not_doubled_and_not_changed(both: Bench) -> None:
    """By DOI, however it is written; by title, year and first author where it has none; not where the DOI differs."""
    own = both.zotero.put(title="Computable?", DOI="https://doi.org/10.1000/COMPUTABLE", tags=[{"tag": "mine"}])
    by_title = both.zotero.put(
        title="A <i>closed</i> book!", date="May 2017", creators=[{"creatorType": "author", "name": "Lovelace"}]
    )
    other = both.zotero.put(
        title="Behind a wall", date="2017", DOI="10.9999/other",
        creators=[{"creatorType": "author", "firstName": "A.", "lastName": "Lovelace"}],
    )  # fmt: skip
    report = both.push()
    assert (report.linked, report.created) == (2, 1)
    found = both.zotero.items[own]
    assert (found["title"], tags(found), len(found["collections"])) == ("Computable?", ["dl_lit:downloaded", "mine"], 2)
    assert "extra" not in found
    assert tags(both.zotero.items[by_title]) == ["dl_lit:failed", "dl_lit:no-oa-location"]
    assert tags(both.zotero.items[other]) == []
    assert [both.zotero.items[key]["parentItem"] for key in both.zotero.stored] == [own]
    assert not [note for note in both.zotero.of_type("note") if note["parentItem"] in {own, by_title}]
    before = picture(both.zotero)
    both.push()
    assert picture(both.zotero) == before


def test_an_item_that_has_a_pdf_of_its_own_gets_no_second_one(bench: Bench) -> None:
    own = bench.zotero.put(title="x", DOI="10.1000/computable")
    bench.zotero.put(itemType="attachment", parentItem=own, contentType="application/pdf", title="Mine")
    assert bench.push().files_left == 1
    assert not bench.zotero.stored


def test_what_changed_here_is_sent_and_what_people_changed_there_stays(bench: Bench) -> None:
    bench.push()
    zotero, scenario = bench.zotero, bench.scenario
    numbers = zotero.titled("On computable numbers")
    zotero.change(numbers["key"], title="On numbers, my way", tags=[*numbers["tags"], {"tag": "read"}], rights="mine")
    scenario.change_records(1, title="On computable numbers, revised", publisher="X", volume="42")
    report = bench.push()
    assert (report.updated, report.unchanged) == (1, 2)
    found = zotero.items[numbers["key"]]
    assert (found["title"], found["volume"], found["rights"]) == ("On numbers, my way", "42", "mine")
    assert "publisher: X" in found["extra"]
    assert tags(found) == ["dl_lit:downloaded", "read"]
    before = picture(zotero)
    assert bench.push().unchanged == 3
    assert picture(zotero) == before


def test_what_people_took_away_stays_away_unless_it_is_pushed_again(bench: Bench) -> None:
    """An item in the trash, one that was erased, a tag, a collection, a file."""
    bench.push()
    zotero = bench.zotero
    closed, wall, numbers = (
        zotero.titled(t)["key"] for t in ("A closed book", "Behind a wall", "On computable numbers")
    )
    zotero.change(closed, deleted=1)
    for key in [wall, *(one["key"] for one in zotero.of_type("note") if one["parentItem"] == wall), *zotero.stored]:
        del zotero.items[key]
    zotero.stored.clear()
    (new,) = (key for key, one in zotero.collections.items() if one["name"] == "new")
    del zotero.collections[new]
    zotero.change(numbers, tags=[], collections=[])
    bench.scenario.change_records(volume="42")
    report = bench.push()
    assert (report.removed, report.created, report.updated) == (2, 0, 1)
    assert zotero.items[numbers]["volume"] == "42"
    assert (tags(zotero.items[numbers]), zotero.items[numbers]["collections"], zotero.stored) == ([], [], {})
    report = bench.push(again=True)
    assert (report.created, report.files_sent) == (2, 1)
    assert len([one for one in zotero.works if not one.get("deleted")]) == 3
    assert {one["name"] for one in zotero.collections.values()} == {"dl_lit", "old", "new"}


def test_a_work_that_got_its_file_is_tagged_anew_and_its_note_goes(bench: Bench) -> None:
    bench.push()
    bench.scenario.sql("UPDATE failed_downloads SET reason = 'blocked-paywall' WHERE work_id = 2")
    report = bench.push()
    closed = bench.zotero.titled("A closed book")
    assert (report.updated, tags(closed)) == (1, ["dl_lit:blocked-paywall", "dl_lit:failed"])
    (note,) = (one for one in bench.zotero.of_type("note") if one["parentItem"] == closed["key"])
    assert "blocked-paywall" in note["note"]


def test_a_better_file_takes_the_place_of_ours_but_not_of_theirs(both: Bench) -> None:
    both.push()
    (key,) = both.zotero.stored
    path = both.scenario.library / "lovelace_2017_on.pdf"
    for body, becomes in ((b"%PDF-1.7 better", b"%PDF-1.7 better"), (b"%PDF-1.7 best", b"theirs")):
        path.write_bytes(body)
        both.scenario.sql(f"UPDATE downloaded_references SET checksum_pdf = '{body[-6:].hex()}'")
        both.push()
        assert both.zotero.stored[key] == becomes or becomes == b"theirs"
        both.zotero.stored[key] = b"theirs"
        both.zotero.change(key, md5="0" * 32)
    assert both.zotero.stored == {key: b"theirs"}


def test_a_dry_run_tells_the_same_and_writes_nothing(bench: Bench) -> None:
    bench.zotero.put(title="x", DOI="10.1000/computable")
    writes = bench.writes()
    dry = bench.push(dry_run=True)
    assert (bench.writes(), bench.scenario.rows("SELECT count(*) FROM pushed_items")) == (writes, [(0,)])
    wet = bench.push()
    assert replace(dry, dry_run=False) == wet


def test_a_choice_pushes_only_its_works_into_only_its_collections(bench: Bench) -> None:
    bench.push(Choice(source_ids=(3,), wanted=frozenset({Wanted.DOWNLOADED})), with_files=False)
    assert [one["title"] for one in bench.zotero.works] == ["On computable numbers"]
    assert {one["name"] for one in bench.zotero.collections.values()} == {"dl_lit", "new"}
    assert not bench.zotero.stored
    bench.push()
    assert len(bench.zotero.titled("On computable numbers")["collections"]) == 2


def test_a_push_that_ends_anywhere_is_ended_by_the_next_with_nothing_twice(both: Bench) -> None:
    """It is gone from the nth request that writes on: zotero.org before, Zotero 10 after it has done that one.

    Each of the two is tried at every other request.
    """
    both.push()
    wanted, requests = picture(both.zotero), both.writes() - (both.zotero.kind is Kind.LOCAL)
    assert requests >= 7
    for last in range(1 + (both.zotero.kind is Kind.WEB), requests, 2):
        both.start_anew()
        both.zotero.end_at(last, is_done=both.zotero.kind is Kind.LOCAL)
        with pytest.raises(ServiceError):
            both.push()
        both.zotero.come_back()
        both.push()
        assert picture(both.zotero) == wanted, f"after {last} of {requests}"


def test_answers_that_get_lost_now_and_then_do_no_harm(bench: Bench) -> None:
    """Every third request that writes is done, and answered by 502."""
    count = 0

    def fault(seen: Seen) -> Reply | None:
        nonlocal count
        count += seen.method != "GET"
        return Reply(502) if seen.method != "GET" and count % 3 == 0 else None

    bench.push()
    wanted = picture(bench.zotero)
    bench.start_anew()
    bench.zotero.after = fault
    for _ in range(3):
        report = bench.push()
    assert report.is_whole
    assert picture(bench.zotero) == wanted


def test_a_full_storage_is_told_and_leaves_items_without_broken_attachments(both: Bench) -> None:
    both.zotero.quota = 10
    report = both.push()
    assert (report.created, report.files_failed, report.is_whole) == (3, 1, False)
    assert "quota" in report.quota
    assert not both.zotero.of_type("attachment")
    both.zotero.quota = 10**6
    report = both.push()
    assert (report.files_sent, report.is_whole) == (1, True)


def test_a_library_that_takes_no_files_takes_items(bench: Bench) -> None:
    bench.zotero.before = lambda seen: (
        Reply(403, {}, b"File editing access denied") if seen.path.endswith("/file") else None
    )
    report = bench.push()
    assert (report.created, report.files_failed, "denied" in report.quota) == (3, 1, True)
    assert not bench.zotero.of_type("attachment")


def test_what_it_asks_to_wait_is_waited_and_too_long_a_wait_ends_the_push(bench: Bench) -> None:
    refusals = [Reply(429, {"Retry-After": "7"}), Reply(409), Reply(200, {"Backoff": "3", "Total-Results": "0"}, b"[]")]

    def fault(seen: Seen) -> Reply | None:
        return refusals.pop(0) if refusals and "/collections" in seen.path else None

    bench.zotero.before = fault
    bench.push()
    assert bench.waited[:2] == [7.0, 4.0]
    assert 0 < bench.waited[2] <= 3.0
    bench.zotero.before = lambda seen: Reply(429, {"Retry-After": "3600"}) if "/collections" in seen.path else None
    with pytest.raises(ServiceError, match="429"):
        bench.push()


def test_one_item_that_is_refused_keeps_no_other_from_going(bench: Bench) -> None:
    bench.scenario.change_records(2, type="thesis")
    bench.zotero.before = lambda seen: (
        Reply(200, {}, b'[{"field": "title"}, {"field": "nonsense"}, {"field": "pages"}]')
        if seen.query == "itemType=thesis"
        else None
    )
    bench.scenario.change_records(2, pages="1-9")
    report = bench.push()
    assert (report.created, report.failed) == (2, 1)
    assert "not a valid field" in report.failures[0]
    assert bench.scenario.rows("SELECT count(*) FROM pushed_items WHERE thing = 'work:2'") == [(0,)]


def test_a_change_that_comes_between_is_read_and_kept(bench: Bench) -> None:
    """Somebody edits the item after we read it: the write is refused (412), and made again on what stands there."""
    bench.push()
    key = bench.zotero.titled("On computable numbers")["key"]
    bench.scenario.change_records(1, volume="42")
    edits = [lambda: bench.zotero.change(key, title="Mine now")]

    def between(seen: Seen) -> Reply | None:
        if seen.method == "POST" and seen.path.endswith("/items") and edits:
            edits.pop()()
        return None

    bench.zotero.before = between
    assert bench.push().updated == 1
    found = bench.zotero.items[key]
    assert (found["title"], found["volume"]) == ("Mine now", "42")


def test_works_that_are_one_are_one_item_before_and_after_they_are_joined(bench: Bench) -> None:
    """Two entries were recognised as the same DOI; the pipeline has not looked at the second yet, then merges them."""
    scenario, zotero = bench.scenario, bench.zotero
    (source,) = scenario.add("twins.pdf")
    (entry,) = scenario.extract(source, ["Computable"])
    twin = scenario.resolve(entry, work("Computable", doi="10.1000/computable"))
    for _ in range(2):
        report = bench.push()
        assert (len(zotero.works), report.linked) == (3, 1)
    numbers = zotero.titled("On computable numbers")
    names = {zotero.collections[key]["name"] for key in numbers["collections"]}
    assert (names, tags(numbers)) == ({"old", "new", "twins"}, ["dl_lit:downloaded"])
    scenario.duplicate(twin, 1)
    bench.push()
    assert len(zotero.works) == 3


def test_what_was_sent_of_a_work_that_was_merged_away_is_the_kept_ones(bench: Bench) -> None:
    scenario, zotero = bench.scenario, bench.zotero
    (source,) = scenario.add("twins.pdf")
    (entry,) = scenario.extract(source, ["Wall"])
    twin = scenario.resolve(entry, work("Behind a wall", doi="10.1000/wall", volume="7"))
    bench.push(Choice(source_ids=(source,)))
    scenario.duplicate(twin, 4)
    report = bench.push(Choice(source_ids=(source, 3)))
    assert (report.updated, report.created, report.linked) == (1, 1, 0)
    assert sorted(one["title"] for one in zotero.works) == ["Behind a wall", "On computable numbers"]


def test_nothing_is_written_before_zotero_was_asked(local: Bench) -> None:
    with pytest.raises(NeedsConfiguration, match="zotero connect"):
        local.push()
    assert local.writes() == 0


def test_denied_and_single_consents_are_told_and_a_lasting_one_is_kept_to_its_owner(
    local: Bench, tmp_path: Path
) -> None:
    local.zotero.consents = ["deny", "once", "always"]
    with pytest.raises(NeedsConfiguration, match="denied"):
        local.connect()
    with pytest.raises(NeedsConfiguration, match="Always Allow"):
        local.connect()
    local.connect()
    (file,) = (tmp_path / "state").glob("zotero-consents*")
    assert LOCAL_KEY in file.read_text()
    assert file.stat().st_mode & 0o077 == 0
    local.zotero.allowed.clear()
    with pytest.raises(NeedsConfiguration, match="any more") as told:
        local.push()
    assert LOCAL_KEY not in str(told.value) + file.read_text()


def test_another_database_of_zotero_is_another_target(local: Bench) -> None:
    local.connect()
    local.push()
    local.zotero.server_id, local.zotero.consents = "another", ["always"]
    local.connect()
    assert local.push().linked == 3
    assert len(local.zotero.works) == 3


def test_files_may_be_linked_on_this_machine_only(both: Bench) -> None:
    both.set(files="linked")
    if both.zotero.kind is Kind.WEB:
        with pytest.raises(BadInput, match="linked"):
            both.push()
        return
    assert both.push().files_sent == 1
    (attachment,) = both.zotero.of_type("attachment")
    assert attachment["path"] == str(both.scenario.library / "lovelace_2017_on.pdf")
    assert both.push().files_unchanged == 1


def test_a_zotero_that_may_not_be_asked_says_where_to_allow_it(local: Bench) -> None:
    local.zotero.is_enabled = False
    with pytest.raises(NeedsConfiguration, match="Advanced"):
        local.push()


def test_an_older_zotero_gets_new_items_the_way_the_connector_brings_them(local: Bench) -> None:
    zotero = local.zotero
    zotero.kind = Kind.OLD
    zotero.put(title="x", DOI="10.1000/wall")
    zotero.collections = {
        "ROOT2222": {"key": "ROOT2222", "version": 1, "name": "dl_lit"},
        "OLD22222": {"key": "OLD22222", "version": 1, "name": "old", "parentCollection": "ROOT2222"},
    }
    report = local.push()
    assert (report.created, report.linked, report.files_sent) == (2, 1, 1)
    numbers = zotero.titled("On computable numbers")
    assert (tags(numbers), numbers["collections"]) == (["dl_lit:downloaded"], ["OLD22222"])
    assert list(zotero.stored.values()) == [b"%PDF-1.7 made up"]
    assert local.scenario.rows("SELECT count(*) FROM pushed_items") == [(3,)]
    before = picture(zotero)
    assert local.push().unchanged == 3
    local.scenario.sql("DELETE FROM pushed_items")
    assert local.push().linked == 3
    assert picture(zotero) == before


def test_an_older_zotero_gets_a_work_without_year_author_and_doi_once(local: Bench) -> None:
    local.zotero.kind = Kind.OLD
    (source,) = local.scenario.add("bare.pdf")
    (entry,) = local.scenario.extract(source, ["Bare"])
    local.scenario.resolve(entry, Work(title="Minutes of the harbour board", type=WorkType.REPORT))
    local.push()
    assert local.push().created == 0


def test_keys_that_do_not_do_are_told_without_being_shown(scenario: Scenario, tmp_path: Path) -> None:
    zotero = FakeZotero(kind=Kind.WEB, access={"user": {"library": True, "write": False}})
    with zotero.serve() as server:
        bench = Bench(scenario, zotero, server, tmp_path)
        for key, says in ((KEY, "written to"), ("wrong-key-1234567", "make another"), (None, "zotero.key is not set")):
            bench.set(key=key)
            with pytest.raises(DlLitError, match=says) as told:
                bench.push()
            assert "key-1234" not in str(told.value)
            assert KEY not in str(told.value)


def test_names_and_fields_that_a_type_lacks_find_their_place(bench: Bench) -> None:
    (source,) = bench.scenario.add("types.pdf")
    entries = bench.scenario.extract(source, ["Report", "Program"])
    bench.scenario.resolve(entries[0], work(
        "Annual report", doi="10.1/report", type=WorkType.REPORT, authors=(Name(literal="WHO"), Name(), Name("Solo")),
        editors=(Name("Editor", "Eva"),), publisher="WHO Press", issue="7", pmid="123", isbn="9780306406157",
    ))  # fmt: skip
    bench.scenario.resolve(entries[1], work("A program", type=WorkType.SOFTWARE))
    assert bench.push().failed == 0
    report = bench.zotero.titled("Annual report")
    assert report["creators"] == [
        {"creatorType": "author", "name": "WHO"}, {"creatorType": "author", "name": "Solo"},
        {"creatorType": "contributor", "firstName": "Eva", "lastName": "Editor"},
    ]  # fmt: skip
    assert (report["institution"], report["reportNumber"]) == ("WHO Press", "7")
    assert {"DOI: 10.1/report", "ISBN: 9780306406157", "PMID: 123"} <= set(report["extra"].splitlines())
    assert bench.zotero.titled("A program")["creators"][0]["creatorType"] == "programmer"
