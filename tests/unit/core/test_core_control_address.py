"""Who can reach the control surface, by where it listens: what is open to anybody needs a token."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.control_address import Reach, address_of

USUAL = Path("/state/control.sock")


@pytest.mark.parametrize(
    ("text", "reach"),
    [
        ("unix", Reach.OWNER),
        ("unix:/run/dl-lit.sock", Reach.OWNER),
        ("127.0.0.1:8765", Reach.MACHINE),
        ("[::1]:8765", Reach.MACHINE),
        ("localhost:8765", Reach.MACHINE),
        ("0.0.0.0:8765", Reach.ANYBODY),
        ("192.0.2.7:8765", Reach.ANYBODY),
        ("daemon.example.org:8765", Reach.ANYBODY),
    ],
)
def test_who_can_reach_it_is_told_from_the_address(text: str, reach: Reach) -> None:
    address = address_of(text, USUAL)
    assert address is not None
    assert address.reach is reach
