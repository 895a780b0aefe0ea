"""What is written for other programs, read back: exports, the list of what is missing, reports, names of files."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import cache
from pathlib import PurePosixPath

import rispy
from bibtexparser.entrypoint import parse_string
from bibtexparser.library import Library
from bibtexparser.middlewares import LatexDecodingMiddleware
from bibtexparser.model import Entry
from proofs.text.attacks import Attack, acting, plain
from proofs.text.readers import Page

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.core.naming import DEFAULT_TEMPLATE
from dl_lit.core.reasons import Reason
from dl_lit.exports.bibtex import Dialect, bibtex
from dl_lit.exports.csl_json import csl_json
from dl_lit.exports.csv_table import csv_table
from dl_lit.exports.jsonl import jsonl
from dl_lit.exports.keys import bare_key
from dl_lit.exports.missing import MissingItem, Visit, missing_csv, missing_html, missing_ris
from dl_lit.exports.record import ExportRecord, ItemState
from dl_lit.exports.report import index_report, source_report
from dl_lit.exports.report_model import EntryReport, IndexRow, SourceReport
from dl_lit.exports.ris import ris
from dl_lit.library.names import Naming

Complaint = tuple[str, str]  # "lost", "doubled" or "untyped", and what was seen
Check = Callable[[Attack], Iterator[Complaint]]

_AT = datetime(2026, 11, 23, tzinfo=UTC)
_FORMULA = re.compile(r"[\s\u200b\ufeff]*[=+\-@＝＋－＠]")
_BARE = re.compile(r"(?<!\\)[%$#&_^~]")
_MATH = re.compile(r"\{\$[\w ^=+]*\$\}")  # a formula that can do no harm
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|\w+);")
_ACTIVE = re.compile(r"\\(?:input|include|write|immediate|openout|openin|read|def|catcode|csname|end|begin|usepackage)")
_RIS_LINE = re.compile(r"[A-Z][A-Z0-9]  - ")
_DEFENDED = "'"


def work_of(text: str) -> Work:
    """A work with `text` wherever a work has text."""
    return Work(
        title=text,
        type=WorkType.ARTICLE_JOURNAL,
        authors=(Name(text, text), Name(literal=text)),
        editors=(Name(family=text),),
        year=2019,
        **dict.fromkeys(("container_title", "publisher", "volume", "issue", "doi", "url", "abstract"), text),
        **dict.fromkeys(("arxiv_id", "pmid", "isbn"), text),
    )


def record_of(text: str) -> ExportRecord:
    """Its record, `text` in the notes and the names of its files too."""
    work = work_of(text)
    return ExportRecord(
        key=bare_key(work), work=work, state=ItemState.DOWNLOADED, file=text, notes=(text,), sources=(text,)
    )


def _missing(text: str) -> MissingItem:
    return MissingItem(
        name="w1", work=work_of(text), is_recognised=False, state=ItemState.FAILED, reason=Reason.BLOCKED_PAYWALL,
        detail=text, sources=(text,), visits=(Visit(url=text, reason=Reason.BLOCKED_PAYWALL),), resolver=text,
        held=text, raw=text,
    )  # fmt: skip


def as_title(text: str) -> str:
    """What is to be read of a text that may be escaped once or twice, as titles of services are."""
    for _ in range(2):
        text = _ENTITY.sub(lambda match: html.unescape(match[0]), text)
    return plain(text)


def letters(text: str) -> str:
    """The letters and digits of ASCII in `text`: what every writing of it keeps."""
    return re.sub(r"[^A-Za-z0-9]", "", text)


def _controls(text: str, allowed: str = "\n") -> Iterator[Complaint]:
    if found := acting(text, allowed):
        yield "doubled", f"acting characters {', '.join(found)}"


def _is_there(name: str, expected: str, found: str) -> Iterator[Complaint]:
    if expected != found:
        yield "lost", f"{name} reads {found[:80]!r}, not {expected[:80]!r}"


def _bibtex(attack: Attack, dialect: Dialect) -> Iterator[Complaint]:
    text = "".join(bibtex([record_of(attack.text)], dialect))
    yield from _controls(text, "\n\t")
    read = parse_string(text)
    entries = read.entries
    if len(read.blocks) - len(read.comments) != 1 or len(entries) != 1 or read.failed_blocks:
        yield "doubled", f"{len(entries)} entries, {len(read.blocks)} blocks, {len(read.failed_blocks)} broken"
        return
    if "@" in text.partition(f"@{entries[0].entry_type}{{")[0]:
        yield "doubled", "an entry begins within a comment"
    allowed = _bibtex_fields(dialect)
    fields = {one.key: str(one.value) for one in entries[0].fields}
    if odd := fields.keys() - allowed:
        yield "doubled", f"fields {sorted(odd)}"
    for name in fields.keys() & {"title", "author", "journal", "journaltitle", "note", "abstract"}:
        if _BARE.search(_MATH.sub("", fields[name])) or _ACTIVE.search(fields[name].replace(r"\textbackslash{}", "")):
            yield "doubled", f"{name} has commands of LaTeX: {fields[name][:120]!r}"
    told = _decoded(entries[0], "abstract")
    wanted = letters(as_title(attack.text))
    if wanted and letters(told) != wanted and attack.text.isascii():
        yield "lost", f"abstract reads {told[:80]!r}"


def _decoded(entry: Entry, name: str) -> str:
    """The field as LaTeX shows it; empty where there is none. To decode all of them takes most of the proof's time."""
    alone = Entry(entry.entry_type, entry.key, [field for field in entry.fields if field.key == name])
    (decoded,) = LatexDecodingMiddleware().transform(Library([alone])).entries
    return str(decoded.fields_dict[name].value) if name in decoded.fields_dict else ""


