"""A file whose connection breaks is gone on with where the server allows it, and is never put together of two files."""

from __future__ import annotations

import gzip
import hashlib
import time
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.clock import SystemClock
from dl_lit.core.errors import FetchError
from dl_lit.core.ports import Fetched
from dl_lit.core.reasons import Reason
from dl_lit.net.bodies import BodyLimits
from dl_lit.net.download import FetchLimits
from dl_lit.net.partial_files import PartialFiles
from dl_lit.net.resuming import BROKEN
from tests.fakes.fetching import AS_PDF, Bench
from tests.fakes.loopback_server import LoopbackServer, Reply, Seen

FILE = b"%PDF-1.5\n" + bytes(range(256)) * 4_000 + b"\n%%EOF\n"
OTHER = b"%PDF-1.5\n" + bytes(reversed(range(256))) * 4_000 + b"\n%%EOF\n"
DATE = "Mon, 01 Jan 2024 00:00:00 GMT"


class Flaky:
    """Serves `file`, a piece of `piece` bytes for each request, and breaks off."""

    def __init__(self, piece: int, *, tag: str = '"v1"', takes_ranges: bool = True, reset: bool = False) -> None:
        self.file, self.tag, self.piece = FILE, tag, piece
        self.takes_ranges = takes_ranges
        self.reset = reset

    def __call__(self, seen: Seen) -> Reply:
        head = {**AS_PDF, "ETag": self.tag, "Last-Modified": DATE}
        first = 0
        if self.takes_ranges and seen.headers.get("if-range") in {self.tag, DATE}:
            first = int(seen.headers["range"].removeprefix("bytes=").partition("-")[0])
            head["Content-Range"] = f"bytes {first}-{len(self.file) - 1}/{len(self.file)}"
        body = self.file[first : first + self.piece]
        return Reply(206 if first else 200, head, body, length=len(self.file) - first, reset=self.reset and not first)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bench]]:
    made: list[Bench] = []
    monkeypatch.setattr("dl_lit.net.partial_files.LEAST_BYTES", 1)

    def make(**more: object) -> Bench:
        kept = PartialFiles(tmp_path / "partial", SystemClock(), max_bytes=10_000_000)
        made.append(Bench(tmp_path, **{"partial_files": kept, **more}))
        return made[-1]

    yield make
    for one in made:
        one.close()


def ranges(server: LoopbackServer) -> list[str | None]:
    return [seen.headers.get("range") for seen in server.seen]


def is_whole(got: object, file: bytes = FILE) -> bool:
    assert isinstance(got, Fetched)
    assert got.path.read_bytes() == file
    return (got.sha256, got.size_bytes) == (hashlib.sha256(file).hexdigest(), len(file))


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_broken_file_is_gone_on_with_at_once(bench, reset: bool) -> None:
    subject = bench()
    server = subject.serve({"*": Flaky(400_000, reset=reset)})
    got = subject.fetch(server.url("/a.pdf"))
    assert is_whole(got)
    assert ranges(server)[0] is None
    assert all(server.seen[number].headers["if-range"] == '"v1"' for number in (1, 2))
    assert got.hops == ((server.url("/a.pdf"), 206),), "one visit, whatever it took"


def test_each_round_keeps_the_hosts_gap(bench) -> None:
    subject = bench(gap_s=0.1)
    server = subject.serve({"*": Flaky(400_000)})
    assert is_whole(subject.fetch(server.url()))
    starts = [seen.at for seen in server.seen]
    assert starts[-1] - starts[0] >= 0.19


def test_after_three_rounds_the_rest_is_left_to_the_next_attempt(bench) -> None:
    subject = bench()
    flaky = Flaky(70_000)
    server = subject.serve({"*": flaky})
    error = subject.failure(server.url("/a.pdf"))
    assert (error.reason, error.costs_attempt, len(server.seen)) == (Reason.TRUNCATED, True, 4)
    assert subject.fetcher.use()[0].requests == 4
    flaky.piece = len(FILE)
    assert is_whole(subject.fetch(server.url("/a.pdf")))
    assert ranges(server)[-1] == "bytes=280000-"
    assert not list((subject.folder / "partial").iterdir())


