"""The interface of bioRxiv and medRxiv: pairs of preprint and article, by either's DOI."""

from __future__ import annotations

import re
from functools import partial

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.wire import Plan, Refusal, Request, Response, html_response, json_response

_PUBS = re.compile(r"/pubs/(biorxiv|medrxiv)/(10\..+?)(?:/na(?:/json)?)?/?")
_PREFIXES = ("10.1101/", "10.64898/")


class Biorxiv:
    """api.biorxiv.org."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Knows the works with DOIs of its prefixes, and their articles by title."""
        self._catalogue = catalogue

    def plan(self, request: Request) -> Plan:
        """`/pubs/{server}/{doi}/na/json`."""
        match = _PUBS.fullmatch(request.path)
        if match is None:
            answer = partial(html_response, "<html><body>404</body></html>", status=404)
            return Plan(kind="other", answer=answer, lane="biorxiv", refuse=_too_many)
        return Plan(kind="record", answer=partial(self._pairs, *match.groups()), lane="biorxiv", refuse=_too_many)

    def _pairs(self, server: str, doi: str) -> Response:
        """The other works of the same title, one of each pair being a preprint; bioRxiv has them all."""
        record = self._catalogue.by_doi(doi) if server == "biorxiv" else None
        hits = self._catalogue.universe.search.all_words(record.title, 20, title_only=True).hits if record else ()
        found = []
        for other in (hit.record for hit in hits):
            if record is None or other.title != record.title or not other.doi or other.doi == record.doi:
                continue
            preprint, article = sorted((record, other), key=lambda one: not _is_preprint(one.doi))
            if _is_preprint(preprint.doi) and not _is_preprint(article.doi):
                found.append(
                    {
                        "preprint_doi": preprint.doi,
                        "published_doi": article.doi,
                        "preprint_title": preprint.title,
                        "published_journal": article.container or "",
                        "preprint_platform": "bioRxiv",
                    }
                )
        status = "ok" if found else f"no articles found for {doi}"
        return json_response({"messages": [{"status": status, "count": len(found)}], "collection": found})


def _is_preprint(doi: str | None) -> bool:
    return (doi or "").startswith(_PREFIXES)


def _too_many(refusal: Refusal) -> Response:
    del refusal
    return json_response({"messages": [{"status": "too many requests"}]}, status=429)