@cache
def _bibtex_fields(dialect: Dialect) -> frozenset[str]:
    (entry,) = parse_string("".join(bibtex([record_of("Harmless")], dialect))).entries
    return frozenset(one.key for one in entry.fields)


def _bibtex_check(attack: Attack) -> Iterator[Complaint]:
    yield from _bibtex(attack, Dialect.BIBTEX)


def _biblatex_check(attack: Attack) -> Iterator[Complaint]:
    yield from _bibtex(attack, Dialect.BIBLATEX)


def _ris_text(text: str, attack: Attack) -> Iterator[Complaint]:
    yield from _controls(text.replace("\r\n", "\n"))
    records = rispy.loads(text)
    if len(records) != 1:
        yield "doubled", f"{len(records)} records"
        return
    if odd := [line for line in text.split("\r\n") if line and not _RIS_LINE.match(line)]:
        yield "doubled", f"lines that are no fields: {odd[:2]}"
    yield from _is_there("title", as_title(attack.text), records[0].get("title", ""))


def _ris(attack: Attack) -> Iterator[Complaint]:
    yield from _ris_text("".join(ris([record_of(attack.text)])), attack)


def _missing_ris(attack: Attack) -> Iterator[Complaint]:
    yield from _ris_text("".join(missing_ris([_missing(attack.text)])), attack)


def _csv_text(text: str, attack: Attack) -> Iterator[Complaint]:
    yield from _controls(text.replace("\r\n", "\n"))
    header, *rows = csv.reader(io.StringIO(text, newline=""))
    if len(rows) != 1 or len(rows[0]) != len(header):
        yield "doubled", f"{len(rows)} rows of {[len(row) for row in rows][:3]} cells"
        return
    if formulas := [cell for cell in rows[0] if _FORMULA.match(cell)]:
        yield "doubled", f"formula {formulas[0][:80]!r}"
    found = rows[0][header.index("title")]
    expected = as_title(attack.text)
    yield from _is_there("title", expected, found.removeprefix(_DEFENDED) if found != expected else found)


def _csv(attack: Attack) -> Iterator[Complaint]:
    yield from _csv_text("".join(csv_table([record_of(attack.text)])), attack)


def _missing_csv(attack: Attack) -> Iterator[Complaint]:
    yield from _csv_text("".join(missing_csv([_missing(attack.text)])), attack)


