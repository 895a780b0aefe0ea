"""The local index: how fast records go in, how fast and how surely strings find them; engines beside it.

scripts/bench local-index [--json] [--records 100000] [--queries 1000] [--peers]
"""

from __future__ import annotations

import gc
import json
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import click
import psutil
from benchmarks import local_index_peers
from benchmarks.local_index_strings import Record, crossref_item, equals, identity, made_up, queries, universe

from db.local_index.reader import LocalMetadata
from db.local_index.writer import LocalIndexWriter
from dl_lit.app.metadata.dump_records import read_record
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import Reference
from dl_lit.matching.normalise import text_key

UNIVERSE = Path(__file__).resolve().parents[3] / "shared" / "corpora" / "universe.jsonl.gz"
_SEED = 7
_LOOKED_UP = 2_000

Find = Callable[[str], Sequence[str]]
"""The DOIs of at most ten records for a string, the likeliest first."""


@click.command()
@click.option("--records", "limit", type=click.IntRange(min=100), default=100_000, show_default=True)
@click.option("--queries", "asked", type=click.IntRange(min=1), default=1_000, show_default=True, help="Of each kind.")
@click.option("--universe", "file", type=click.Path(path_type=Path), default=UNIVERSE, show_default=True)
@click.option("--times", type=click.IntRange(1, 100), default=1, help="Each record so often, its words altered.")
@click.option("--peers/--no-peers", default=True, help="Other engines beside it, where they are installed.")
@click.option("--json", "as_json", is_flag=True)
def command(limit: int, asked: int, file: Path, times: int, *, peers: bool, as_json: bool) -> None:
    """Measure importing, looking up and searching; CPU time, since other programs share the machine."""
    records = universe(file, limit) if file.is_file() else made_up(limit)
    records = [altered(record, round_) for round_ in range(times) for record in records]
    figures: dict[str, Any] = {
        "schema": "dl-lit/bench-local-index/1",
        "records": len(records),
        "corpus": file.name if file.is_file() else "made up",
    }
    with tempfile.TemporaryDirectory(prefix="dl-lit-bench-") as folder:
        figures |= _ours(records, asked, Path(folder) / "local-index.db")
    if peers:
        figures["peers"] = local_index_peers.measured(records, lambda find: _found(records, asked, find))
    if as_json:
        click.echo(json.dumps(figures, indent=1))
        return
    for name, value in figures.items():
        click.echo(f"{name:16} {json.dumps(value) if isinstance(value, dict) else value}")


def altered(record: Record, round_: int) -> Record:
    """The record itself in round 0; else one like it: two words of its title and its authors' names end otherwise."""
    if not round_:
        return record
    end = "abcdefghijklmnopqrstuvwxyz"[round_ % 26] * (1 + round_ // 26)
    words = record["title"].split()
    longest = sorted(range(len(words)), key=lambda at: -len(words[at]))[:2]
    title = " ".join(f"{word}{end}" if at in longest else word for at, word in enumerate(words))
    people = [{**one, "family": f"{one.get('family') or ''}{end}"} for one in record.get("authors") or []]
    return {**record, "title": title, "authors": people, "doi": record.get("doi") and f"{record['doi']}.{end}"}


def _ours(records: Sequence[Record], asked: int, path: Path) -> dict[str, Any]:
    lines = [json.dumps(crossref_item(record, number)).encode() for number, record in enumerate(records)]
    gc.collect()
    gc.freeze()  # the benchmark's own records are not the import's to look through
    before_mb = psutil.Process().memory_info().rss / 1e6
    start, start_cpu = time.perf_counter(), time.process_time()
    with LocalIndexWriter(path, text_key, SystemClock()) as writer:
        for number, line in enumerate(lines):
            read = read_record(line)
            if read.work is not None:
                writer.add(read.work, read.updated)
            if writer.is_batch_full:
                writer.commit("lines", "lines", number, is_whole=False)
        writer.commit("lines", "lines", len(lines), is_whole=True)
        writer.finish()
    seconds, cpu_s = time.perf_counter() - start, time.process_time() - start_cpu
    index = LocalMetadata(path, text_key)
    dois = [crossref_item(record, number)["DOI"].lower() for number, record in enumerate(records)]
    looked_up = dois[:: max(1, len(dois) // _LOOKED_UP)]
    start_cpu = time.process_time()
    for doi in looked_up:
        index.by_ids("doi", [doi])
    by_id_us = (time.process_time() - start_cpu) / len(looked_up) * 1e6
    figures = {
        "build_s": round(seconds, 1),
        "build_cpu_s": round(cpu_s, 1),
        "records_per_s": round(len(lines) / seconds),
        "records_per_cpu_s": round(len(lines) / cpu_s),
        "memory_mb": round(max(0.0, psutil.Process().memory_info().rss / 1e6 - before_mb)),
        "size_mb": round(path.stat().st_size / 1e6, 1),
        "by_id_us": round(by_id_us),
    }

    def find(text: str) -> list[str]:
        return [work.doi or "" for work in index.search(Reference(position=1, raw=text), 10)]

    figures |= _found(records, asked, find)
    index.close()
    return figures


def _found(records: Sequence[Record], asked: int, find: Find) -> dict[str, Any]:
    """How long the strings take, and how many of their works are among the ten found, and the first."""
    alike = equals(records)
    figures: dict[str, Any] = {"query_ms": {}, "recall_at_10": {}, "first": {}}
    for kind in ("clean", "noisy"):
        taken: list[float] = []
        found = first = 0
        for text, record in queries(records, asked, _SEED, noisy=kind == "noisy"):
            start = time.thread_time()
            dois = find(text)
            taken.append((time.thread_time() - start) * 1e3)
            found += not alike[identity(record)].isdisjoint(dois)
            first += bool(dois) and dois[0] in alike[identity(record)]
        taken.sort()
        figures["query_ms"][kind] = {
            "p50": round(taken[len(taken) // 2], 2),
            "p95": round(taken[int(len(taken) * 0.95)], 2),
            "max": round(taken[-1], 2),
        }
        figures["recall_at_10"][kind] = round(found / asked, 4)
        figures["first"][kind] = round(first / asked, 4)
    return figures
