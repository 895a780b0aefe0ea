"""What the platforms' own pages show: one table a family, recognised by what the page is, never by a guess."""

from __future__ import annotations

from collections.abc import Iterator

from dl_lit.landing.candidate import Candidate
from dl_lit.landing.platforms import journals, preprints, repositories
from dl_lit.landing.platforms.rule import Rule
from dl_lit.landing.sheet import Sheet

RULES: tuple[Rule, ...] = (*repositories.RULES, *preprints.RULES, *journals.RULES)


def links(sheet: Sheet, title: str) -> Iterator[Candidate]:
    """The files that the page's platform shows; `title` is the work's."""
    for rule in RULES:
        yield from rule.finds(sheet, title)
