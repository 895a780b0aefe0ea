"""Entries of lists that say nothing but an identifier, made comparable by their records. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from dl_lit.core.model import Work
from dl_lit.matching.aligning import is_bare, with_record
from stages.citing.lists import CitedLists


def bare_dois(cited: CitedLists, known: Collection[str]) -> list[str]:
    """The DOIs to look up before the list is aligned; those `known` (printed, of works found) align by themselves."""
    return list(dict.fromkeys(one.doi for one in cited.entries if one.doi and is_bare(one) and one.doi not in known))


def described(cited: CitedLists, works: Mapping[str, Work]) -> CitedLists:
    """The list with the records (by DOI) of its bare entries."""
    return replace(
        cited,
        entries=tuple(
            with_record(one, works[one.doi]) if one.doi and one.doi in works and is_bare(one) else one
            for one in cited.entries
        ),
    )
