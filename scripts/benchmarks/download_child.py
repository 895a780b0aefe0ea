"""The program under test of `scripts/bench download`: the real download stage on works that wait for it.

    python -m benchmarks.download_child WORKS.json

Reads download items, puts them into the database that the DL_LIT_* settings name as if they had just been queued, and
runs the engine with the download stage alone until nothing is left. Prints one JSON object.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import msgspec

from db.connect import connect
from db.intake import add_sources
from dl_lit import logs
from dl_lit.app.workshop import Workshop
from dl_lit.core.items import DownloadItem, EntryItem, Extracted, Queued, Resolved
from dl_lit.core.job import Done
from dl_lit.core.model import Bibliography, Reference, StageName
from dl_lit.core.store import Finished, NewSource
from dl_lit.net.hosts import HostUse
from dl_lit.settings import load


def fill(shop: Workshop, items: Sequence[DownloadItem]) -> None:
    """Let the works of `items` wait for their download."""
    engine = connect(shop.settings.database, synchronous=shop.settings.synchronous)
    try:
        add_sources(engine, [NewSource("/bench.pdf", "0" * 64, 1)], shop.clock)
    finally:
        engine.dispose()
    store, now = shop.store, shop.clock.time()
    store.notice()
    references = tuple(Reference(position=place, raw=one.work.title) for place, one in enumerate(items, 1))
    read = Bibliography(page_count=1, references=references)
    store.record([Finished(one, Done(Extracted(read)), now, 0.0) for one in store.claim(StageName.EXTRACTION, 1)])
    places = {}
    resolved = []
    for claim in store.claim(StageName.ENRICHMENT, len(items)):
        if isinstance(claim.item, EntryItem):
            item = items[claim.item.reference.position - 1]
            places[item.work.doi] = item.locations
            resolved.append(Finished(claim, Done(Resolved(work=item.work, matched_by="doi")), now, 0.0))
    store.record(resolved)
    waiting = store.claim(StageName.QUEUEING, len(items))
    store.record([Finished(one, Done(Queued(places[one.item.work.doi])), now, 0.0) for one in waiting])  # type: ignore[union-attr]


def run(works: Path) -> dict[str, object]:
    """Download everything; how long it took, and what became of the works."""
    items = msgspec.json.decode(works.read_bytes(), type=list[DownloadItem])
    with Workshop(load().settings, "bench") as shop:
        fill(shop, items)
        shop.stages = [stage for stage in shop.stages if stage.name is StageName.DOWNLOAD]
        engine = shop.pipeline()
        start = time.monotonic()
        engine.start()
        try:
            engine.drain(lambda: False)
            seconds = time.monotonic() - start
        finally:
            engine.stop()
        tally = engine.tally.stages[StageName.DOWNLOAD]
        hosts = shop.network.fetcher.use()[1] if hasattr(shop.network.fetcher, "use") else None
        return {
            "seconds": round(seconds, 3),
            "downloaded": tally.done,
            "failed": dict(tally.rejected),
            "waiting": shop.store.waiting(StageName.DOWNLOAD),
            "workers": shop.settings.workers.download,
            "hosts": asdict(hosts) if isinstance(hosts, HostUse) else {},
        }


if __name__ == "__main__":
    logs.configure(level="error", form="json", file=None)
    print(json.dumps(run(Path(sys.argv[1]))))
