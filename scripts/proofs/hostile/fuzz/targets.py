"""All targets, by name."""

from __future__ import annotations

from collections.abc import Mapping

from proofs.hostile.fuzz import pages, papers, people, services
from proofs.hostile.fuzz.target import Target

TARGETS: Mapping[str, Target] = {
    one.name: one for module in (papers, services, pages, people) for one in module.TARGETS
}
