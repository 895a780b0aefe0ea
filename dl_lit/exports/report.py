"""HTML reports: one page a source PDF, and an index of a run. Self-contained, without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from urllib.parse import quote, urlsplit

import jinja2

from dl_lit.core.controls import without_controls
from dl_lit.core.model import Name, Version, Work
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.exports.record import ItemState
from dl_lit.exports.report_model import IndexRow, SourceReport, totals
from dl_lit.exports.standing import is_withdrawn, standing

STATE_NAMES = {
    ItemState.DOWNLOADED: "Downloaded",
    ItemState.DUPLICATE: "Already there",
    ItemState.WAITING: "Waiting",
    ItemState.NEEDS_REVIEW: "Needs review",
    ItemState.FAILED: "No PDF",
}
STATE_SIGNS = {
    ItemState.DOWNLOADED: "✓",
    ItemState.DUPLICATE: "=",
    ItemState.WAITING: "…",
    ItemState.NEEDS_REVIEW: "?",
    ItemState.FAILED: "✕",
}
VERSION_NAMES = {
    Version.PUBLISHED: "published version",
    Version.ACCEPTED: "accepted manuscript",
    Version.SUBMITTED: "preprint",
}
SHOWN_AUTHORS = 6


def source_report(report: SourceReport, *, index_href: str | None = None) -> str:
    """The page of one source; `index_href` leads back to the index of its run."""
    return _template("source.html").render(report=report, index_href=index_href)


def index_report(
    rows: Sequence[IndexRow], *, generated_at: datetime, title: str = "dl_lit run", earlier: Sequence[str] = ()
) -> str:
    """The page that lists all sources of a run, in the given order; `earlier` are reports of runs before, as links."""
    return _template("index.html").render(
        rows=rows,
        totals=totals([row.report for row in rows]),
        generated_at=generated_at,
        title=title,
        earlier=earlier,
    )


def render(template: str, **values: object) -> str:
    """A page of the reports' look, from one of their templates."""
    return _template(template).render(**values)


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("dl_lit.exports"),
        autoescape=True,
        finalize=_shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "authors": _authors,
        "people": _people,
        "counts": _counts,
        "web": web_address,
        "file_href": _file_href,
        "doi_href": _doi_href,
        "host": _host,
        "standing": standing,
        "withdrawn": is_withdrawn,
    }
    environment.globals |= {
        "states": list(ItemState),
        "state_names": STATE_NAMES,
        "state_signs": STATE_SIGNS,
        "version_names": VERSION_NAMES,
        "reason_text": REASON_TEXT,
        "style": _loaded(environment, "style.css"),
    }
    return environment


def _shown(value: object) -> object:
    """What stands on the page for `value`: text can be written and turns no direction; markup is our own."""
    return without_controls(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _loaded(environment: jinja2.Environment, name: str) -> str:
    loader = environment.loader
    if loader is None:
        raise RuntimeError("the environment of the reports has no loader")
    return loader.get_source(environment, name)[0]


def _template(name: str) -> jinja2.Template:
    return _environment().get_template(name)


def _authors(work: Work) -> str:
    """The authors, or else the editors, the first few of them."""
    editors = " (eds.)" if work.editors and not work.authors else ""
    return _people(work.authors or work.editors) + editors


def _people(people: Sequence[Name]) -> str:
    """The first few of them."""
    names = [" ".join(filter(None, (name.given, name.sort_key))) for name in people[:SHOWN_AUTHORS]]
    more = f" and {len(people) - SHOWN_AUTHORS} more" if len(people) > SHOWN_AUTHORS else ""
    return ", ".join(names) + more


def web_address(url: str | None) -> str | None:
    """`url` if a browser may follow it: http or https with a host; None otherwise (javascript:, data:, nonsense)."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in {"http", "https"} and parts.netloc else None


def _file_href(path: str) -> str:
    """A relative path as a link; a colon is encoded too, so that no path can name a scheme."""
    return quote(path, safe="/", errors="replace")


def _doi_href(doi: str) -> str:
    encoded = quote(doi, safe="/:;()", errors="replace")
    return f"https://doi.org/{encoded}"


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _counts(report: SourceReport) -> dict[ItemState, int]:
    return totals([report])
