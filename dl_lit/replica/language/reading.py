"""How the replica's models read bibliographies: simple rules, the same answer to the same text always."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

from dl_lit.core.model import WorkType
from dl_lit.core.model_tasks import TEXT_FIELDS
from dl_lit.core.values import dataclass

_HEADING = re.compile(
    r"^\W*(?:\d+\.?|[IVX]+\.)?\s*(?:(?:notes and |cited |further )?references(?: cited)?"
    r"|(?:select(?:ed)? )?bibliography|works cited|literature(?: cited)?"
    r"|literatur(?:verzeichnis)?|bibliogra(?:ph|f)ie|r[ée]f[ée]rences)"
    r"(?: (?:of|to|for) [\w ]{1,40})?\W*$",
    re.IGNORECASE,
)
_NUMBERED = re.compile(r"^\s*(?:\[(\d{1,4})\]|\((\d{1,4})\)|(\d{1,4})\.)\s+\S")
_LABELLED = re.compile(r"^\s*(\[[^\]\s]{2,15}\])\s+\S")
_AUTHOR_FIRST = re.compile(r"^\s*[A-ZÀ-Þ][\w'’\-]+(?: [A-ZÀ-Þ][\w'’\-]+)?, (?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ][\w'’\-]+)")
_ENDS_ENTRY = re.compile(r"[.\d)/\]]$|https?://\S+$")
_FURNITURE = re.compile(r"^\s*(?:\d{1,4}|[ivxlc]{1,6})\s*$")
_MARKER = re.compile(r"^\s*(\[[^\]\s]{1,15}\]|\(\d{1,4}\)|\d{1,4}\.)\s+")

_DOI = re.compile(r"\b10\.\d{4,9}/[^\s\"<>]+", re.IGNORECASE)
_ARXIV = re.compile(r"arXiv:\s*(\d{4}\.\d{4,5}(?:v\d+)?|[a-z\-]+/\d{7})", re.IGNORECASE)
_PMID = re.compile(r"\bPMID:?\s*(\d{1,9})")
_ISBN = re.compile(r"\bISBN(?:-1[03])?:?\s*([\d\-]{9,16}[\dXx])")
_URL = re.compile(r"https?://[^\s<>\"]+")
_YEAR = re.compile(r"\b(1[5-9]\d\d|20\d\d)[a-z]?\b")
_YEAR_IN_BRACKETS = re.compile(r"[(\[](1[5-9]\d\d|20\d\d)[a-z]?[)\]]")
_QUOTED = re.compile(r"[“\"„«]([^”\"“»]{6,400})[”\"“»]")
_NAME = r"[A-ZÀ-Þ][\w'’\-]+(?: [A-ZÀ-Þ][\w'’\-]+)?"
_INITIALS = r"(?:[A-ZÀ-Þ]\.[\s\-]?){0,3}[A-ZÀ-Þ]\."
_PERSON = re.compile(rf"(?P<family>{_NAME}),\s?(?P<given>{_INITIALS})|(?P<given2>{_INITIALS})\s?(?P<family2>{_NAME})")
_BETWEEN = re.compile(r"\s*(?:,\s*(?:and|&)\s+|,\s*|;\s*|\s(?:and|&)\s+)|\s*et al\.?,?\s*")
_SENTENCE_END = re.compile(r"(?<=\w[a-z0-9\])])[.?!]\s+(?=[\w\"“(])")
_PAGES = re.compile(r"(?:\bpp?\.\s*)?\b([A-Z]?\d{1,6})\s*[-–—]+\s*([A-Z]?\d{1,6})\b")
_VOLUME_ISSUE = re.compile(r"\b(\d{1,4})\s*\((\d{1,4}(?:[-–]\d{1,3})?)\)")
_VOLUME = re.compile(r"(?:\bvol\.?\s*|,\s*)(\d{1,4})(?=\s*[,:])")
_LONGEST_AUTHORS = 300  # characters of a first sentence that can be names


@dataclass(frozen=True, slots=True)
class Found:
    """One entry of a bibliography."""

    page: int
    verbatim: str


def entries_of(pages: Sequence[tuple[int, str]]) -> list[Found]:
    """The entries that stand on these pages (number, text), in their order; what stands before a heading is none."""
    lines = list(_listed(pages))
    starts = _starts_by_number(lines) or [at for at, (_, line) in enumerate(lines) if _LABELLED.match(line)]
    if len(starts) > 1:
        return _cut(lines, starts)
    return _cut(lines, _starts_by_shape(lines))


def _listed(pages: Sequence[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    """The lines of the list, page numbers and headings left out; blank lines are kept."""
    has_heading = any(_HEADING.match(line) for _, text in pages for line in text.splitlines())
    has_begun = not has_heading
    for page, text in pages:
        for line in text.splitlines():
            if _HEADING.match(line):
                has_begun = True
                yield page, ""
            elif has_begun and not _FURNITURE.match(line):
                yield page, line.rstrip()


def _starts_by_number(lines: Sequence[tuple[int, str]]) -> list[int]:
    """The lines with which a numbered list goes on, each one more than the last; none where it is no numbered list."""
    starts: list[int] = []
    last: int | None = None
    for at, (_, line) in enumerate(lines):
        found = _NUMBERED.match(line)
        number = int(next(filter(None, found.groups()))) if found else None
        if number is not None and (last is None or number in (last + 1, 1)):
            starts.append(at)
            last = number
    return starts if len(starts) > 1 or (starts and starts[0] == 0) else []


def _starts_by_shape(lines: Sequence[tuple[int, str]]) -> list[int]:
    """Lines after a blank one, and lines that begin with an author where the one before can be an end."""
    starts = []
    before = ""
    for at, (_, line) in enumerate(lines):
        if line and (not before or (_ENDS_ENTRY.search(before) and _AUTHOR_FIRST.match(line))):
            starts.append(at)
        before = line
    return starts


def _cut(lines: Sequence[tuple[int, str]], starts: Sequence[int]) -> list[Found]:
    found = []
    for start, end in pairwise([*starts, len(lines)]):
        parts: list[str] = []
        for _, line in lines[start:end]:
            if not line.strip():
                break
            parts.append(line.strip())
        found.append(Found(lines[start][0], joined(parts)))
    return found


def joined(lines: Sequence[str]) -> str:
    """Lines as one, words that were parted at a line's end put together."""
    text = ""
    for line in lines:
        if re.search(r"[a-zà-ÿ]-$", text) and line[:1].islower():
            text = text[:-1] + line
        else:
            text = f"{text} {line}" if text else line
    return text


