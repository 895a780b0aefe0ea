"""What a search came to: as a list for people, and as the document that programs and `--seed-json` read."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from db.intake import Grown
    from dl_lit.app.intake.keyword_search import Searched, Seed
    from stages.keyword_search import Query

SCHEMA = "dl-lit/search/1"


def credits_of(works: int) -> int:
    """What fetching so many works costs."""
    from stages.keyword_search import credits_for  # noqa: PLC0415 - as above

    return credits_for(works)


def tell(found: Searched, grown: Grown | None) -> None:
    """List the finds, or say what was added; the counts go to standard error."""
    from dl_lit.cli.printing import line, shown  # noqa: PLC0415 - as above

    if grown is None:
        for seed in found.seeds:
            line(shown(_line(seed)))
    click.echo(f"dl-lit: {_counts(found)}", err=True)
    if found.untitled:
        click.echo(f"dl-lit: {found.untitled:,} records without a title are left out", err=True)
    if found.error is not None:
        click.echo(f"dl-lit: it ended before the rest came: {found.error}; the same search goes on there", err=True)
    if found.is_unasked:
        click.echo(
            f"dl-lit: all of them would cost {credits_of(found.total):,} credits: --max-results says how many",
            err=True,
        )
    if grown is not None:
        line(told(grown))


def _line(seed: Seed) -> str:
    one = seed.reference
    people = one.authors[0].sort_key + (" et al." if len(one.authors) > 1 else "") if one.authors else "-"
    cited = f"cited by {seed.cited_by:,}" if seed.cited_by is not None else ""
    rest = ", ".join(filter(None, (cited, "open" if seed.is_open else "", one.openalex_id, one.doi)))
    return f"{one.position:>5}  {people} {one.year or 'n. d.'}  {one.title} ({rest})"


def _counts(found: Searched) -> str:
    left = "" if math.isinf(found.credits_after) else f", {found.credits_after:,.0f} left for today"
    cost = max(0.0, found.credits_before - found.credits_after) if not math.isinf(found.credits_before) else 0.0
    memory = (
        f", {found.remembered} of {found.remembered + found.requests} pages from memory" if found.remembered else ""
    )
    return f"{found.total:,} works found, {len(found.seeds):,} fetched ({cost:,.0f} credits{left}{memory})"


def told(grown: Grown) -> str:
    """What adding the finds came to, for people."""
    from dl_lit.app.wording import count  # noqa: PLC0415 - as above

    known = f", {grown.known:,} were there already" if grown.known else ""
    return f"{count(grown.added, 'work')} added to s{grown.source.id}{known}"


def enqueued_document(grown: Grown) -> dict[str, Any]:
    """The same for programs."""
    return {"source": grown.source.id, "new": grown.source.is_new, "added": grown.added, "known": grown.known}


def document(found: Searched, grown: Grown | None) -> dict[str, Any]:
    """The whole search, schema `SCHEMA`."""

    def counted(credits_: float) -> float | None:
        return None if math.isinf(credits_) else credits_

    return {
        "schema": SCHEMA,
        "query": _query(found.query),
        "sort": found.sort.value,
        "total": found.total,
        "fetched": len(found.seeds),
        "untitled": found.untitled,
        "requests": found.requests,
        "remembered": found.remembered,
        "credits": {"before": counted(found.credits_before), "after": counted(found.credits_after)},
        "stopped": str(found.error) if found.error is not None else None,
        "origin": found.origin,
        "works": [_work(seed) for seed in found.seeds],
        "enqueued": enqueued_document(grown) if grown is not None else None,
    }


def _query(query: Query) -> dict[str, Any]:
    return {
        "text": query.text,
        "within": query.within.value,
        "year_from": query.year_from,
        "year_to": query.year_to,
        "types": list(query.types),
        "languages": list(query.languages),
        "is_open": query.is_open,
    }


def _work(seed: Seed) -> dict[str, Any]:
    one = seed.reference
    authors = [{"family": name.family, "given": name.given, "literal": name.literal} for name in one.authors]
    return {
        "position": one.position,
        "openalex_id": one.openalex_id,
        "doi": one.doi,
        "title": one.title,
        "authors": authors,
        "year": one.year,
        "container_title": one.container_title,
        "type": one.type.value,
        "cited_by": seed.cited_by,
        "is_open": seed.is_open,
    }
