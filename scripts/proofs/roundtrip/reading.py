"""Readers that have nothing to do with our writers, each giving every record's fields by its key.

A reader tells only of fields that it has; what it has is compared.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pybtex.database
import pybtex.errors
import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import NameParts, SeparateCoAuthors, SplitNameParts
from proofs.roundtrip.records import folded
from pybtex.richtext import Text
from pylatexenc.latex2text import LatexNodes2Text, MacroTextSpec, get_default_latex_context_db

Facts = dict[str, str]
Read = tuple[dict[str, Facts], list[str]]  # by key; and what the reader complained of
Reader = Callable[[str], Read]


_LOOKS = re.compile(r"\\text(?:it|bf|sc|superscript|subscript)\{")
_ACCENTS = {"d": "\u0323", "v": "\u030c", "b": "\u0331"}
_DOTS = re.compile(r"\{\\([dvb])\{(\w)\}\}")  # latexcodec knows some letters with these alone
_SIGN = re.compile(r"\$\\[a-zA-Z]+\$")
LACKING = {
    "textbraceleft": "{", "textbraceright": "}", "textless": "<", "textgreater": ">", "textbar": "|",
    "textasciicircum": "^", "textquoteleft": "‘", "textquoteright": "’", "quotedblbase": "„", "quotesinglbase": "‚",
}  # fmt: skip
"""Commands of LaTeX that pylatexenc or latexcodec do not know, or take for another sign."""


def by_bibtexparser(text: str) -> Read:
    """Bibtexparser with its own steps for names, and pylatexenc for LaTeX; addresses letter by letter."""
    raw = {one.key: {field.key: str(field.value) for field in one.fields} for one in parse_string(text).entries}
    library = parse_string(text, append_middleware=[SeparateCoAuthors(), SplitNameParts()])
    in_words = LatexNodes2Text().latex_to_text
    latex = _pylatexenc().latex_to_text

    def decode(text: str) -> str:
        return _SIGN.sub(lambda match: in_words(match[0]), latex(text))

    found = {}
    for entry in library.entries:
        values = {one.key: one.value for one in entry.fields}
        people = {role: [_parts(name) for name in values.get(role, [])] for role in ("author", "editor")}
        found[entry.key] = _bib_facts(entry.entry_type, raw[entry.key], decode, people)
    return found, [f"bibtexparser: {block.error}" for block in library.failed_blocks]


def _pylatexenc() -> LatexNodes2Text:
    """Told of the names of LaTeX's own that it lacks."""
    context = get_default_latex_context_db()
    macros = [MacroTextSpec(name, simplify_repl=sign) for name, sign in LACKING.items()]
    context.add_context_category("signs", macros=macros, prepend=True)
    return LatexNodes2Text(latex_context=context, math_mode="verbatim")


def _parts(name: NameParts) -> tuple[str, str]:
    return " ".join([*name.von, *name.last, *name.jr]), " ".join(name.first)


def by_pybtex(text: str) -> Read:
    """Pybtex with latexcodec for LaTeX."""
    with pybtex.errors.capture() as complaints:
        database = pybtex.database.parse_string(text, "bibtex")
    found = {}
    for key, entry in database.entries.items():
        people = {
            role: [
                (
                    " ".join([*one.prelast_names, *one.last_names, *one.lineage_names]),
                    " ".join([*one.first_names, *one.middle_names]),
                )
                for one in entry.persons.get(role, [])
            ]
            for role in ("author", "editor")
        }
        found[key] = _bib_facts(entry.type, dict(entry.fields), _by_latexcodec, people)
        del found[key]["file"]  # it folds blanks
    return found, [f"pybtex: {one}" for one in complaints]


def _by_latexcodec(text: str) -> str:
    text = _LOOKS.sub("{", _DOTS.sub(lambda match: match[2] + _ACCENTS[match[1]], text))
    for name, sign in LACKING.items():
        text = text.replace(f"{{\\{name}}}", sign if sign not in "{}" else "")
    return str(Text.from_latex(text))


def _bib_facts(
    kind: str, fields: Mapping[str, str], decode: Callable[[str], str], people: Mapping[str, list[tuple[str, str]]]
) -> Facts:
    def text(*names: str) -> str:
        return folded(decode(next((fields[name] for name in names if name in fields), "")))

    return {
        "title": text("title"),
        "authors": " / ".join(_named(*map(decode, one)) for one in people["author"]),
        "editors": " / ".join(_named(*map(decode, one)) for one in people["editor"]),
        "year": fields.get("year", fields.get("date", "")),
        "container": text("journal", "journaltitle", "booktitle", "series", "howpublished", "titleaddon"),
        "publisher": text("publisher", "school", "institution", "organization"),
        "volume": text("volume"),
        "issue": text("number"),
        "pages": text("pages").replace("–", "-").replace("--", "-"),
        "doi": fields.get("doi", ""),
        "url": fields.get("url", ""),
        "isbn": fields.get("isbn", ""),
        "file": fields.get("file", ""),
        "kind": kind,
    }


