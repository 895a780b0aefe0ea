"""The citing work's authors: the names printed under its title, or the metadata's where the page prints them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dl_lit.core.model import Name
from dl_lit.core.particles import PARTICLES
from dl_lit.core.values import dataclass
from dl_lit.pdf.document import DocumentText, Line
from dl_lit.pdf.frontmatter.title import lines_of_title
from dl_lit.pdf.markers import CAPITAL, fold

_MOST_AUTHORS = 500
_LINES_BELOW = 80  # of the title, that may be names
_LONGEST_MARK = 12  # characters of a raised piece of a line
_SKIPPED = 4  # rows between title and byline: a second title, the kind of article
_SAME_SIZE = 0.6  # points
_NAMES_SHARE = 0.7  # of the parts of a byline that are names, at least
_CREATORS = "xmp:creators"
_STOP = re.compile(
    r"\W*(?:\d\W*)?(?:abstract|summary|zusammenfassung|résumé|resumen|resumo|riassunto|samenvatting|аннотация|introduction|"
    r"background|keywords?|schlüsselwörter|mots[- ]clés|palabras clave|highlights|contents|inhalt|table of contents|"
    r"einleitung|key ?words|1\.? introduction|реферат)\b",
    re.IGNORECASE,
)
_NO_NAME = re.compile(
    r"\b(?i:univers\w*|econom\w*|department|dept|departamento|departement|institut\w*|facult\w*|fakult\w*|school|college|centre|"
    r"center|zentrum|centro|hospital|clinic\w*|klinik\w*|laborator\w*|labs?|division|section|academy|akademie|ministry|"
    r"foundation|inc|ltd|gmbh|llc|corp\w*|corresponding|correspondence|authors?|e-?mail|address|received|accepted|"
    r"published|revised|open|access|research|article|review|report|letters?|editorial|journal|volume|issue|"
    r"licen[cs]e|copyright|available|online|street|avenue|road|box|usa|germany|china|india|france|italy|spain|"
    r"brazil|japan|canada|australia|netherlands|switzerland|sweden|norway|poland|russia|software|submitted|"
    r"repository|archive|supplementary|material|special|programme?|sciences?|graduate|council|network|agency|national|"
    r"contents?|orcid|proceedings|conference|workshop|technical|thesis|dissertation|master|bachelor|doctor\w*|society|"
    r"supervis\w*|chapter|editors?|edited|equal\w*|contribut\w*|member|professor|student|equipo|grupo|association|"
    r"университет\w*|кафедра|факультет\w*|академи\w*)\b|"
    r"\b(?:KU|TU|ETH|MIT|UC|UCL\w*|NASA|CNRS|INRIA|UK|the|The|of|for|with|from|using|on|in|at|an?|is|are|und die|"
    r"der die|doi|DOI|des|für|sur|pour|dans|les|las|los|sobre|para|una|uma|nel|per)\b"
)
_BY = re.compile(r"^(?:by|von|par|por|di|door|vorgelegt von|autho?rs?\s?:|authored by)\s+", re.IGNORECASE)
_DEGREES = re.compile(
    r",?\s*\b(?:Ph\.?\s?D|M\.?\s?D|M\.?\s?Sc|B\.?\s?Sc|M\.?P\.?H|M\.?S|B\.?A|M\.?M|M\.?B|B\.?S|M\.?B\.?A|D\.?\s?Phil|R\.?N|"
    r"MBBS|MBChB|FRCS\w*|FACS|FRCP\w*|Dipl|DVM|PharmD|DrPH|MPhil|M\.?Ed|Ed\.?D|DDS|MDS|BDS|Dr\.? med|habil)\.?"
    r"(?:[a-z](?:,\s?[a-z])*)?(?=\s*(?:[,;*†‡∗]|$|and\b|[a-z]\b))"
)
_HONOURS = re.compile(rf"\b(?:Dr|Prof|Dott|Dipl|Ing|Mr|Mrs|Ms)\.(?:-Ing\.)?\s?(?={CAPITAL})|\b(?:Dr|Professor|Prof)\s")
_MARKS = re.compile(
    r"\d{4}-\d{4}-\d{4}-\d{3}[\dX]|[*+$^~†‡§¶#∗⋆★✉✝✥♦\ue000-\uf8ff\u00ad]+|\((?:\d+|[a-z*,\s]{1,6})\)|\[[\d,\s]+\]|\d+"
)
_AND = r"(?:and|und|et|y|e|en|og|och|i|и|&)(?=\s|$)"
_PARTS = re.compile(rf"\s*[;·•|,]\s*(?:{_AND}\s*)?|\s+{_AND}\s*|^{_AND}\s*")
_GIVEN = rf"(?:{CAPITAL}(?=\s)|{CAPITAL}\.(?:[\s-]?{CAPITAL}\.)*|{CAPITAL}[\w'’\-]+\.?)"
_PARTICLE = (
    r"(?:[dDvV][aeino][rlnsu]?[aeo]?s?|[vV][oa]n|[tT]e[rn]|zu[rm]?|[lL][aeo]|al|[eE]l|bin|ibn|af|av|y|e|dos|das|do|du|"
    r"del|della|di|d['’])"
)
_FAMILY = rf"(?:[dDlLO]['’])?{CAPITAL}[\w'’\-‐]+"
_PERSON = re.compile(
    rf"(?P<given>{_GIVEN}(?:[\s-]{_GIVEN}|\s{CAPITAL}){{0,4}})\s"
    rf"(?P<family>(?:{_PARTICLE}\s){{1,3}}{_FAMILY}(?:\s(?:{_PARTICLE}\s)?{_FAMILY}){{0,2}}|{_FAMILY})"
    r"(?P<suffix>,?\s(?:Jr|Sr|II|III|IV)\.?)?"
)
_FAMILY_FIRST = re.compile(
    rf"(?P<family>(?:{_PARTICLE}\s){{0,3}}{_FAMILY}(?:\s{_FAMILY})?)\s(?P<given>{CAPITAL}{{1,3}})"
)
_REVERSED = re.compile(
    rf"(?P<family>(?:{_PARTICLE}\s){{0,3}}{_FAMILY}(?:\s{_FAMILY}){{0,2}}),\s(?P<given>{_GIVEN}(?:[\s-]{_GIVEN}|\s{CAPITAL}){{0,4}})"
)


@dataclass(frozen=True, slots=True)
class _Row:
    """What stands side by side under the title, without marks of affiliation, degrees and addresses."""

    text: str
    size: float
    y0: float
    y1: float

    @property
    def height(self) -> float:
        return self.y1 - self.y0


def own_authors(document: DocumentText, title: str | None) -> tuple[Name, ...]:
    """The authors; empty where nobody is named."""
    lines = document.pages[0].lines if document.pages else ()
    printed = _byline(lines, title)
    claimed = _claimed(document)
    words = {word for line in lines for word in _words(line.text)}
    known = [name for name in claimed if not words or set(_words(name.sort_key)) <= words]
    if known and len(known) == len(claimed) and len(known) >= len(printed):
        return tuple(known[:_MOST_AUTHORS])
    if not printed and known:
        return tuple(known[:_MOST_AUTHORS])
    return tuple(printed[:_MOST_AUTHORS])


def _words(text: str) -> list[str]:
    return [word for word in (fold(part) for part in re.split(r"[\s\-‐,;]+", text)) if len(word) > 1]


def _claimed(document: DocumentText) -> list[Name]:
    """The names that the metadata give; empty where they give but a part, or something else."""
    metadata = document.metadata
    lists = (
        [name for line in metadata.get(_CREATORS, "").split("\n") for name in _people(line)],
        _people(metadata.get("Author", "")),
    )
    return max(lists, key=len)


def _people(text: str) -> list[Name]:
    """The names in "Donald Knuth, Tony Hoare and …" or "Knuth, Donald; Hoare, Tony"; empty if any part is none."""
    text = " ".join(_HONOURS.sub("", _DEGREES.sub("", text)).split())
    if not text or len(text) > 20_000:
        return []
    if ";" in text or (single := _REVERSED.fullmatch(text)):
        parts = [part.strip() for part in text.split(";") if part.strip()]
        if all(_REVERSED.fullmatch(part) for part in parts):
            return [name for part in parts if (name := _name(part))]
        if ";" not in text and single:
            return []
    names = [_name(part) for part in _parts(text)]
    return [name for name in names if name] if all(names) else []


def _name(text: str) -> Name | None:
    """The person that `text` is; `None` if it is none."""
    text = text.strip(" .,:;")
    if not 4 <= len(text) <= 60 or _NO_NAME.search(text):
        return None
    for pattern in (_REVERSED, _FAMILY_FIRST, _PERSON):
        if match := pattern.fullmatch(text):
            family, given = _cased(match["family"]), _cased(match["given"])
            words = given.split()
            while len(words) > 1 and words[-1].casefold() in PARTICLES:  # "Ludwig Van" Beethoven
                family = f"{words.pop()} {family}"
            return Name(family=family, given=" ".join(words))
    return None


def _cased(name: str) -> str:
    """A name in capitals as others print it."""
    if len(name) > 3 and name.isupper() and "." not in name:
        return re.sub(r"[^\W\d_]+", lambda word: word.group().capitalize(), name)
    return name


def _byline(lines: Sequence[Line], title: str | None) -> list[Name]:
    """The names under the title: of the first block of rows that is names, and of like rows that follow it apart."""
    found: list[Name] = []
    first: _Row | None = None
    skipped = 0
    for block in _blocks(_below_title(lines, title)):
        if first is not None and abs(block[0].size - first.size) > 2 * _SAME_SIZE:
            continue
        names = _names_of(block, whole=first is not None)
        if names:
            first = first or block[0]
            found += names
        elif first is None:
            skipped += len(block)
            if skipped > _SKIPPED:
                break
    return list(dict.fromkeys(found))


def _blocks(rows: Iterable[_Row]) -> Iterator[list[_Row]]:
    """Rows of one size without wide gaps; after a row that is complete in itself another may begin."""
    block: list[_Row] = []
    for row in rows:
        before = block[-1] if block else None
        if before and (abs(row.size - before.size) > _SAME_SIZE or before.y0 - row.y1 > 1.2 * before.height):
            yield block
            block = []
        block.append(row)
    if block:
        yield block


def _names_of(block: Sequence[_Row], *, whole: bool) -> list[Name]:
    """The names of a block; empty where it is none of names, or where `whole` is asked for and it has others, too."""
    found: list[Name] = []
    for text in _sentences(block):
        names = [_name(part) for part in _parts(text)]
        good = [name for name in names if name]
        is_partly = not whole and not found and good and names[0] and len(good) >= _NAMES_SHARE * len(names)
        if len(good) == len(names) or is_partly:
            found += good
        elif not found and not whole:
            # A second title in the same type goes before.
            return _names_of(block[1:], whole=False) if 1 < len(block) <= _SKIPPED else []
    return found


def _sentences(block: Sequence[_Row]) -> Iterator[str]:
    """The rows' texts, those put together that only together are names: "…, Thomas L." and "Griffiths, …"."""
    text = ""
    for row in block:
        if text and _is_complete(text) and not re.match(rf"[,;&]|{_AND}", row.text):
            first = (_parts(row.text) or [""])[0]
            if " " in first or not all(_name(part) for part in _parts(f"{text} {row.text}")):
                yield text
                text = ""
        text = f"{text} {row.text}".strip()
    if text:
        yield text


