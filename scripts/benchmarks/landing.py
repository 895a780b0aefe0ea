"""How many landing pages' PDFs are found, and whether ever a link is taken that is not the work's.

The pages are written for this, after what platforms show: the finder was built against one part of them, the other
part was written before it saw any and is counted apart.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import click
from benchmarks import landing_holdout, landing_last, landing_later, landing_pages, landing_recorded
from benchmarks.landing_cases import Case

from dl_lit.core.ports import Page, PdfLinks
from dl_lit.landing import RESOLVER_VERSION, find_pdf_links

_TRIED = 3  # links of one page that the download stage fetches


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one page came to."""

    name: str
    is_found: bool  # a right link is among those that would be tried, or it is said rightly why there is none
    wrong: tuple[str, ...]  # links that are not the work's
    answer: PdfLinks


def run(cases: Iterable[Case]) -> list[Outcome]:
    """Look at each page."""
    return [
        _judged(case, find_pdf_links(Page(case.url, case.html, case.headers, case.hops), case.work)) for case in cases
    ]


def _judged(case: Case, answer: PdfLinks) -> Outcome:
    urls = [link.url for link in answer.links]
    allowed = {*case.right, *case.tolerated}
    if case.right:
        is_found = any(url in case.right for url in urls[:_TRIED]) and urls[0] in allowed
    else:
        is_found = not urls and answer.why_none is case.why
    is_found = is_found and (case.open_from is None or answer.open_from == case.open_from)
    return Outcome(case.name, is_found, tuple(url for url in urls if url not in allowed), answer)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Counts and the share found."""
    found = sum(one.is_found for one in outcomes)
    return {
        "pages": len(outcomes),
        "found": found,
        "found_ratio": round(found / len(outcomes), 4) if outcomes else None,
        "wrong_link": sum(bool(one.wrong) for one in outcomes),
    }


@click.command("landing")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def command(*, as_json: bool) -> None:
    """Find the PDF on pages modelled on journals' and repositories' platforms."""
    parts = {
        "built_against": run(landing_pages.cases()),
        "hold_out": run(landing_holdout.cases()),
        "second_hold_out": run(landing_later.cases()),
        "third_hold_out": run(landing_last.cases()),
        "recorded": run(landing_recorded.cases()),
    }
    every = [one for outcomes in parts.values() for one in outcomes]
    for part, outcomes in parts.items():
        for one in outcomes:
            if not one.is_found or one.wrong:
                print(f"{part}: {one.name}: {[*one.answer.links]} {one.answer.why_none.value}", file=sys.stderr)
    document = {
        "schema": "dl-lit/bench-landing/1",
        "resolver_version": RESOLVER_VERSION,
        **figures(every),
        "parts": {part: figures(outcomes) for part, outcomes in parts.items()},
    }
    if as_json:
        print(json.dumps(document))
        return
    for part, outcomes in (*parts.items(), ("all", every)):
        print(f"{part:14} {figures(outcomes)}")
