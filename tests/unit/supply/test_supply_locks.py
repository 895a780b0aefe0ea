"""Every lock is whole: pins with hashes, nothing that says where from. And nothing else is taken for a lock."""

from __future__ import annotations

import pytest
from supply.locks import LOCKS, PROJECT, ROOT, BadLockError, everything, read_lock, read_pins

A = "a" * 64
B = "b" * 64
GOOD = f"""# Made by a test
one==1.0 \\
    --hash=sha256:{B} \\
    --hash=sha256:{A}
    # via
    #   -c other.lock
    #   dl-lit (pyproject.toml)
    #   two
two[fast]==2.0.post1 ; sys_platform == 'linux' \\
    --hash=sha256:{A}
    # via dl-lit (pyproject.toml:dev)
"""


def test_the_locks_are_the_ones_that_are_there() -> None:
    assert {path.name for path in ROOT.glob("*.lock")} == set(LOCKS)


@pytest.mark.parametrize("lock", LOCKS)
def test_everything_in_a_lock_is_pinned_by_hash_and_wanted_by_somebody(lock: str) -> None:
    pins = read_lock(lock)
    names = {pin.name for pin in pins}
    assert len(pins) > 30
    assert all(pin.hashes and pin.needed_by for pin in pins)
    assert {who for pin in pins for who in pin.needed_by} <= names | {PROJECT}


def test_all_locks_agree_on_versions() -> None:
    pins = everything()
    assert len({pin.name for pin in pins}) == len(pins)


def test_a_pin_has_its_hashes_in_order_and_who_needs_it() -> None:
    one, two = read_pins(GOOD)
    assert (one.name, one.version, one.hashes, one.needed_by) == ("one", "1.0", (A, B), ("dl-lit", "two"))
    assert (two.name, two.version, two.hashes, two.needed_by) == ("two", "2.0.post1", (A,), ("dl-lit",))


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("one==1.0 \\", "one>=1.0 \\"),
        ("one==1.0 \\", "one \\"),
        ("one==1.0 \\", "one==1.0"),
        ("one==1.0 \\", "one @ https://example.org/one.whl \\"),
        ("one==1.0 \\", "--find-links https://example.org/\none==1.0 \\"),
        ("one==1.0 \\", "-e ./one\none==1.0 \\"),
        ("one==1.0 \\", "-r more.txt\none==1.0 \\"),
        ("one==1.0 \\", "zero==1.0 \\\none==1.0 \\"),
        ("two[fast]==2.0.post1", "one==2.0"),
        (f"    --hash=sha256:{B} \\\n", f"    --hash=md5:{B[:32]} \\\n"),
        (f"    --hash=sha256:{B} \\\n", f"    --hash=sha256:{B[:-1]} \\\n"),
        (f"    --hash=sha256:{A}\n    # via\n", "    # via\n"),
    ],
)
def test_whatever_else_a_line_says_is_refused(line: str, instead: str) -> None:
    assert line in GOOD
    with pytest.raises(BadLockError):
        read_pins(GOOD.replace(line, instead, 1))


def test_a_lock_that_ends_within_a_pin_is_refused() -> None:
    with pytest.raises(BadLockError, match="cut short"):
        read_pins(GOOD[: GOOD.index("    --hash")])