def _is_complete(text: str) -> bool:
    """Whether `text` is nothing but whole names and asks for no more."""
    is_open = re.search(rf"(?:[,;&]|\b(?:and|und|et|y|e)|\s{CAPITAL}\.)$", text)
    return not is_open and all(_name(part) for part in _parts(text))


def _parts(text: str) -> list[str]:
    """What commas and "and" part, single letters of affiliations left out."""
    parts = (part.strip(" .,:;-–") for part in _PARTS.split(" ".join(text.split())))
    return [part for part in parts if part and not (len(part) <= 2 and part.islower())]


def _below_title(lines: Sequence[Line], title: str | None) -> Iterator[_Row]:
    """The rows under the title up to the abstract, from the top."""
    heads = lines_of_title(lines, title)
    if not heads:
        return
    left, bottom = min(line.x0 for line in heads), min(line.y0 for line in heads)
    below = [
        line
        for line in lines
        if line.y1 < bottom + 0.7 * line.height
        and line.x1 > left + 5
        and line not in heads
        and line.height < 3 * (line.x1 - line.x0)
    ]
    below.sort(key=lambda line: (-line.y0, line.x0))
    for row in _side_by_side(below[:_LINES_BELOW]):
        if _STOP.match(row[0].text):
            return
        main = max(row, key=lambda line: len(line.text))
        yield _Row(_joined(row, main), main.size, main.y0, main.y1)


