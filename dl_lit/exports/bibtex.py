"""BibTeX and biblatex with links to the files, as Zotero, JabRef, LaTeX and biber read them.

Prose is in LaTeX: accents as commands for BibTeX, Unicode for biblatex. Identifiers, addresses and paths stand letter
by letter, as `url` and `hyperref` want them; paths are relative to the .bib file.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.file_field import FileForm, file_field
from dl_lit.exports.latex.encoding import escape_specials, to_latex
from dl_lit.exports.latex.titles import title, words
from dl_lit.exports.record import ExportRecord, notes_of, one_line, path_as_uri
from dl_lit.exports.rich.text import plain

ENTRIES_A_PIECE = 200


class Dialect(StrEnum):
    """The two languages of .bib files."""

    BIBTEX = "bibtex"  # characters beyond ASCII as LaTeX commands
    BIBLATEX = "biblatex"  # Unicode, and biblatex's own types and field names


# https://ctan.org/pkg/biblatex, manual, section 2.1 (types) and 2.2 (fields), version 3.20; https://ctan.org/pkg/bibtex,
# btxdoc (read 2026-11-23).
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
    ("misc", Dialect.BIBLATEX): "organization",
}
_CONTAINER_FIELD = {"incollection": "booktitle", "inproceedings": "booktitle", "book": "series"}
_KIND_FIELD = {"thesis": "phdthesis", "report": "techreport"}  # what biblatex wants to know of these besides
# Babel's names of the languages that biblatex has words for: its manual, section 4.9.2, "langid".
_LANGIDS = {
    "bg": "bulgarian", "ca": "catalan", "cs": "czech", "da": "danish", "de": "german", "el": "greek", "en": "english",
    "es": "spanish", "et": "estonian", "eu": "basque", "fi": "finnish", "fr": "french", "hr": "croatian",
    "hu": "hungarian", "is": "icelandic", "it": "italian", "lt": "lithuanian", "lv": "latvian", "nb": "norsk",
    "nl": "dutch", "nn": "nynorsk", "no": "norsk", "pl": "polish", "pt": "portuguese", "ro": "romanian",
    "ru": "russian", "sk": "slovak", "sl": "slovene", "sr": "serbian", "sv": "swedish", "tr": "turkish",
    "uk": "ukrainian",
}  # fmt: skip
_SUFFIX = re.compile(r"(?P<family>.*[^\s,]),? (?P<suffix>(?:[JS]r\.?|II|III|IV))")
_NEEDS_BRACES = re.compile(r",|=|\band\b|^others$", re.IGNORECASE)
_LOOSE_SIGN = re.compile(r"(?<!\{)\\[&%$#_]")
_RANGE = re.compile(r"\s*[-–—]+\s*")


def bibtex(
    records: Iterable[ExportRecord], dialect: Dialect = Dialect.BIBTEX, file_form: FileForm = FileForm.ZOTERO
) -> Iterator[str]:
    """The records as pieces of a .bib file, in their order."""
    gathered: list[str] = []
    for record in records:
        gathered.append(_entry(record, dialect, file_form))
        if len(gathered) == ENTRIES_A_PIECE:
            yield "".join(gathered)
            gathered.clear()
    if gathered:
        yield "".join(gathered)


def _entry(record: ExportRecord, dialect: Dialect, file_form: FileForm) -> str:
    kind = _TYPES[dialect].get(record.work.type, "misc")
    lines = [f"@{kind}{{{record.key}"]
    lines += [f"\t{name} = {{{value}}}" for name, value in _text_fields(record, kind, dialect) if value]
    lines += [f"\t{name} = {{{value}}}" for name, value in _plain_fields(record.work, kind, dialect) if value]
    if dialect is Dialect.BIBLATEX and record.former_keys:
        lines.append(f"\tids = {{{','.join(record.former_keys)}}}")
    comment = ""
    if record.file is not None:
        attached = file_field(record.file, file_form)
        if attached is None:
            named = path_as_uri(record.file)  # without "@", which begins an entry within a comment, too
            comment = f"% {record.key}: its file has a name that no .bib file can hold: {named}\n"
        else:
            lines.append(f"\tfile = {{{attached}}}")
    return comment + ",\n".join(lines) + "\n}\n\n"


def _text_fields(record: ExportRecord, kind: str, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The fields that are prose, in LaTeX or with its special characters escaped."""
    work = record.work
    encode = to_latex if dialect is Dialect.BIBTEX else escape_specials
    yield "author", _names(work.authors, encode)
    yield "editor", _names(work.editors, encode)
    yield "title", title(work.title, encode, is_german=work.language == "de")
    if work.container_title:
        yield _container_field(kind, dialect), words(work.container_title, encode)
    if work.publisher:
        yield _PUBLISHER_FIELD.get((kind, dialect), "publisher"), encode(plain(work.publisher))
    yield "volume", encode(plain(work.volume or ""))
    yield "number", encode(plain(work.issue or ""))
    yield "pages", "--".join(map(encode, _RANGE.split(plain(work.pages or ""))))
    yield "note", encode("; ".join(notes_of(record)))
    yield "abstract", encode(plain(work.abstract or ""))


