"""Lets works of a universe cite each other, so that what was fetched can be read in turn: circles, and one giant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from dl_lit.core.values import dataclass
from dl_lit.replica.records import hash64

Item = dict[str, Any]

_OPEN = frozenset({"gold", "green", "hybrid", "bronze", "diamond"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Weave:
    """How densely."""

    seed: int = 0
    share: float = 0.5  # of the works that cite others
    least: int = 3  # works that each of these cites
    most: int = 12
    giant: int = 0  # works that one open work cites beside these; 0: there is no such work


def woven(items: Iterable[Mapping[str, Any]], weave: Weave) -> list[Item]:
    """The works, a share of them with reference lists; those that have one keep it.

    Two neighbours that both cite cite each other; all others are drawn from the whole universe, so that there are
    circles of any length.
    """
    works = [dict(item) for item in items]
    named = [number for number, item in enumerate(works) if item.get("title") and not item.get("updates")]
    citing = [number for number in named if not works[number].get("references") and _draw(weave, number) < weave.share]
    for place, number in enumerate(citing):
        wanted = weave.least + _number(weave, number, "list") % (weave.most - weave.least + 1)
        cited = dict.fromkeys([citing[place ^ 1]] if (place ^ 1) < len(citing) else [])
        drawn = 0
        while len(cited) < min(wanted, len(named) - 1):
            cited[named[_number(weave, number, f"cited {drawn}") % len(named)]] = None
            cited.pop(number, None)
            drawn += 1
        works[number]["references"] = [_reference(works[one], key) for key, one in enumerate(cited, 1)]
    giant = next((one for one in citing if works[one].get("oa") in _OPEN), None)
    if weave.giant and giant is not None:
        known = [one for one in named if one != giant]
        others = [known[place % len(known)] for place in range(min(weave.giant, len(known)))]
        works[giant]["references"] = [_reference(works[one], key) for key, one in enumerate(others, 1)]
    return works


def _reference(item: Item, key: int) -> Item:
    people = ", ".join(
        f"{person.get('family')}, {person['given'][0]}." if person.get("given") else str(person.get("family"))
        for person in (item.get("authors") or ())[:6]
    )
    parts = [people, f"({item['year']})" if item.get("year") else "", str(item["title"]), item.get("container") or ""]
    if item.get("doi"):
        parts.append(f"https://doi.org/{item['doi']}")
    return {
        "key": f"ref{key}",
        "doi": item.get("doi"),
        "title": item["title"],
        "author": (item.get("authors") or [{}])[0].get("family"),
        "year": item.get("year"),
        "container": item.get("container"),
        "unstructured": ". ".join(part.rstrip(".") for part in parts if part),
    }


def _number(weave: Weave, number: int, what: str) -> int:
    return hash64(f"{weave.seed}|{number}|{what}")


def _draw(weave: Weave, number: int) -> float:
    return _number(weave, number, "cites") / 2**64
