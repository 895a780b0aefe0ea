"""Finds the PDF that a landing page names, or says why it names none. Pure: it fetches nothing."""

from dl_lit.landing.finder import RESOLVER_VERSION, find_pdf_links

__all__ = ["RESOLVER_VERSION", "find_pdf_links"]