def _csl(attack: Attack) -> Iterator[Complaint]:
    text = "".join(csl_json([record_of(attack.text)]))
    yield from _controls(text)
    (item,) = json.loads(text)
    yield from _is_there("title", as_title(attack.text), item.get("title", ""))
    yield from _is_there("container-title", as_title(attack.text), item.get("container-title", ""))
    if item.keys() - _csl_names():
        yield "doubled", f"fields {sorted(item.keys() - _csl_names())}"


@cache
def _csl_names() -> frozenset[str]:
    return frozenset(json.loads("".join(csl_json([record_of("Harmless")])))[0])


def _jsonl(attack: Attack) -> Iterator[Complaint]:
    text = "".join(jsonl([record_of(attack.text)]))
    yield from _controls(text)
    if len(text.splitlines()) != 1:
        yield "doubled", "more than one line"
    yield from _is_there("title", attack.text, json.loads(text)["work"]["title"])


def _report(text: str) -> SourceReport:
    entries = tuple(
        EntryReport(
            position=position, raw=text, state=state, label=text, reason=reason, detail=text, work=work_of(text),
            matched_by=text, licence=text, file=file, location_url=text, read_by=text, duplicate_of=double,
        )
        for position, (state, reason, file, double) in enumerate(
            (
                (ItemState.DOWNLOADED, None, text, None),
                (ItemState.FAILED, Reason.NO_MATCH, None, None),
                (ItemState.DUPLICATE, None, None, text),
            ),
            start=1,
        )
    )  # fmt: skip
    return SourceReport(
        file_name=text, generated_at=_AT, title=text, doi=text, sha256="0" * 64, page_count=1,
        authors=(Name(text, text),), arxiv_id=text, detail=text, entries=entries,
    )  # fmt: skip


def _source_page(text: str) -> str:
    return source_report(_report(text), index_href=text)


def _index_page(text: str) -> str:
    return index_report([IndexRow(text, _report(text))], generated_at=_AT, title=text, earlier=[text])


def _missing_page(text: str) -> str:
    return missing_html([_missing(text)], generated_at=_AT, hand_in=text)


def _page_check(page: Callable[[str], str]) -> Check:
    @cache
    def usual() -> Page:
        return Page(page("https://example.org/Harmless"))

    def check(attack: Attack) -> Iterator[Complaint]:
        text = page(attack.text)
        yield from _controls(text)
        text.encode()
        read = Page(text)
        if more := read.elements - usual().elements:
            yield "doubled", f"elements {sorted(more)[:3]}"
        if read.strange_links:
            yield "doubled", f"link to {read.strange_links[0][:80]!r}"
        if plain(attack.text) not in read.text:
            yield "lost", "the page does not show the text"

    return check


def _file_name(attack: Attack) -> Iterator[Complaint]:
    work = work_of(attack.text)
    for naming in (Naming(template=DEFAULT_TEMPLATE), Naming(template=DEFAULT_TEMPLATE, ascii_only=False)):
        for name in naming.candidates(work, "ab" * 32):
            path = PurePosixPath(name)
            yield from _controls(name, "")
            if len(name.encode()) > 400 or path.is_absolute() or path.name.startswith(("-", ".", "~")):
                yield "doubled", f"name {name[:80]!r}"
            if re.search(r"[\\:*?\"<>|$`;&{}%=]", name) or ".." in name or "//" in name:
                yield "doubled", f"name {name[:80]!r}"
            if len(path.parts) != len(PurePosixPath(_usual_name()).parts):
                yield "doubled", f"folders in {name[:80]!r}"


@cache
def _usual_name() -> str:
    return next(Naming().candidates(work_of("Harmless"), "ab" * 32))


CHECKS: dict[str, Check] = {
    "file names": _file_name,
    "BibTeX": _bibtex_check,
    "biblatex": _biblatex_check,
    "RIS": _ris,
    "CSV": _csv,
    "CSL-JSON": _csl,
    "JSON lines": _jsonl,
    "report of a source": _page_check(_source_page),
    "index of a run": _page_check(_index_page),
    "missing, HTML": _page_check(_missing_page),
    "missing, RIS": _missing_ris,
    "missing, CSV": _missing_csv,
}
