"""What arrives during a soak: papers that cite new works, known ones and unknown ones, copies, and broken files.

Everything follows from the seed and a number, so that a soak that goes on after a restart goes on with the same life.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

from dl_lit.demo.assets import broken_pdfs, sample_pdfs, universe_path

ENTRIES_MOST = 24
_ENTRIES_LEAST = 8
_ABSENT_FROM = 40_000_000  # works from this number on are in no universe

_HOW = ("Adaptive", "Spectral", "Bayesian", "Stochastic", "Robust", "Sparse", "Causal", "Thermal", "Isotopic",
        "Acoustic", "Seasonal", "Regional", "Historical")  # fmt: skip
_WHAT = ("estimation", "inference", "monitoring", "reconstruction", "simulation", "forecasting", "calibration",
         "mapping", "sampling", "dating", "transport")  # fmt: skip
_OF = ("coastal sediments", "alpine glaciers", "urban aerosols", "soil microbiomes", "river deltas", "coral reefs",
       "solar flares", "power grids", "supply chains", "protein complexes", "neural circuits", "tree rings",
       "medieval charters", "trade networks", "household surveys", "language corpora", "exoplanet spectra")  # fmt: skip
_WHERE = ("Northern Europe", "the Andes", "the Mekong basin", "East Africa", "the Baltic Sea", "Central Asia",
          "Patagonia", "the Great Lakes", "the Sahel", "the Carpathians", "Oceania", "the Iberian peninsula",
          "Anatolia", "the Yukon", "Kyushu", "Brittany", "the Punjab", "Lapland", "Sicily")  # fmt: skip
_UNTIL = ("after the frost", "before the drought", "in wet years", "under stress", "at the margins", "by night",
          "across borders", "without models", "from archives", "in retrospect", "at low cost", "on steep slopes",
          "under ice", "near harbours", "in small towns", "in deep time", "by volunteers", "at high pressure",
          "with old instruments", "in translation", "in the field", "off the grid", "at scale")  # fmt: skip
_TITLES = len(_HOW) * len(_WHAT) * len(_OF) * len(_WHERE) * len(_UNTIL)
_STRIDE = 611_953  # a prime that divides none of the lists' lengths: neighbours get titles far apart, none twice
_FAMILIES = ("Abbott", "Bianchi", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen",
             "Kowalski", "Larsen", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka",
             "Ueda", "Vasquez", "Weber", "Xu", "Yilmaz", "Zhang")  # fmt: skip
_KINDS = {"made": 80, "sample": 6, "copy": 5, "cut": 2, "no-pdf": 2, "broken": 3, "no-list": 2}


def work(number: int) -> dict[str, Any]:
    """A made-up work as the replica's universe has it; two of three have a DOI, some are preprints."""
    chance = random.Random(f"work {number}")
    record: dict[str, Any] = {
        "title": _title(number),
        "authors": [
            {"family": chance.choice(_FAMILIES), "given": f"{chance.choice('ABCDEFGHJKLM')}."}
            for _ in range(chance.randint(1, 4))
        ],
        "year": chance.randint(1960, 2024),
        "container": f"Journal of {_title(number).split()[0]} Studies",
        "type": "journal-article",
        "volume": str(chance.randint(1, 90)),
        "pages": f"{10 * number % 900 + 1}-{10 * number % 900 + 9}",
    }
    kind = chance.random()
    if kind < 0.08:
        return record | {"type": "preprint", "container": "arXiv", "doi": f"10.48550/arxiv.2001.{number % 100_000:05}",
                         "arxiv_id": f"2001.{number % 100_000:05}", "oa": "green", "host": "arxiv"}  # fmt: skip
    return record | ({"doi": f"10.5555/soak.{number}"} if kind < 0.75 else {})


def write_universe(path: Path, papers: int) -> None:
    """The works of the samples, and those that the first `papers` papers cite, one a line; only ever made longer."""
    known = universe_path().read_bytes().splitlines(keepends=True)
    wanted = papers * ENTRIES_MOST
    if path.exists() and path.read_bytes().count(b"\n") >= len(known) + wanted:
        return
    unfinished = path.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        file.writelines(known)
        file.writelines(json.dumps(work(number)).encode() + b"\n" for number in range(wanted))
    unfinished.replace(path)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One file to be put into the watched folder."""

    name: str
    kind: str
    content: bytes


def arrival(seed: int, number: int) -> Arrival:
    """The file that arrives as the `number`th, from 0; its content is new unless it is a copy."""
    chance = random.Random(f"arrival {seed} {number}")
    kind = chance.choices(list(_KINDS), weights=list(_KINDS.values()))[0]
    mark = f"\n% arrival {number} of {seed}\n".encode()
    match kind:
        case "sample":
            content = chance.choice(sample_pdfs()).read_bytes() + mark
        case "broken":
            content = chance.choice(broken_pdfs()).read_bytes() + mark
        case "copy":
            content = arrival(seed, chance.randrange(number)).content if number else _made(seed, number)
        case "cut":
            whole = _made(seed, number)
            content = whole[: len(whole) // 2]
        case "no-pdf":
            content = b"This is a letter.\n" * 40 + mark
        case "no-list":
            content = _typeset(f"= A note {number}\n#lorem(200)\n")
        case _:
            content = _made(seed, number)
    return Arrival(f"{number:06}-{kind}.pdf", kind, content)


def cited(seed: int, number: int) -> Iterator[int]:
    """The works that a typeset paper cites, by number: most of them new, some cited before, some that nobody has."""
    chance = random.Random(f"list {seed} {number}")
    for place in range(chance.randint(_ENTRIES_LEAST, ENTRIES_MOST)):
        kind = chance.random()
        if kind < 0.08:
            yield _ABSENT_FROM + number * ENTRIES_MOST + place
        elif kind < 0.30 and number:
            yield chance.randrange(number * ENTRIES_MOST)
        else:
            yield number * ENTRIES_MOST + place


def _made(seed: int, number: int) -> bytes:
    entries = "\n".join(f"+ {_printed(one)}" for one in dict.fromkeys(cited(seed, number)))
    text = f"""#set page("a4", margin: 2.5cm)
#set text(size: 10pt)
#set enum(numbering: "[1]")
= {_title(20_000_000 + number)}: a survey
#lorem({300 + number % 400})
= References
{entries}
"""
    return _typeset(text)


def _typeset(text: str) -> bytes:
    """The PDF, the same bytes whenever it is made: without the date."""
    return bytes(typst.compile(f"#set document(date: none)\n{text}".encode()))


def _printed(number: int) -> str:
    record = work(number)
    names = ", ".join(f"{name['given']} {name['family']}" for name in record["authors"])
    text = (
        f"{names}. {record['title']}. {record['container']}, {record['volume']}, {record['pages']}, {record['year']}."
    )
    if "doi" in record and number % 5 < 3:
        text += f" doi:{record['doi']}"
    return text.replace("@", "\\@").replace("/", "\\/").replace("_", "\\_")


def _title(number: int) -> str:
    rest = number * _STRIDE % _TITLES
    words = []
    for some in (_HOW, _WHAT, _OF, _WHERE, _UNTIL):
        rest, place = divmod(rest, len(some))
        words.append(some[place])
    how, what, of, where, until = words
    return f"{how} {what} of {of} in {where} {until}"
