"""Parts of files that are kept, and the conditions on which they are gone on with."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.net.bodies import Received
from dl_lit.net.partial_files import KEPT_S, LEAST_BYTES, Part, PartialFiles, validator_of
from dl_lit.net.resuming import Carried, OtherFile, carried_from

PART = Part("https://x.example/a.pdf", '"v1"', 2 * LEAST_BYTES, "application/pdf")
COME = b"%PDF-1.4" + b"x" * (LEAST_BYTES - 8)


class Store:
    """A folder for parts, and a file that is being fetched."""

    def __init__(self, folder: Path, *, max_bytes: int = 10 * LEAST_BYTES) -> None:
        self.folder = folder / "partial"
        self.files = PartialFiles(self.folder, SystemClock(), max_bytes=max_bytes)
        self.into = folder / "work-1.part"

    def keep(self, part: Part = PART, content: bytes = COME, *, more: bytes = b"") -> None:
        self.into.write_bytes(content + more)
        self.files.keep(part, self.into, len(content))

    def take(self, url: str = PART.url) -> Part | None:
        self.into.write_bytes(b"")
        return self.files.take(url, self.into)

    def names(self) -> list[str]:
        return sorted(path.suffix for path in self.folder.iterdir()) if self.folder.exists() else []


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


def test_a_part_is_kept_and_taken_once(store: Store) -> None:
    store.keep(more=b"written, but not counted")
    assert not store.into.exists()
    assert store.take() == PART
    assert store.into.read_bytes() == COME
    assert store.names() == []
    assert store.take() is None


def test_another_address_has_no_part_of_it(store: Store) -> None:
    store.keep()
    assert store.take(PART.url + "?x") is None
    assert store.take() == PART


def test_two_versions_of_a_file_are_never_mixed(store: Store) -> None:
    store.keep()
    newer = replace(PART, validator='"v2"')
    store.keep(newer, COME[:-8] + b"y" * 8)
    assert store.take() == newer
    assert store.into.read_bytes().endswith(b"y" * 8)
    assert store.take() is None


def test_a_note_without_its_part_is_nothing(store: Store) -> None:
    store.keep()
    next(store.folder.glob("*.part")).unlink()
    assert store.take() is None


def test_a_damaged_note_is_nothing(store: Store) -> None:
    store.keep()
    for text in ("{", "[]", '{"url": 1}'):
        next(store.folder.glob("*.json")).write_text(text)
        assert store.take() is None


def test_a_part_as_long_as_the_whole_is_none(store: Store) -> None:
    store.keep(replace(PART, total_bytes=len(COME)))
    assert store.take() is None


def test_small_parts_are_not_kept_nor_any_where_there_is_no_room(store: Store, tmp_path: Path) -> None:
    store.keep(content=COME[:-1])
    none = Store(tmp_path / "none", max_bytes=0)
    none.into.parent.mkdir()
    none.keep()
    assert (store.names(), none.names()) == ([], [])


def test_the_oldest_give_way_and_the_stale_go(tmp_path: Path) -> None:
    store = Store(tmp_path, max_bytes=2 * LEAST_BYTES + 100)
    parts = [replace(PART, url=f"https://x.example/{number}") for number in range(4)]
    for number, part in enumerate(parts[:3]):
        store.keep(part)
        for path in store.folder.iterdir():
            os.utime(path, (path.stat().st_mtime - 10 * (3 - number),) * 2)
    assert [store.take(part.url) for part in parts[:3]] == [None, *parts[1:3]]
    store.keep(parts[0])
    for path in store.folder.iterdir():
        os.utime(path, (path.stat().st_mtime - KEPT_S,) * 2)
    assert store.take(parts[0].url) is None
    store.keep(parts[3])
    assert store.names().count(".part") == 1


def test_what_nobody_came_back_for_goes_with_the_next_run(store: Store) -> None:
    store.keep()
    for path in store.folder.iterdir():
        os.utime(path, (path.stat().st_mtime - KEPT_S,) * 2)
    again = PartialFiles(store.folder, SystemClock(), max_bytes=10 * LEAST_BYTES)
    assert again.take("https://x.example/other", store.into) is None
    assert store.names() == []


def test_a_folder_that_cannot_be_used_costs_nothing(tmp_path: Path) -> None:
    (tmp_path / "partial").write_text("in the way")
    store = Store(tmp_path)
    store.keep()
    assert store.take() is None


@pytest.mark.parametrize(
    ("etag", "date", "validator"),
    [('"a"', "", '"a"'), ('"a"', "Mon", '"a"'), ('W/"a"', "Mon", "Mon"), ('W/"a"', "", None), ("", "", None)],
)
def test_only_a_strong_tag_or_a_date_validates(etag: str, date: str, validator: str | None) -> None:
    assert validator_of(etag, date) == validator


FIRST = {"content-length": "500", "etag": '"v1"', "content-type": "application/pdf"}


@pytest.mark.parametrize(
    "headers",
    [
        {**FIRST, "accept-ranges": "none"},
        {**FIRST, "etag": 'W/"v1"'},
        {**FIRST, "content-encoding": "gzip"},
        {**FIRST, "content-length": ""},
        {**FIRST, "content-length": "5x"},
    ],
)
def test_not_every_file_can_be_gone_on_with(headers: dict[str, str]) -> None:
    assert carried_from(PART.url, headers) is None


REST = {"content-range": "bytes 100-499/500", "etag": '"v1"'}


def carried() -> Carried:
    found = carried_from(PART.url, FIRST)
    assert found is not None
    found.received.take(b"x" * 100)
    return found


def test_the_rest_is_asked_for_by_its_validator() -> None:
    subject = carried()
    assert subject.asks_for() == {"Range": "bytes=100-", "If-Range": '"v1"'}
    subject.check(REST)
    subject.check({"content-range": "BYTES 100-499/500"})
    with pytest.raises(FetchError):
        subject.finished()


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {**REST, "content-range": "bytes 99-499/500"},
        {**REST, "content-range": "bytes 100-498/500"},
        {**REST, "content-range": "bytes 100-500/501"},
        {**REST, "content-range": "bytes 100-499/*"},
        {**REST, "content-range": "bytes 100-499/500, 0-3/500"},
        {**REST, "etag": '"v2"'},
        {**REST, "etag": 'W/"v1"'},
        {**REST, "content-encoding": "gzip"},
        {"content-type": "multipart/byteranges; boundary=x"},
    ],
)
def test_what_is_not_the_rest_is_another_file(headers: dict[str, str]) -> None:
    with pytest.raises(OtherFile):
        carried().check(headers)


def test_a_date_is_compared_with_a_date() -> None:
    headers = {**FIRST, "etag": "", "last-modified": "Mon, 01 Jan 2024 00:00:00 GMT"}
    subject = carried_from(PART.url, headers)
    assert subject is not None
    rest = {"content-range": "bytes 0-499/500", "etag": '"whatever"'}
    subject.check({**rest, "last-modified": headers["last-modified"]})
    with pytest.raises(OtherFile):
        subject.check({**rest, "last-modified": "Tue, 02 Jan 2024 00:00:00 GMT"})


def test_what_is_on_disk_is_hashed_as_if_it_had_just_come(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(COME)
    once, again = Received(), Received.of(path)
    once.take(COME)
    assert (again.size_bytes, again.digest.digest()) == (len(COME), once.digest.digest())