def fields_of(text: str) -> dict[str, Any]:
    """The fields of one entry, in the form that `core.model_tasks` asks for; what it does not tell is null."""
    marker = _MARKER.match(text)
    rest = text[marker.end() :] if marker else text
    doi, arxiv, url = _DOI.search(rest), _ARXIV.search(rest), _web_address(rest)
    plain = _URL.sub(" ", _DOI.sub(" ", rest))
    authors, after = _people(plain)
    title, container = _title(plain, after)
    found: dict[str, Any] = dict.fromkeys(TEXT_FIELDS)
    tail = _after(plain, container or title)
    both, volume, pages = _VOLUME_ISSUE.search(tail), _VOLUME.search(tail), _PAGES.search(tail)
    found.update(
        title=title,
        container_title=container,
        volume=both[1] if both else volume[1] if volume else None,
        issue=both[2] if both else None,
        pages=f"{pages[1]}-{pages[2]}" if pages else None,
        doi=doi[0].rstrip(".,;)]") if doi else None,
        arxiv_id=arxiv[1] if arxiv else None,
        pmid=_first(_PMID, rest),
        isbn=_first(_ISBN, rest),
        url=url,
    )
    kind = _kind(rest, found)
    year = _YEAR_IN_BRACKETS.search(plain) or _last_year(_PAGES.sub(" ", plain))
    return {
        "label": marker[1] if marker else None,
        "type": kind.value,
        "authors": authors,
        "editors": [],
        "year": int(year[1]) if year else None,
        **found,
    }


