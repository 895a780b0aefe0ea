"""Commands by which dl_lit was used before, and what does their work now; docs/origin.md tells it at length."""

from __future__ import annotations

SUCCESSORS: dict[str, str] = {
    "extract-bib-api": "dl-lit extract PDF... --json reads references without any service",
    "enrich-openalex-db": "dl-lit run-pipeline recognises what waits, along with the other stages",
    "process-downloads": "dl-lit run-pipeline queues what was recognised, along with the other stages",
    "download-pdfs": "dl-lit run-pipeline fetches what waits, along with the other stages; dl-lit pause holds a stage",
    "clear-downloaded": (
        "nothing is thrown away: dl-lit retry w12 fetches one again, and another --db and --library begin anew"
    ),
}
"""Older commands that have no namesake: what does it now, a line each."""