def test_a_file_that_changed_begins_anew(bench) -> None:
    """The server sends the new file whole: nothing of the old one is left in it."""
    subject = bench()
    flaky = Flaky(70_000)
    server = subject.serve({"*": flaky})
    subject.failure(server.url("/a.pdf"))
    flaky.file, flaky.tag, flaky.piece = OTHER, '"v2"', len(OTHER)
    assert is_whole(subject.fetch(server.url("/a.pdf")), OTHER)
    assert ranges(server)[-1] == "bytes=280000-"


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": '"v2"', "Content-Range": "bytes {0}-{1}/{2}"},
        {"ETag": '"v1"', "Content-Range": "bytes {0}-{1}/9999999"},
        {"ETag": '"v1"', "Content-Range": "bytes 5-{1}/{2}"},
        {"ETag": '"v1"', "Content-Type": "multipart/byteranges; boundary=x"},
        {"ETag": '"v1"'},
    ],
    ids=["tag", "total", "place", "multipart", "silent"],
)
def test_a_rest_that_does_not_fit_is_not_taken(bench, headers: dict[str, str]) -> None:
    subject = bench()

    def route(seen: Seen) -> Reply:
        if "range" not in seen.headers:
            is_first = len(server.seen) == 1
            return Reply(200, {**AS_PDF, "ETag": '"v1"'}, FILE[:300_000] if is_first else FILE, length=len(FILE))
        first = int(seen.headers["range"][6:-1])
        told = {name: text.format(first, len(FILE) - 1, len(FILE)) for name, text in headers.items()}
        return Reply(206, {**AS_PDF, **told}, OTHER[first:])

    server = subject.serve({"*": route})
    assert is_whole(subject.fetch(server.url()))
    assert [bool(one) for one in ranges(server)] == [False, True, False]


def test_a_rest_that_is_told_apart_as_the_file_before_was_not_is_not_taken(bench) -> None:
    """The file before had a date alone; a rest with a tag and no date is of another one."""
    subject = bench()

    def route(seen: Seen) -> Reply:
        if "range" not in seen.headers:
            is_first = len(server.seen) == 1
            return Reply(200, {**AS_PDF, "Last-Modified": DATE}, FILE[:9_000] if is_first else FILE, length=len(FILE))
        told = {"ETag": '"v2"', "Content-Range": f"bytes 9000-{len(FILE) - 1}/{len(FILE)}"}
        return Reply(206, {**AS_PDF, **told}, OTHER[9_000:])

    server = subject.serve({"*": route})
    assert is_whole(subject.fetch(server.url()))
    assert [bool(one) for one in ranges(server)] == [False, True, False]


def test_a_range_that_cannot_be_satisfied_begins_anew(bench) -> None:
    subject = bench()

    def route(seen: Seen) -> Reply:
        if "range" in seen.headers:
            return Reply(416, {"Content-Range": "bytes */5"})
        is_first = len(server.seen) == 1
        return Reply(200, {**AS_PDF, "Last-Modified": DATE}, FILE[:9_000] if is_first else FILE, length=len(FILE))

    server = subject.serve({"*": route})
    assert is_whole(subject.fetch(server.url()))
    assert server.seen[1].headers["if-range"] == DATE


def test_without_ranges_it_is_asked_for_once_more_from_the_start(bench) -> None:
    for tag in ("", 'W/"weak"'):
        subject = bench()

        def route(_seen: Seen, tag: str = tag) -> Reply:
            return Reply(200, {**AS_PDF, "ETag": tag}, FILE[:9_000], length=len(FILE))

        server = subject.serve({"*": route})
        assert subject.failure(server.url()).reason is Reason.TRUNCATED
        assert ranges(server) == [None, None]


def test_a_slow_host_is_not_asked_to_go_on_at_once_but_the_next_attempt_does(bench) -> None:
    limits = FetchLimits(body=BodyLimits(slow_after_s=0.2, min_bytes_per_s=10_000_000))
    subject = bench(limits=limits)
    slow = Reply(200, {**AS_PDF, "ETag": '"v1"'}, FILE, drip=(60_000, 0.03))
    server = subject.serve({"*": slow})
    assert subject.failure(server.url()).reason is Reason.TIMEOUT_READ
    assert len(server.seen) == 1
    server.routes["*"] = Flaky(len(FILE))
    assert is_whole(subject.fetch(server.url()))
    assert ranges(server)[-1] is not None


def test_a_host_whose_turn_does_not_come_ends_the_attempt_all_the_same(bench) -> None:
    """The attempt was made: it counts, and tells when the turn is."""
    subject = bench(host_wait_s=0.05, gap_s=9.0)
    server = subject.serve({"*": Flaky(400_000)})
    error = subject.failure(server.url())
    assert (error.reason, error.costs_attempt) == (Reason.TRUNCATED, True)
    assert 8.0 < (error.after or 0.0) <= 9.0
    assert (subject.folder / "partial").exists()


def test_headers_that_drip_end(bench) -> None:
    subject = bench(limits=FetchLimits(head_s=0.3))
    head = b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % number for number in range(2_000))
    server = subject.serve(Reply(raw=head, drip=(10, 0.05)))
    started = time.monotonic()
    assert subject.failure(server.url()).reason is Reason.TIMEOUT_READ
    assert time.monotonic() - started < 20.0, "all of it takes a minute and more"
    assert len(server.seen) == 1


STEPS = st.lists(
    st.tuples(
        st.integers(0, 2),  # the version that the server has by now
        st.sampled_from([3_000, 9_000, 30_000]),  # bytes before it breaks off
        st.sampled_from(["tag", "date", "weak", "no ranges", "always 206"]),
    ),
    min_size=1,
    max_size=10,
)


