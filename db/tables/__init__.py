"""The tables. One room per stage, one per kind of failure, and the facts beside them.

A stage's waiting room says what is to be done; a row leaves it only in the transaction that puts it elsewhere:

    sources(pending) ─▶ no_metadata ─▶ with_metadata ─▶ to_download_references ─▶ downloaded_references
         │                  │               │                    │
    failed_extractions  failed_enrichments  └── failed_downloads ┘

Times of day are ISO 8601 text in UTC; `due_at` is a number (seconds since the Unix epoch) because it is compared and
added to. `due_at` NULL means ready now, so that ready rows have a small index of their own in rank order.
"""

from __future__ import annotations

from db.tables.arriving import (
    brought_files,
    entries,
    failed_enrichments,
    failed_extractions,
    no_metadata,
    sources,
    watched_files,
)
from db.tables.base import POISON_AFTER, SCHEMA_VERSION, SUSPECT_AFTER, metadata
from db.tables.cited import citation_keys, merges, pushed_items, separations, work_aliases, work_keys, work_links, works
from db.tables.counted import counts, due_counts, shared_works
from db.tables.fetching import (
    downloaded_references,
    failed_downloads,
    landing_techniques,
    rechecks,
    refused_files,
    to_download_references,
    with_metadata,
)
from db.tables.logs import (
    attempt_counts,
    attempts,
    deeds,
    duplicate_references,
    pauses,
    pins,
    run_sources,
    runs,
    snowball,
)
from db.tables.searched import search_words, searched, unsearched

__all__ = [
    "POISON_AFTER",
    "SCHEMA_VERSION",
    "SUSPECT_AFTER",
    "attempt_counts",
    "attempts",
    "brought_files",
    "citation_keys",
    "counts",
    "deeds",
    "downloaded_references",
    "due_counts",
    "duplicate_references",
    "entries",
    "failed_downloads",
    "failed_enrichments",
    "failed_extractions",
    "landing_techniques",
    "merges",
    "metadata",
    "no_metadata",
    "pauses",
    "pins",
    "pushed_items",
    "rechecks",
    "refused_files",
    "run_sources",
    "runs",
    "search_words",
    "searched",
    "separations",
    "shared_works",
    "snowball",
    "sources",
    "to_download_references",
    "unsearched",
    "watched_files",
    "with_metadata",
    "work_aliases",
    "work_keys",
    "work_links",
    "works",
]
