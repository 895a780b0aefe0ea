"""A corpus of traps: works whose hosts behave badly in one way each, and how each has to end."""

from __future__ import annotations

from dl_lit.replica.traps.addresses import ADDRESSES, CANARY
from dl_lit.replica.traps.around import AROUND
from dl_lit.replica.traps.challenges import CHALLENGES
from dl_lit.replica.traps.content import CONTENT
from dl_lit.replica.traps.exchanges import EXCHANGES
from dl_lit.replica.traps.fronts import FRONTS
from dl_lit.replica.traps.kindred import KINDRED
from dl_lit.replica.traps.model import At, Case, End, Place
from dl_lit.replica.traps.paperwork import PAPERWORK
from dl_lit.replica.traps.right import RIGHT
from dl_lit.replica.traps.transport import TRANSPORT
from dl_lit.replica.traps.walls import PAGES, WALLS
from dl_lit.replica.traps.world import TrapWorld

__all__ = ["CANARY", "CASES", "At", "Case", "End", "Place", "TrapWorld"]

CASES: tuple[Case, ...] = (
    *(*RIGHT, *FRONTS, *CONTENT, *KINDRED, *PAPERWORK, *WALLS, *CHALLENGES, *PAGES, *ADDRESSES, *TRANSPORT, *EXCHANGES),
    *AROUND,
)
"""All of them, each under a name of its own."""