def test_whatever_happens_the_file_is_one_of_those_that_were_served(bench) -> None:
    """Versions change, ranges come and go, attempts follow each other: no file is put together of two."""
    versions = [b"%PDF-1.5\n" + bytes([number]) * (20_000 + 100 * (number // 2)) for number in range(3)]
    left: list[tuple[int, int, str]] = []

    def route(seen: Seen) -> Reply:
        number, piece, kind = left.pop(0) if left else (0, 40_000, "tag")
        file, tag, date = versions[number], f'"v{number}"', f"Mon, 0{number + 1} Jan 2024 00:00:00 GMT"
        told = {
            "tag": {"ETag": tag}, "date": {"Last-Modified": date}, "weak": {"ETag": f"W/{tag}"},
            "no ranges": {"ETag": tag, "Accept-Ranges": "none"}, "always 206": {"ETag": tag},
        }[kind]  # fmt: skip
        first = int(seen.headers["range"][6:-1]) if "range" in seen.headers else 0
        fits = seen.headers.get("if-range") in {tag, date} and kind in {"tag", "date"}
        if not first or first >= len(file) or not (fits or kind == "always 206"):
            return Reply(200, {**AS_PDF, **told}, file[:piece], length=len(file))
        told = {**told, "Content-Range": f"bytes {first}-{len(file) - 1}/{len(file)}"}
        return Reply(206, {**AS_PDF, **told}, file[first : first + piece], length=len(file) - first)

    subject = bench()
    server = subject.serve({"*": route})

    @given(STEPS)
    @settings(max_examples=25, deadline=None)
    def hold(steps: list[tuple[int, int, str]]) -> None:
        left[:] = steps
        for _ in range(4):
            try:
                got = subject.fetch(server.url("/a.pdf"))
            except FetchError as error:
                assert error.reason in BROKEN  # noqa: PT017 - it may end well, too
            else:
                assert got.path.read_bytes() in versions
                assert got.sha256 == hashlib.sha256(got.path.read_bytes()).hexdigest()

    hold()


def test_a_kept_connection_that_died_costs_nothing(bench) -> None:
    """The host closed it while nobody looked: the file is asked for once more, over a new one."""
    subject = bench()

    def route(seen: Seen) -> Reply:
        is_first_there = [one.peer for one in server.seen].count(seen.peer) == 1
        return Reply(200, AS_PDF, FILE) if is_first_there else Reply(raw=b"", reset=True)

    server = subject.serve({"*": route})
    for path in ("/a.pdf", "/b.pdf", "/c.pdf"):
        assert is_whole(subject.fetch(server.url(path)))
    assert [one.path for one in server.seen] == ["/a.pdf", "/b.pdf", "/b.pdf", "/c.pdf", "/c.pdf"]


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


@pytest.mark.parametrize(
    ("encoding", "packed"),
    [
        ("gzip", gzip.compress(FILE[:500_000]) + gzip.compress(FILE[500_000:])),
        ("x-gzip", gzip.compress(FILE) + b"\0" * 512),
        ("deflate", zlib.compress(FILE)),
        ("deflate", raw_deflate(FILE)),
    ],
    ids=["members", "padded", "zlib", "bare"],
)
def test_a_file_packed_against_our_wish_is_whole_in_the_end(bench, encoding: str, packed: bytes) -> None:
    subject = bench()
    server = subject.serve(Reply(200, {**AS_PDF, "ETag": '"v1"', "Content-Encoding": encoding}, packed))
    assert is_whole(subject.fetch(server.url()))


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "gzip, br", "aes128gcm"])
def test_other_and_nested_packings_are_refused(bench, encoding: str) -> None:
    subject = bench()
    twice = gzip.compress(gzip.compress(FILE))
    server = subject.serve(Reply(200, {**AS_PDF, "Content-Encoding": encoding}, twice))
    assert subject.failure(server.url()).reason is Reason.BAD_ENCODING


@pytest.mark.parametrize("packer", [gzip.compress, zlib.compress, raw_deflate], ids=["gzip", "zlib", "bare"])
def test_bombs_end_at_the_size_that_a_file_may_have(bench, packer: Callable[[bytes], bytes]) -> None:
    subject = bench(limits=FetchLimits(body=BodyLimits(max_bytes=2_000_000)))
    bomb = packer(b"%PDF-1.4" + b"\0" * 20_000_000)
    encoding = "gzip" if packer is gzip.compress else "deflate"
    server = subject.serve(Reply(200, {**AS_PDF, "Content-Encoding": encoding}, bomb))
    assert subject.failure(server.url()).reason is Reason.TOO_LARGE
    assert (subject.folder / "file.part").stat().st_size <= 2_000_000


def test_two_gigabytes_are_refused_by_their_announcement(bench) -> None:
    subject = bench()
    server = subject.serve(Reply(200, AS_PDF, FILE[:5_000], length=2_000_000_000))
    assert subject.failure(server.url()).reason is Reason.TOO_LARGE
