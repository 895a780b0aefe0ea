"""BibTeX and biblatex with links to the files, as Zotero and JabRef read them.

The `file` field is `description:path:mimetype` with a backslash before backslash, colon, semicolon and dollar sign
(the dialect Zotero writes and JabRef reads); paths are relative to the .bib file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from enum import StrEnum
from urllib.parse import quote

from bibtexparser.entrypoint import write_string
from bibtexparser.library import Library
from bibtexparser.model import Entry, Field

from dl_lit.core.controls import acts
from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.latex import escape_specials, protect_title, to_latex
from dl_lit.exports.record import ExportRecord, notes_of, one_line

FILE_DESCRIPTION = "Full Text PDF"
PDF_TYPE = "application/pdf"
ENTRIES_A_PIECE = 200


class Dialect(StrEnum):
    """The two languages of .bib files."""

    BIBTEX = "bibtex"  # characters beyond ASCII as LaTeX commands
    BIBLATEX = "biblatex"  # Unicode, and biblatex's own types and field names


_TYPES = {
    Dialect.BIBTEX: {
        WorkType.ARTICLE_JOURNAL: "article",
        WorkType.BOOK: "book",
        WorkType.CHAPTER: "incollection",
        WorkType.PAPER_CONFERENCE: "inproceedings",
        WorkType.THESIS: "phdthesis",
        WorkType.REPORT: "techreport",
    },
    Dialect.BIBLATEX: {
        WorkType.ARTICLE_JOURNAL: "article",
        WorkType.BOOK: "book",
        WorkType.CHAPTER: "incollection",
        WorkType.PAPER_CONFERENCE: "inproceedings",
        WorkType.THESIS: "thesis",
        WorkType.REPORT: "report",
        WorkType.ARTICLE: "online",
        WorkType.DATASET: "dataset",
        WorkType.SOFTWARE: "software",
        WorkType.WEBPAGE: "online",
    },
}
_PUBLISHER_FIELD = {
    ("phdthesis", Dialect.BIBTEX): "school",
    ("techreport", Dialect.BIBTEX): "institution",
    ("thesis", Dialect.BIBLATEX): "institution",
    ("report", Dialect.BIBLATEX): "institution",
    ("online", Dialect.BIBLATEX): "organization",
}
# Keys of babel languages that biblatex knows: https://ctan.org/pkg/biblatex, manual, "langid" (from version 3.20).
_LANGIDS = {"en": "english", "de": "german", "fr": "french", "es": "spanish", "it": "italian", "pt": "portuguese"}
_LANGIDS |= {"nl": "dutch", "ru": "russian", "pl": "polish", "sv": "swedish", "da": "danish", "cs": "czech"}


def bibtex(records: Iterable[ExportRecord], dialect: Dialect = Dialect.BIBTEX) -> Iterator[str]:
    """The records as pieces of a .bib file, in their order."""
    gathered: list[str] = []
    for record in records:
        gathered.append(_entry_text(record, dialect))
        if len(gathered) == ENTRIES_A_PIECE:
            yield "".join(gathered)
            gathered.clear()
    if gathered:
        yield "".join(gathered)


def file_field(path: str) -> str | None:
    """The `file` field for a PDF at `path`; None where braces or controls make it unreadable."""
    if re.search(r"[{}]", path) or acts(path):
        return None
    parts = (FILE_DESCRIPTION, path, PDF_TYPE)
    return ":".join(re.sub(r"([\\:;$])", r"\\\1", part) for part in parts)


def _entry_text(record: ExportRecord, dialect: Dialect) -> str:
    kind = _TYPES[dialect].get(record.work.type, "misc")
    texts = dict(_text_fields(record, kind, dialect))
    plain = dict(_plain_fields(record.work, dialect))
    comment = ""
    if record.file is not None:
        attached = file_field(record.file)
        if attached is None:
            named = quote(record.file, errors="replace")  # without "@", which begins an entry within a comment, too
            comment = f"% {record.key}: its file has a brace or a control in its name, not for BibTeX: {named}\n"
        else:
            plain["file"] = attached
    fields = [Field(name, value) for name, value in (texts | plain).items() if value]
    text = str(write_string(Library([Entry(kind, record.key, fields)])))
    return f"{comment}{text.strip()}\n\n"


def _text_fields(record: ExportRecord, kind: str, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The fields that are prose, in LaTeX or with its special characters escaped."""
    work, is_latex = record.work, dialect is Dialect.BIBTEX
    encode = to_latex if is_latex else escape_specials
    yield "author", _names(work.authors, dialect)
    yield "editor", _names(work.editors, dialect)
    yield "title", protect_title(one_line(work.title), encode, is_german=work.language == "de")
    if work.container_title:
        article = "journal" if is_latex else "journaltitle"
        yield article if kind in {"article", "misc"} else "booktitle", encode(one_line(work.container_title))
    if work.publisher:
        yield _PUBLISHER_FIELD.get((kind, dialect), "publisher"), encode(one_line(work.publisher))
    yield "volume", encode(one_line(work.volume or ""))
    yield "number", encode(one_line(work.issue or ""))
    yield "pages", encode(re.sub(r"\s*[-–—]+\s*", "--", one_line(work.pages or "")))
    yield "note", encode("; ".join(notes_of(record)))
    yield "abstract", encode(one_line(work.abstract or ""))


def _plain_fields(work: Work, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The fields that LaTeX reads letter by letter."""
    is_latex = dialect is Dialect.BIBTEX
    yield "year" if is_latex else "date", str(work.year or "")
    if not is_latex and work.type is WorkType.THESIS:
        yield "type", "phdthesis"
    if not is_latex and work.language in _LANGIDS:
        yield "langid", _LANGIDS[work.language]
    yield "isbn", _plain(work.isbn)
    yield "doi", _plain(work.doi)
    if work.arxiv_id:
        yield "eprint", _plain(work.arxiv_id)
        yield ("archiveprefix", "arXiv") if is_latex else ("eprinttype", "arxiv")
    elif work.pmid and not is_latex:
        yield "eprint", _plain(work.pmid)
        yield "eprinttype", "pubmed"
    yield "pmid", _plain(work.pmid)
    yield "url", _plain(work.url)


def _plain(text: str | None) -> str:
    """An address without what would end its field."""
    return one_line(text or "").replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D")


def _names(names: tuple[Name, ...], dialect: Dialect) -> str:
    return " and ".join(filter(None, (_name(name, dialect) for name in names)))


def _name(name: Name, dialect: Dialect) -> str:
    encode = to_latex if dialect is Dialect.BIBTEX else escape_specials
    if name.family is None:
        literal = encode(one_line(name.literal or name.given or ""))
        return f"{{{literal}}}" if literal else ""
    family, given = encode(one_line(name.family)), encode(one_line(name.given or ""))
    if re.search(r",|\band\b", family, re.IGNORECASE):
        family = f"{{{family}}}"
    if re.search(r",|\band\b", given, re.IGNORECASE):
        given = f"{{{given}}}"
    return f"{family}, {given}" if given else f"{{{family}}}" if " " in family else family
