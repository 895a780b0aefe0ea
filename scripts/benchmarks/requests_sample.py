"""The sample bibliographies as they are read, and replicas of the scholarly web that know what they cite.

Where the gold lists name a work without DOI the replica gives it one, so that every service could have it. Works that
the samples leave out on purpose are known or unknown as the caller wants: what they cost is told apart.
"""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from dl_lit.app.reading.readers import bibliography_reader
from dl_lit.core.model import Bibliography, Reference
from dl_lit.demo.assets import absent_works, gold_for, sample_pdfs, universe_path
from dl_lit.replica.records import normal_doi, title_key
from dl_lit.replica.universe import Universe
from dl_lit.settings import load

CHECKOUT = Path(__file__).resolve().parents[2]
OWN = CHECKOUT / "tests" / "samples"
_MADE_UP = "10.5555/dl-lit.bench"
_IDENTIFIERS = re.compile(
    r"https?://\S+|\b(?:doi|pmid|pmcid|arxiv|isbn)\b\s*:?\s*[\w./:()\-]*\d[\w./:()\-]*|\b10\.\d{4,9}/\S+",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Sample:
    """One paper: what was read of it, and what it really cites."""

    path: Path
    read: Bibliography
    gold: Mapping[str, Any]


def samples(limit: int | None = None) -> list[Sample]:
    """The papers that dl_lit ships and those of its tests, at most `limit`, read as the pipeline reads them."""
    shipped = [(path, gold_for(path)) for path in sample_pdfs()]
    own = [
        (path, json.loads((OWN / "gold" / f"{path.stem}.json").read_text(encoding="utf-8")))
        for path in sorted((OWN / "pdfs").glob("*.pdf"))
    ]
    papers = [*shipped, *own][:limit]
    with bibliography_reader(load(env={}).settings) as reader, ThreadPoolExecutor(2) as readers:
        read = list(readers.map(lambda paper: reader.read(paper[0]), papers))
    return [Sample(path, one, gold) for (path, gold), one in zip(papers, read, strict=True)]


def stripped(sample: Sample) -> Sample:
    """The same paper with no identifier anywhere, and with nothing that tells which paper it is."""
    references = tuple(_stripped(one) for one in sample.read.references)
    nobody = replace(sample.read, references=references, doi=None, arxiv_id=None, title=None, authors=())
    return replace(sample, read=nobody)


def printing_dois(papers: Sequence[Sample]) -> list[Sample]:
    """The same papers, each printing its own DOI as published papers do: those that have none get one."""
    return [
        one if one.read.doi else replace(one, read=replace(one.read, doi=citing_doi(one, number)))
        for number, one in enumerate(papers)
    ]


def citing_doi(paper: Sample, number: int) -> str:
    """The paper's DOI, made up from its number where it has none."""
    return normal_doi(paper.gold.get("doi") or f"{_MADE_UP}.citing.{number}")


def universe(papers: Sequence[Sample], *, knows_citing: bool, knows_absent: bool = True) -> Universe:
    """All works that the papers cite, and where `knows_citing` the papers themselves with their lists.

    Without `knows_absent` the works are left out that the demo leaves out.
    """
    return Universe.from_records(_records(papers, knows_citing=knows_citing, knows_absent=knows_absent))


def _records(papers: Sequence[Sample], *, knows_citing: bool, knows_absent: bool) -> Iterator[dict[str, Any]]:
    own_dois = {normal_doi(one.gold["doi"]) for one in papers if one.gold.get("doi")}
    shipped = [json.loads(line) for line in universe_path().read_text(encoding="utf-8").splitlines()]
    works = [one for one in shipped if normal_doi(one.get("doi") or "") not in own_dois]
    citing = [one for one in shipped if one not in works]
    absent = set() if knows_absent else {title_key(str(one["title"])) for one in absent_works().values()}
    by_title = {title_key(one["title"]): one for one in works}
    for number, one in enumerate(works):
        if not one.get("doi"):
            one["doi"] = f"{_MADE_UP}.{number}"
    for paper in papers:
        for entry in paper.gold["references"]:
            title = entry.get("title")
            if title and title_key(title) not in absent and title_key(title) not in by_title:
                made = _described(entry, f"{_MADE_UP}.own.{len(by_title)}")
                by_title[title_key(title)] = made
                works.append(made)
    by_title |= _by_author_and_year(works)
    yield from works
    if knows_citing:
        listed = {normal_doi(one["doi"]) for one in citing}
        yield from (_with_list(one, papers, by_title) for one in citing)
        for number, paper in enumerate(papers):
            if normal_doi(paper.gold.get("doi") or "") not in listed:
                yield _as_citing(paper, citing_doi(paper, number), by_title)


def _by_author_and_year(works: Iterable[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The works that first author and year single out: what publishers match entries without titles by."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for one in works:
        if one.get("authors") and one.get("year"):
            found[_signature(one["authors"][0].get("family"), one["year"])].append(one)
    return {key: some[0] for key, some in found.items() if len(some) == 1}


def _signature(author: str | None, year: object) -> str:
    return f"{title_key(author or '')}|{year}"


def _described(entry: Mapping[str, Any], doi: str) -> dict[str, Any]:
    author = entry.get("first_author")
    return {
        "doi": entry.get("doi") or doi,
        "title": entry["title"],
        "authors": [{"family": author}] if author else [],
        "year": entry.get("year"),
        "container": entry.get("container"),
        "type": entry.get("type") or "article-journal",
    }


def _with_list(record: dict[str, Any], papers: Iterable[Sample], by_title: Mapping[str, Any]) -> dict[str, Any]:
    paper = next(one for one in papers if normal_doi(one.gold.get("doi") or "") == normal_doi(record["doi"]))
    return {**record, "references": _list_of(paper, by_title)}


def _as_citing(paper: Sample, doi: str, by_title: Mapping[str, Any]) -> dict[str, Any]:
    authors = [{"family": one.sort_key, "given": one.given} for one in paper.read.authors if one.sort_key]
    return {
        "doi": doi,
        "title": paper.gold["title"],
        "authors": authors,
        "year": paper.read.year,
        "type": "article-journal",
        "references": _list_of(paper, by_title),
    }


def _list_of(paper: Sample, by_title: Mapping[str, Any]) -> list[dict[str, Any]]:
    """What a publisher deposits: the DOI where there is one, else the printed text."""
    deposited = []
    for number, entry in enumerate(paper.gold["references"], 1):
        title = entry.get("title")
        work = by_title.get(title_key(title) if title else _signature(entry.get("first_author"), entry.get("year")))
        known = {"doi": work["doi"]} if work else {"unstructured": entry["raw"]}
        deposited.append({"key": f"ref{number}", **known})
    return deposited


def _stripped(reference: Reference) -> Reference:
    raw = " ".join(_IDENTIFIERS.sub(" ", reference.raw).split())
    return replace(reference, raw=raw, doi=None, arxiv_id=None, pmid=None, isbn=None, url=None)