def _named(family: str, given: str) -> str:
    return folded(f"{family}, {given}" if given else family)


def by_rispy(text: str) -> Read:
    """Rispy."""
    found = {}
    for record in rispy.loads(text):
        pages = [record.get("start_page", ""), record.get("end_page", "")]
        found[record["id"]] = {
            "title": folded(record.get("title", "")),
            "authors": " / ".join(map(folded, record.get("authors", []))),
            "editors": " / ".join(map(folded, record.get("secondary_authors", record.get("tertiary_authors", [])))),
            "year": record.get("year", ""),
            "container": folded(record.get("secondary_title", "")),
            "publisher": folded(record.get("publisher", "")),
            "volume": record.get("volume", ""),
            "issue": record.get("number", ""),
            "pages": "-".join(filter(None, pages)),
            "doi": record.get("doi", ""),
            "url": next((url for url in record.get("urls", []) if "arxiv.org" not in url), ""),
            "isbn": record.get("issn", ""),
            "file": record.get("file_attachments1", ""),
            "kind": record["type_of_reference"],
        }
    lines = text.split("\r\n")
    odd = [line for line in lines if line and not re.match(r"[A-Z][A-Z0-9]  - ", line)]
    return found, [f"a line that is none of RIS: {line}" for line in odd]


def by_csv(text: str) -> Read:
    """Python's own module; a cell's apostrophe against formulas is taken off, as spreadsheets do."""
    found = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        cells = {name: cell.removeprefix("'") if _is_formula(cell) else cell for name, cell in row.items()}
        names = ("title", "year", "volume", "issue", "pages", "publisher", "doi", "url", "isbn", "file", "type")
        facts = {name: cells[name] if name == "file" else folded(cells[name]) for name in names}
        found[row["key"]] = facts | {
            "container": folded(cells["container_title"]),
            "authors": " / ".join(map(folded, cells["authors"].split("; "))) if cells["authors"] else "",
        }
    return found, []


def _is_formula(cell: str) -> bool:
    return re.match(r"'[\s\u00ad\u200b-\u200f\u2060-\u2064\ufeff]*[=+\-@＝＋－＠]", cell) is not None


_OF_JSON = ("year", "volume", "issue", "pages", "doi", "url", "isbn", "type")


def by_json_lines(text: str) -> Read:
    """Python's own module; the work is there as it is."""
    found = {}
    for line in text.splitlines():
        value = json.loads(line)
        work = value["work"]
        found[value["key"]] = {
            "raw title": work["title"],
            "authors": " / ".join(_json_name(one) for one in work["authors"]),
            **{name: str(work[name] or "") for name in _OF_JSON},
            "file": value["file"] or "",
        }
    return found, []


def _json_name(name: Mapping[str, Any]) -> str:
    return _named(name["family"] or name["literal"] or "", (name["given"] or "") if name["family"] else "")


_NUMBERS = ("issue", "number", "collection-number", "version")


def csl_facts(items: list[dict[str, Any]]) -> Iterator[tuple[str, Facts]]:
    """The fields of CSL items, as a citation processor or pandoc has them."""
    for item in items:
        issued = (item.get("issued") or {}).get("date-parts") or [[""]]
        yield (
            item["id"],
            {
                "title": folded(without_marks(item.get("title", ""))),
                "authors": " / ".join(map(_csl_name, item.get("author", []))),
                "editors": " / ".join(map(_csl_name, item.get("editor", []))),
                "year": str(issued[0][0]),
                "container": folded(without_marks(item.get("container-title", item.get("collection-title", "")))),
                "publisher": folded(without_marks(item.get("publisher", ""))),
                "volume": folded(str(item.get("volume", ""))),
                "issue": folded(without_marks(str(next((item[name] for name in _NUMBERS if name in item), "")))),
                "pages": str(item.get("page", "")).replace("–", "-"),
                "doi": item.get("DOI", ""),
                "url": item.get("URL", ""),
                "isbn": item.get("ISBN", ""),
                "type": item.get("type", ""),
            },
        )


def without_marks(text: str) -> str:
    return re.sub(r"</?(?:i|b|sup|sub|span|sc)(?: [^<>]*)?>", "", text)


def _csl_name(name: Mapping[str, str]) -> str:
    parts = (name.get(part) for part in ("dropping-particle", "non-dropping-particle", "family", "suffix"))
    family = " ".join(filter(None, parts)) or name.get("literal", "")
    return _named(without_marks(family), without_marks(name.get("given", "")))