def _container_field(kind: str, dialect: Dialect) -> str:
    """Where a style prints what a work of this type is part of, or at least does not mind it."""
    if kind == "article":
        return "journal" if dialect is Dialect.BIBTEX else "journaltitle"
    if dialect is Dialect.BIBLATEX and kind in {"online", "thesis", "report"}:
        return "titleaddon"
    return _CONTAINER_FIELD.get(kind, "howpublished")


def _plain_fields(work: Work, kind: str, dialect: Dialect) -> Iterator[tuple[str, str]]:
    """The fields that LaTeX reads letter by letter."""
    is_latex = dialect is Dialect.BIBTEX
    yield "year" if is_latex else "date", str(work.year or "")
    if not is_latex:
        yield "type", _KIND_FIELD.get(kind, "")
        yield "langid", _LANGIDS.get(work.language or "", "")
    yield "isbn", _verbatim(work.isbn)
    yield "doi", _verbatim(work.doi)
    if work.arxiv_id:
        yield "eprint", _verbatim(work.arxiv_id)
        yield ("archiveprefix", "arXiv") if is_latex else ("eprinttype", "arxiv")
    elif work.pmid and not is_latex:
        yield "eprint", _verbatim(work.pmid)
        yield "eprinttype", "pubmed"
    if is_latex or work.arxiv_id:
        yield "pmid", _verbatim(work.pmid)
    yield "url", _verbatim(work.url)


def _verbatim(text: str | None) -> str:
    """An address without what would end its field or break it in two."""
    if not text:
        return ""
    return one_line(text).replace("\\", "%5C").replace("{", "%7B").replace("}", "%7D").replace(" ", "%20")


def _names(names: tuple[Name, ...], encode: Callable[[str], str]) -> str:
    return " and ".join(filter(None, (_name(name, encode) for name in names)))


def _name(name: Name, encode: Callable[[str], str]) -> str:
    """A person as "von Last, Jr, First"; a body, and a family name of several words alone, in braces."""
    if name.family is None:
        return _body(plain(name.literal or name.given or ""), encode)
    family, given = plain(name.family), plain(name.given or "")
    if not family or not given:
        alone = family or given
        is_one_word = family and " " not in alone and not _NEEDS_BRACES.search(alone)
        return _held(encode(alone)) if is_one_word else _body(alone, encode)
    suffix = _SUFFIX.fullmatch(family)
    if "," in (suffix["family"] if suffix else family) + given:
        return _body(f"{family}, {given}", encode)  # biber counts commas within braces, too, and drops the whole entry
    if suffix is None:
        return f"{_family(family, encode)}, {_part(given, encode)}"
    return f"{_family(suffix['family'], encode)}, {suffix['suffix']}, {_part(given, encode)}"


def _body(text: str, encode: Callable[[str], str]) -> str:
    """In braces; a body called "others" is not all the others, which biber takes it for in any braces."""
    if not text:
        return ""
    return f"{{{'{}' if text.lower() == 'others' else ''}{_held(encode(text))}}}"


def _family(text: str, encode: Callable[[str], str]) -> str:
    """A family name; its last word in braces where it is in small letters, which biber takes for a particle."""
    if _NEEDS_BRACES.search(text):
        return f"{{{_held(encode(text))}}}"
    before, blank, last = text.rpartition(" ")
    return f"{_held(encode(before))}{blank}{{{_held(encode(last))}}}" if last[0].islower() else _held(encode(text))


def _part(text: str, encode: Callable[[str], str]) -> str:
    return f"{{{_held(encode(text))}}}" if _NEEDS_BRACES.search(text) else _held(encode(text))


def _held(encoded: str) -> str:
    """With braces round every sign behind a backslash: readers of names take a bare one for an accent."""
    return _LOOSE_SIGN.sub(r"{\g<0>}", encoded)
