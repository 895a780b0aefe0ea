"""A world that cites itself: people's papers, works that cite each other in circles, and one giant."""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.pipeline import environment
from benchmarks.workload import Workload

from dl_lit.replica.access import Shares
from dl_lit.replica.latency import Latency
from dl_lit.replica.pdfs import make_pdf
from dl_lit.replica.server import Replica
from dl_lit.replica.services.files import Files
from dl_lit.replica.services.settings import Settings as ReplicaSettings
from dl_lit.replica.universe import Universe
from dl_lit.replica.weaving import Weave, woven

_SHARES = Shares(pdf_linked=1.0, unlisted=0.0, missing_in_openalex=0.0, second_copy=0.0)
_COMMON = 0.3  # of an own paper's entries: works that other own papers cite as well
_SCALE = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large the world is."""

    sources: int  # people's own papers
    works: int
    entries: int = 8  # in each of these papers
    giant: int = 400  # works that one of the works cites
    seed: int = 1


@dataclass(frozen=True, slots=True)
class World:
    """The papers and the replica that knows everything."""

    replica: Replica
    papers: Path
    workload: Workload

    def environment(self, folder: Path) -> dict[str, str]:
        """The variables that point the program here and at the folder; no key, so that credits are what they are."""
        return environment(self.workload, self.replica, folder)

    def fetched(self) -> dict[int, int]:
        """By work, in the order of the universe: how often its file was served whole."""
        files, found = Files(self.replica.catalogue, ReplicaSettings()), dict[int, int]()
        for entry in self.replica.log.entries():
            if entry.kind in {"pdf", "file"} and entry.status == 200 and entry.group != "grobid":
                record = files.record_of(entry.target)
                if record is not None:
                    found[record.position] = found.get(record.position, 0) + 1
        return found

    def asked(self, contains: str) -> list[str]:
        """The requests to OpenAlex whose target has this text."""
        return [entry.target for entry in self.replica.log.entries("openalex", contains=contains)]


@contextmanager
def world(base: Path, size: Size) -> Iterator[World]:
    """The papers, written below `base`, and the replica; works are cited by papers, by each other, and cite papers.

    All papers cite the giant.
    """
    workload = Workload(Workload.load().raw | {"time_scale": _SCALE, "entries_per_source": size.works})
    chance = random.Random(size.seed)
    works = [dict(record) for record in workload.records(1)]
    own = [_own(number, works, size, chance) for number in range(size.sources)]
    items = woven([*works, *own], Weave(seed=size.seed, share=0.6, least=3, most=8, giant=size.giant))
    giant = max(range(len(works)), key=lambda place: len(items[place].get("references") or ()))
    for one in items[len(works) :]:
        one["references"] = [_reference(items[giant], 1), *one["references"][1:]]
    universe = Universe.from_records(items)
    papers = base / "papers"
    papers.mkdir(parents=True)
    for number in range(size.sources):
        record = universe.by_doi(f"10.5556/own.{number:03}")
        if record is None:
            raise ValueError("the papers are missing in their own world")
        (papers / f"own-{number + 1:03}.pdf").write_bytes(make_pdf(record))
    latency = {name: Latency(*span) for name, span in workload.raw["latency_s"].items()}
    with Replica(
        universe, seed=size.seed, latency=latency, time_scale=_SCALE, hosts=workload.raw["hosts"], shares=_SHARES
    ) as replica:
        yield World(replica, papers, workload)


def _own(number: int, works: list[dict[str, Any]], size: Size, chance: random.Random) -> dict[str, Any]:
    """One of people's papers: some of what it cites others cite as well."""
    common = works[: max(4, size.entries)]
    some = int(size.entries * _COMMON)
    cited = [*chance.sample(common, some), *chance.sample(works[len(common) :], size.entries - some)]
    return {
        "title": f"Own paper {number + 1} on what everybody here cites",
        "authors": [{"family": "Owner", "given": "O."}],
        "year": 2025,
        "container": "Journal of Own Studies",
        "type": "journal-article",
        "doi": f"10.5556/own.{number:03}",
        "oa": "gold",
        "references": [_reference(one, place) for place, one in enumerate(cited, 1)],
    }


def _reference(one: dict[str, Any], place: int) -> dict[str, Any]:
    return {
        "key": f"ref{place}",
        "doi": one["doi"],
        "unstructured": (
            f"{one['authors'][0]['family']}, {one['authors'][0]['given']} ({one['year']}). {one['title']}. "
            f"{one['container']}, {one['volume']}, {one['pages']}. https://doi.org/{one['doi']}"
        ),
    }