def _first(pattern: re.Pattern[str], text: str) -> str | None:
    found = pattern.search(text)
    return found[1] if found else None


def _web_address(text: str) -> str | None:
    addresses = (found[0].rstrip(".,;)") for found in _URL.finditer(text))
    return next((one for one in addresses if "doi.org/" not in one), None)


def _last_year(text: str) -> re.Match[str] | None:
    found = None
    for found in _YEAR.finditer(text):  # noqa: B007 - the last one is wanted
        pass
    return found


def _people(text: str) -> tuple[list[dict[str, str | None]], int]:
    """The authors an entry begins with, and where they end; a first sentence that is no list of names is one name."""
    people: list[dict[str, str | None]] = []
    at = 0
    while found := _PERSON.match(text, at):
        family, given = found["family"] or found["family2"], found["given"] or found["given2"]
        people.append({"family": family, "given": given.strip(), "literal": None})
        at = found.end()
        between = _BETWEEN.match(text, at)
        if between is None:
            break
        at = between.end()
    if people:
        return people, at
    sentence = _SENTENCE_END.search(text)
    named = text[: sentence.start()] if sentence else ""
    if not named or len(named) > _LONGEST_AUTHORS or _QUOTED.search(named):
        return [], 0
    year = _YEAR_IN_BRACKETS.search(named)
    who = (named[: year.start()] if year else named).strip(" ,.")
    if year or " " not in who:
        return [{"family": who, "given": None, "literal": None}], year.end() if year else len(named)
    return [{"family": None, "given": None, "literal": who}], len(named)


def _title(text: str, start: int) -> tuple[str | None, str | None]:
    """Title and container: between quotation marks or the sentence after the authors, and what follows it."""
    quoted = _QUOTED.search(text, start)
    if quoted:
        return quoted[1].strip(" .,"), _container(text[quoted.end() :])
    rest = re.sub(r"^[\s.,:]*(?:[(\[]?(?:1[5-9]\d\d|20\d\d)[a-z]?[)\]]?[\s.,:]*)?", "", text[start:])
    sentence = _SENTENCE_END.search(rest)
    title = (rest[: sentence.start()] if sentence else re.split(r",\s*(?=\d)", rest)[0]).strip(" .,")
    return title or None, _container(rest[sentence.end() :]) if sentence else None


def _container(text: str) -> str | None:
    """The name that a text begins with, up to a comma, a number or the end of the sentence."""
    found = re.match(r"[\s.,:]*(?:In:?\s+)?([^\d,.:;(]{3,200})", text)
    return (found[1].strip() or None) if found else None


def _after(text: str, part: str | None) -> str:
    return text[text.find(part) + len(part) :] if part and part in text else text


def _kind(text: str, found: Mapping[str, Any]) -> WorkType:
    lower = text.lower()
    kinds = (
        (WorkType.THESIS, ("thesis", "dissertation")),
        (WorkType.PAPER_CONFERENCE, ("proceedings", "proc.", "conference", "workshop")),
        (WorkType.REPORT, ("technical report", "working paper")),
        (WorkType.ARTICLE, ("arxiv:", "preprint")),
    )
    for kind, words in kinds:
        if any(word in lower for word in words):
            return kind
    if found["volume"] and found["container_title"]:
        return WorkType.ARTICLE_JOURNAL
    if found["isbn"] or not (found["url"] or found["pages"]):
        return WorkType.BOOK
    return WorkType.WEBPAGE if found["url"] else WorkType.ARTICLE_JOURNAL
