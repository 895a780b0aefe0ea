"""The pipeline benchmark's workload: made-up works and papers that cite them, the same for one seed always."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typst

WORKLOAD = Path(__file__).with_name("pipeline_workload.json")

_HOW = ("adaptive", "spectral", "bayesian", "stochastic", "robust", "sparse", "hierarchical", "nonlinear", "causal",
        "distributed", "incremental", "variational", "empirical", "comparative", "longitudinal", "geometric", "thermal",
        "isotopic", "acoustic", "seasonal", "regional", "historical", "molecular", "cellular")  # fmt: skip
_WHAT = ("estimation", "inference", "classification", "monitoring", "reconstruction", "simulation", "forecasting",
         "calibration", "segmentation", "mapping", "imaging", "modelling", "sampling", "dating", "transport",
         "diffusion", "adsorption", "governance", "migration", "learning", "retrieval", "annotation")  # fmt: skip
_OF = ("coastal sediments", "alpine glaciers", "urban aerosols", "soil microbiomes", "river deltas", "coral reefs",
       "solar flares", "power grids", "supply chains", "protein complexes", "neural circuits", "tree rings",
       "medieval charters", "trade networks", "household surveys", "clinical trials", "language corpora",
       "seismic noise", "exoplanet spectra", "plasma turbulence", "polymer films", "ceramic glazes")  # fmt: skip
_WHERE = ("Northern Europe", "the Andes", "the Mekong basin", "East Africa", "the Baltic Sea", "Central Asia",
          "Patagonia", "the Great Lakes", "the Sahel", "the Carpathians", "Oceania",
          "the Iberian peninsula")  # fmt: skip
_FAMILIES = ("Abbott", "Bianchi", "Castillo", "Dubois", "Eriksen", "Fischer", "Garcia", "Hansen", "Ivanov", "Jansen",
             "Kowalski", "Larsen", "Moreau", "Nakamura", "Okafor", "Petrov", "Quinn", "Rossi", "Schmidt", "Tanaka",
             "Ueda", "Vasquez", "Weber", "Xu", "Yilmaz", "Zhang")  # fmt: skip


@dataclass(frozen=True, slots=True)
class Workload:
    """The committed description, as values."""

    raw: dict[str, Any]

    @classmethod
    def load(cls) -> Workload:
        """Read the committed file."""
        return cls(json.loads(WORKLOAD.read_text(encoding="utf-8")))

    @property
    def scale(self) -> float:
        """All times are divided by this."""
        return float(self.raw["time_scale"])

    def records(self, sources: int) -> Iterator[dict[str, Any]]:
        """The cited works of the first `sources` papers, in the order of citation; each is cited once."""
        chance = random.Random(self.raw["seed"])
        titles: set[str] = set()
        for number in range(sources * self.raw["entries_per_source"]):
            yield self._record(number, chance, titles)

    def _record(self, number: int, chance: random.Random, titles: set[str]) -> dict[str, Any]:
        host = _host(number, self.raw["hosts"])
        title = _title(chance, titles)
        kind = chance.uniform(0, 100)
        record: dict[str, Any] = {
            "title": title,
            "authors": [
                {"family": chance.choice(_FAMILIES), "given": f"{chance.choice('ABCDEFGHJKLM')}."} for _ in range(2)
            ],
            "year": chance.randint(1995, 2024),
            "container": f"Journal of {title.split()[0].capitalize()} Studies",
            "type": "journal-article",
            "volume": str(chance.randint(1, 90)),
            "pages": f"{10 * number % 900 + 1}-{10 * number % 900 + 9}",
            "doi": f"10.5555/bench.{number:05}",
            "oa": "gold" if host.startswith("publisher") else "green",
            "host": host,
        }
        if kind < self.raw["arxiv_percent"]:
            arxiv_id = f"{chance.randint(10, 23):02}{chance.randint(1, 12):02}.{10000 + number:05}"
            return {**record, "type": "posted-content", "container": "arXiv", "doi": f"10.48550/arxiv.{arxiv_id}",
                    "arxiv_id": arxiv_id, "oa": "green", "host": "arxiv", "printed": f"arXiv:{arxiv_id}"}  # fmt: skip
        if kind < self.raw["arxiv_percent"] + self.raw["identified_percent"]:
            record["printed"] = f"doi:{record['doi']}"
        if chance.uniform(0, 100) < self.raw["closed_in_openalex_percent"]:
            record["oa"] = "closed"
        return record

    def write(self, folder: Path, sources: int) -> tuple[Path, Path]:
        """Typeset the papers and write the universe; the folder of PDFs and the universe's file."""
        pdfs, universe = folder / "pdfs", folder / "universe.jsonl"
        pdfs.mkdir(parents=True)
        records = list(self.records(sources))
        universe.write_text("".join(json.dumps(record) + "\n" for record in records), encoding="utf-8")
        size = self.raw["entries_per_source"]
        for source in range(sources):
            cited = records[source * size : (source + 1) * size]
            (pdfs / f"paper-{source + 1:03}.pdf").write_bytes(typst.compile(_paper(source + 1, cited).encode()))
        return pdfs, universe


def _host(number: int, hosts: int) -> str:
    """The sites in turn, three publishers to two repositories as the replica has them."""
    publishers = max(1, hosts * 3 // 5)
    place = number % hosts
    return f"publisher-{place}" if place < publishers else f"repository-{place - publishers}"


def _title(chance: random.Random, taken: set[str]) -> str:
    while True:
        title = f"{chance.choice(_HOW)} {chance.choice(_WHAT)} and {chance.choice(_HOW)} {chance.choice(_WHAT)} of "
        title += f"{chance.choice(_OF)} in {chance.choice(_WHERE)}"
        if title not in taken:
            taken.add(title)
            return title[0].upper() + title[1:]


def _paper(number: int, cited: list[dict[str, Any]]) -> str:
    entries = "\n".join(f"+ {_printed(record)}" for record in cited)
    return f"""#set page("a4", margin: 2.5cm)
#set text(size: 10pt)
#set enum(numbering: "[1]")
= Benchmark paper {number}
#lorem(350)
= References
{entries}
"""


def _printed(record: dict[str, Any]) -> str:
    names = ", ".join(f"{name['given']} {name['family']}" for name in record["authors"])
    text = (
        f"{names}. {record['title']}. {record['container']}, {record['volume']}, {record['pages']}, {record['year']}."
    )
    if "printed" in record:
        text += f" {record['printed']}"
    return text.replace("@", "\\@").replace("/", "\\/").replace("_", "\\_")
