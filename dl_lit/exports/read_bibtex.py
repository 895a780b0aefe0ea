"""Reads BibTeX and biblatex.

bibtexparser does the syntax. Values are taken out of their braces and put together here, since its own steps for that
leave out the entries it finds fault with, and those are read too.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping

from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares.names import parse_single_name_into_parts, split_multiple_persons_names
from bibtexparser.model import (
    Block,
    DuplicateBlockKeyBlock,
    DuplicateFieldKeyBlock,
    Entry,
    ImplicitComment,
    ParsingFailedBlock,
)

from dl_lit.core.identifiers import (
    normalise_arxiv_id,
    normalise_doi,
    normalise_isbn,
    normalise_pmcid,
    normalise_pmid,
)
from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.exports.file_field import file_paths
from dl_lit.exports.imported import Imported, ImportedEntry, ImportProblem, hyphenated, printed_form, year_of
from dl_lit.exports.latex.decoding import decoded
from dl_lit.exports.record import one_line

logging.getLogger("bibtexparser").setLevel(logging.CRITICAL)  # what it finds fault with is told as a problem

_TYPES = {
    "article": WorkType.ARTICLE_JOURNAL,
    "periodical": WorkType.ARTICLE_JOURNAL,
    "book": WorkType.BOOK,
    "mvbook": WorkType.BOOK,
    "collection": WorkType.BOOK,
    "proceedings": WorkType.BOOK,
    "booklet": WorkType.BOOK,
    "manual": WorkType.BOOK,
    "inbook": WorkType.CHAPTER,
    "incollection": WorkType.CHAPTER,
    "inreference": WorkType.CHAPTER,
    "inproceedings": WorkType.PAPER_CONFERENCE,
    "conference": WorkType.PAPER_CONFERENCE,
    "thesis": WorkType.THESIS,
    "phdthesis": WorkType.THESIS,
    "mastersthesis": WorkType.THESIS,
    "report": WorkType.REPORT,
    "techreport": WorkType.REPORT,
    "unpublished": WorkType.ARTICLE,
    "dataset": WorkType.DATASET,
    "software": WorkType.SOFTWARE,
    "online": WorkType.WEBPAGE,
    "electronic": WorkType.WEBPAGE,
    "www": WorkType.WEBPAGE,
}
_CONTAINERS = ("journaltitle", "journal", "booktitle", "maintitle")
_BRACED = re.compile(r"\{(?:[^{}]|\{[^{}]*\})*\}")  # one pair of braces around it all
_EXCERPT = 80  # characters


def read_bibtex(text: str) -> Imported:
    """Every entry of `text` in its order; entries that break the syntax are problems with their lines."""
    library = parse_string(text, parse_stack=())
    strings = {key.lower(): str(macro.value) for key, macro in library.strings_dict.items()}
    entries: list[ImportedEntry] = []
    problems: list[ImportProblem] = []
    position = 0
    for block in library.blocks:
        entry, problem = _examine(block)
        if problem:
            problems.append(problem)
        position += bool(entry or (problem and problem.is_entry_lost))
        if entry:
            fields = _fields(entry, strings)
            entries.append(_imported(entry, fields, position))
            if not fields.get("title", "").strip():
                problems.append(_problem(entry, "the entry has no title", lost=False))
    return Imported(tuple(entries), tuple(problems))


def _examine(block: Block) -> tuple[Entry | None, ImportProblem | None]:
    """The entry in a block and what is wrong with it; neither for strings, preambles and comments."""
    match block:
        case Entry():
            return block, None
        case DuplicateBlockKeyBlock() if isinstance(block.ignore_error_block, Entry):
            return block.ignore_error_block, _problem(block, f'the key "{block.key}" occurs twice', lost=False)
        case DuplicateFieldKeyBlock() if isinstance(block.ignore_error_block, Entry):
            names = ", ".join(sorted(block.duplicate_keys))
            return block.ignore_error_block, _problem(
                block, f"a field occurs twice, the first is taken: {names}", lost=False
            )
        case ParsingFailedBlock():
            reason = getattr(block.error, "abort_reason", None) or str(block.error) or "the entry breaks the syntax"
            return None, _problem(block, one_line(str(reason)), lost=True)
        case ImplicitComment() if re.search(r"@\s*\w+\s*[{(]|\w\s*=\s*[{\"]", block.comment):
            return None, _problem(block, "text between two entries looks like a part of one", lost=False)
    return None, None


def _problem(block: Block, message: str, *, lost: bool) -> ImportProblem:
    return ImportProblem((block.start_line or 0) + 1, message, one_line(block.raw or "")[:_EXCERPT], lost)


def _fields(entry: Entry, strings: Mapping[str, str]) -> dict[str, str]:
    """The entry's fields by their names in lower case; of a field that occurs twice, the first."""
    fields: dict[str, str] = {}
    for field in entry.fields:
        fields.setdefault(field.key.lower(), _value(str(field.value), strings))
    return fields


