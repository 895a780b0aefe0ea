"""The ACL Anthology: a BibTeX file and a PDF for each paper."""

from __future__ import annotations

from functools import partial

from dl_lit.replica.catalogue import Catalogue
from dl_lit.replica.faults import pdf_response
from dl_lit.replica.holdings import by_acl_id
from dl_lit.replica.records import Record, title_key
from dl_lit.replica.services.files import Files
from dl_lit.replica.wire import Plan, Request, Response, html_response, text_response


class Anthology:
    """aclanthology.org."""

    def __init__(self, catalogue: Catalogue, files: Files) -> None:
        """Knows the papers whose DOIs have its prefixes."""
        self._catalogue = catalogue
        self._files = files

    def plan(self, request: Request) -> Plan:
        """`/{ID}.bib`, `/{ID}.pdf`."""
        name, _, ending = request.path.lstrip("/").rpartition(".")
        kind = {"bib": "record", "pdf": "pdf"}.get(ending, "other")
        return Plan(kind=kind, answer=partial(self._answer, name, ending), lane="acl")

    def _answer(self, name: str, ending: str) -> Response:
        record = by_acl_id(self._catalogue, name)
        if record is None or ending not in {"bib", "pdf"}:
            return html_response("<html><head><title>404 Not found</title></head></html>", status=404)
        if ending == "pdf":
            return pdf_response(self._files.pdf(record, "publishedVersion"))
        return text_response(self._bibtex(name, record), "application/x-bibtex")

    def _bibtex(self, name: str, record: Record) -> str:
        people = "  and\n      ".join(
            f"{p.family}, {p.given}" if p.given else f"{{{p.family}}}" for p in record.authors
        )
        pages = record.pages.replace("-", "--") if record.pages else None
        fields = [
            ("title", record.title),
            ("author", people),
            ("booktitle", record.container),
            ("year", str(record.year) if record.year else None),
            ("publisher", record.publisher or "Association for Computational Linguistics"),
            ("url", f"{self._catalogue.base('acl')}/{name}/"),
            ("doi", record.doi),
            ("pages", pages),
        ]
        body = ",\n".join(f'    {field} = "{_escaped(value)}"' for field, value in fields if value)
        return f"@inproceedings{{{title_key(record.title)[:30] or 'paper'},\n{body}\n}}\n"


def _escaped(text: str) -> str:
    return text.replace('"', "''").replace("&", r"\&")