def _side_by_side(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines by row, each from left to right."""
    row: list[Line] = []
    for line in lines:
        if row and min(row[0].y1, line.y1) - max(row[0].y0, line.y0) < 0.5 * min(row[0].height, line.height):
            yield sorted(row, key=lambda line: line.x0)
            row = []
        row.append(line)
    if row:
        yield sorted(row, key=lambda line: line.x0)


def _joined(row: Sequence[Line], main: Line) -> str:
    """The row's text; what a wide gap parts are columns: names of their own."""
    text = ""
    end = row[0].x0
    for line in row:
        if len(line.text) <= _LONGEST_MARK and line.size < 0.8 * main.size:
            end = max(end, line.x1)
            continue
        gap = line.x0 - end
        text += (", " if gap > 1.2 * main.height and text else " ") + _plain(line)
        end = max(end, line.x1)
    return _tidy(text)


def _plain(line: Line) -> str:
    """A line without marks of affiliation, degrees and addresses."""
    text = line.text
    for start, end in sorted(line.raised, reverse=True):
        text = text[:start] + " " + text[end:]
    text = re.sub(r"\S+@\S+|https?:\S+|\bORCID\S*", " ", text)
    return _MARKS.sub(" ", _HONOURS.sub("", _DEGREES.sub("", _BY.sub("", text))))


def _tidy(text: str) -> str:
    """White space and commas, of which some lost what was between them, put right."""
    text = re.sub(r"\s+([,;])", r"\1", " ".join(text.split()))
    return re.sub(r"[,;](?:\s*[,;])+", ",", text).strip()
