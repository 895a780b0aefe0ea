"""Finds the PDF that a landing page names, or says why it names none. Pure: it fetches nothing."""

from __future__ import annotations

from collections.abc import Collection

from dl_lit.core.model import Work
from dl_lit.core.ports import Page, PdfLinks

__all__ = ["RESOLVER_VERSION", "find_pdf_links"]

RESOLVER_VERSION = 2
"""Raised with each change that may find a link on a page where none was found before."""


def find_pdf_links(page: Page, work: Work, dropped: Collection[str] = ()) -> PdfLinks:
    """The PDFs that `page` names as `work`, best first; never raises, in time linear in the page's size.

    Links of a technique in `dropped` are left out. Where there is no link, `why_none` says why: `wrong-work` for a
    page that shows another work, `link-loop` where all it names are addresses that led to it.
    """
    from dl_lit.landing.finder import links_on  # noqa: PLC0415 - a start does without: its patterns take a while

    return links_on(page, work, dropped)
