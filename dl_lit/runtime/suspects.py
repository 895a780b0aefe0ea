"""Rows that were in hand at several sudden deaths, where a process works some of the stages only."""

from __future__ import annotations

from collections.abc import Container

from dl_lit.core.job import Claim
from dl_lit.core.model import StageName
from dl_lit.core.store import Store


def suspect_of(store: Store, stages: Container[StageName]) -> Claim | None:
    """The next suspect of these stages, claimed; those of other stages are left to whoever works them."""
    others: list[Claim] = []  # held while it is looked on, so that each comes once
    try:
        while (claim := store.claim_suspect()) is not None and claim.stage not in stages:
            others.append(claim)
        return claim
    finally:
        if others:
            store.unmark_running(others)
            store.release(others)