def _value(raw: str, strings: Mapping[str, str]) -> str:
    """A field's value: enclosing braces or quotation marks gone, macros looked up, parts joined by "#" put together."""
    return "".join(_part(part.strip(), strings) for part in _parts(raw))


def _part(part: str, strings: Mapping[str, str]) -> str:
    if len(part) > 1 and (part[0], part[-1]) in {("{", "}"), ('"', '"')}:
        return part[1:-1]
    macro = strings.get(part.lower())
    return part if macro is None or macro == part else _value(macro, {})


def _parts(raw: str) -> list[str]:
    """`raw` cut at each "#" outside of braces and quotation marks."""
    parts, depth, is_quoted = [""], 0, False
    for piece in re.findall(r"\\.|.", raw, re.DOTALL):
        depth += {"{": 1, "}": -1}.get(piece, 0)
        is_quoted ^= piece == '"' and depth == 0
        if piece == "#" and depth == 0 and not is_quoted:
            parts.append("")
        else:
            parts[-1] += piece
    return parts


def _imported(entry: Entry, fields: Mapping[str, str], position: int) -> ImportedEntry:
    return ImportedEntry(
        reference=_reference(entry.entry_type.lower(), fields, position),
        line=(entry.start_line or 0) + 1,
        key=entry.key or None,
        files=tuple(file_paths(fields.get("file", ""))),
    )


def _reference(kind: str, fields: Mapping[str, str], position: int) -> Reference:
    def text(*names: str) -> str | None:
        return next((decoded for name in names if (decoded := _decoded(fields.get(name)))), None)

    doi = normalise_doi(fields.get("doi")) or normalise_doi(fields.get("url"))
    arxiv_id = _arxiv_id(fields)
    work_type = _TYPES.get(kind, WorkType.DOCUMENT)
    if arxiv_id and work_type in {WorkType.DOCUMENT, WorkType.WEBPAGE}:
        work_type = WorkType.ARTICLE
    authors, editors = _names(fields.get("author")), _names(fields.get("editor"))
    title, container = text("title"), text(*_CONTAINERS, *(("series",) if work_type is WorkType.BOOK else ()))
    if container is None and not re.search(r"://|\\url\b", fields.get("howpublished", "")):
        container = text("titleaddon", "howpublished")
    subtitle = text("subtitle")
    title = f"{title}: {subtitle}" if title and subtitle else title
    volume, issue, pages = text("volume"), text("number", "issue"), hyphenated(text("pages"))
    year = year_of(fields.get("year")) or year_of(fields.get("date"))
    url = one_line(fields["url"]) if fields.get("url") else None
    numbers = ", ".join(filter(None, (volume, issue, pages)))
    address = f"https://doi.org/{doi}" if doi else url
    return Reference(
        position=position,
        raw=printed_form(
            authors=authors, year=year, title=title, container=container, numbers=numbers, address=address
        ),
        type=work_type,
        authors=authors,
        editors=editors,
        title=title,
        container_title=container,
        publisher=text("publisher", "school", "institution", "organization"),
        year=year,
        volume=volume,
        issue=issue,
        pages=pages,
        doi=doi,
        arxiv_id=arxiv_id,
        pmid=normalise_pmid(fields.get("pmid"))
        or (normalise_pmid(fields.get("eprint")) if _is_pubmed(fields) else None),
        pmcid=normalise_pmcid(fields.get("pmcid")),
        isbn=normalise_isbn(fields.get("isbn")),
        url=url,
        confidence=1.0,
    )


def _is_pubmed(fields: Mapping[str, str]) -> bool:
    return fields.get("eprinttype", "").lower() == "pubmed"


def _arxiv_id(fields: Mapping[str, str]) -> str | None:
    is_arxiv = "arxiv" in (fields.get("eprinttype", "") + fields.get("archiveprefix", "")).lower()
    given = fields.get("eprint") if is_arxiv else None
    return normalise_arxiv_id(given) or normalise_arxiv_id(fields.get("arxiv")) or normalise_arxiv_id(fields.get("url"))


def _names(field: str | None) -> tuple[Name, ...]:
    if not field or not field.strip():
        return ()
    people = split_multiple_persons_names(re.sub(r"\s+", " ", field))
    names = (_name(person) for person in people if person.strip().lower() != "others")
    return tuple(name for name in names if name.sort_key)


def _name(person: str) -> Name:
    if _BRACED.fullmatch(person.strip()):
        return Name(literal=_decoded(person))
    parts = parse_single_name_into_parts(person, strict=False)
    family = _decoded(" ".join([*parts.von, *parts.last, *parts.jr]))
    return Name(family=family, given=_decoded(" ".join(parts.first)))


def _decoded(text: str | None) -> str | None:
    """`text` in Unicode, LaTeX's commands and braces gone; None for nothing."""
    return (one_line(decoded(text)) or None) if text else None
