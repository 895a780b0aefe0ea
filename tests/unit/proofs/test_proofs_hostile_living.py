"""What the proof on hostile files takes for a daemon that was hurt."""

from __future__ import annotations

from proofs.hostile.living import judged, unsteady

MB = 1 << 20


def test_a_daemon_that_stays_as_it_was_is_left_alone() -> None:
    looks = [{"rss": mb * MB, "fds": fds, "threads": 60} for mb, fds in ((60, 40), (97, 71), (120, 80), (110, 75))]
    assert unsteady(looks) == []


def test_growth_is_told() -> None:
    looks = [{"rss": 100 * MB, "fds": 40, "threads": 60}, {"rss": 100 * MB, "fds": 40, "threads": 60}]
    for name, value in (("rss", 300 * MB), ("fds", 90), ("threads", 80)):
        assert len(unsteady([*looks, looks[-1] | {name: value}])) == 1


def test_files_without_an_end_and_lost_entries_and_tracebacks_are_told() -> None:
    ends = [
        ("/in/a.pdf", "failed", "damaged-pdf", None),
        ("/in/1-paper-001.pdf", "extracted", None, 30),
        ("/in/b.pdf", "pending", None, None),
        ("/in/c.pdf", "failed", "parser-crashed", None),
        ("/in/2-paper-002.pdf", "extracted", None, 29),
    ]
    assert judged(ends[:2], [], ["all is well"], 30) == []
    told = judged(ends, [("download", 7, "internal-error", "KeyError")], ["x Traceback (most recent call last)\n"], 30)
    assert [one.split(": ")[1] for one in told] == [
        "/in/b.pdf",
        "/in/c.pdf",
        "untyped",
        "/in/2-paper-002.pdf",
        "a traceback",
    ]
