"""Marks at the head of an entry that stand for the names of the entry before: a dash, "Ders.", a rule that is drawn."""

from __future__ import annotations

import re
from dataclasses import replace

from dl_lit.core.model import Name, Reference
from dl_lit.core.values import dataclass
from dl_lit.pdf.name_patterns import EDITORS, ET_AL

_YEAR = r"(?:(?:1[5-9]|20)\d\d[a-z]?(?:\s?[/–-]\s?\d{2,4})?|n\.\s?d\.|s\.\s?[af]\.|o\.\s?J\.)"
_LONG_DASH = re.compile(r"(?:[-–—_⸺⸻]\s?){2,}[.,:]?\s*")
_SHORT_DASH = re.compile(r"[–—_⸺⸻][.,:]?\s*(?=[^\s.,:])")
_HE = re.compile(r"(?:Ders\.|Ders(?=[,:\s])|Derselbe(?=\s?[.,:(]))[,:]?\s*")
_THEY = re.compile(r"(?:(?:Dies|Id|Ead|Iid)\.|(?:Dieselben?|[Ii]dem|Eadem|Iidem)(?=\s?[.,:(]))[.,:]?\s*")
# The rule was drawn, not set: what is left begins with the mark or the year that stood behind it.
_NOTHING = re.compile(
    rf"[.,]\s*(?={_YEAR}[.,:\s]|[(\[]{_YEAR}[)\]]|(?:eds?|trans|comp|hg|hrsg)\.)|(?=\({_YEAR}\)[.,:\s])"
)
_NOTHING_BUT_A_STOP = re.compile(r"\.\s+(?=[^\W\d_]\w)(?![\w’'\- ]{2,40},\s[^\W\d_]{1,2}\.|[\w\-]+\s[^\W\d_]{1,3},)")
_DATED_OR_QUOTED = re.compile(rf"[(\[]?{_YEAR}[)\].,:]|[„»«“\"]|[(\[](?:Hg|Hrsg|eds?)\b", re.IGNORECASE)
_WITH_OTHERS = re.compile(r"(?:[/&;]|und\s|u\.\s(?!a)|and\s(?!others)|et\s|y\s|e\s)")


@dataclass(frozen=True, slots=True)
class Repetition:
    """A mark in the place of names: the entry goes on at `end`."""

    end: int
    first_alone: bool = False  # it stands for one person: the first of several
    with_others: bool = False  # further names stand behind it
    are_editors: bool = False


def repetition_at_head(text: str, *, has_bullets: bool = False) -> Repetition | None:
    """The mark that `text`, an entry, begins with; `None` where there is none.

    In a list that `has_bullets` a single dash says nothing unless a year or a title in quotation marks follows.
    """
    first_alone = False
    if not (mark := _LONG_DASH.match(text)):
        if mark := _SHORT_DASH.match(text):
            if has_bullets and not _DATED_OR_QUOTED.match(text, mark.end()):
                return None
        elif mark := _HE.match(text):
            first_alone = True
        else:
            mark = (
                _THEY.match(text)
                or _NOTHING.match(text)
                or (_NOTHING_BUT_A_STOP.match(text) if not has_bullets else None)
            )
    if mark is None:
        return None
    if _WITH_OTHERS.match(text, mark.end()):
        return Repetition(mark.end(), first_alone, with_others=True)
    et_al = ET_AL.match(text, mark.end())
    end = et_al.end() if et_al else mark.end()
    editors = EDITORS.match(text, end)
    if editors and re.search(r"[.)\]]\s*$", editors.group()):
        return Repetition(editors.end(), first_alone, are_editors=True)
    return Repetition(end, first_alone)


def begins_with_bullet(text: str) -> bool:
    """Whether a single dash or stop stands at the head: at the head of a list's first entry it repeats nothing."""
    return bool(_SHORT_DASH.match(text) or _NOTHING_BUT_A_STOP.match(text)) and not _LONG_DASH.match(text)


def repeated_from(before: Reference | None, reference: Reference, mark: Repetition) -> Reference:
    """`reference` with the names of the entry `before` in the place of its `mark`."""
    named = tuple(name for name in reference.authors if not is_mark(name)) if mark.with_others else ()
    people = (before.authors or before.editors) if before else ()
    people = (people[:1] if mark.first_alone else people) + named
    sure = dict(before.field_confidence) if before else {}
    own = dict(reference.field_confidence)
    role = "editors" if mark.are_editors else "authors"
    own.pop("authors", None)
    if people:
        own[role] = sure.get("authors", sure.get("editors", reference.confidence))
    confidence = tuple(own.items())
    if mark.are_editors:
        return replace(reference, authors=(), editors=people, field_confidence=confidence)
    return replace(reference, authors=people, field_confidence=confidence)


def is_mark(name: Name) -> bool:
    """Whether what was read as a name is none but stands for one: a dash, "Ders."."""
    literal = (name.literal or name.family or "").strip(" .,:") + "."
    return not re.search(r"[^\W\d_]", literal) or bool(_HE.fullmatch(literal) or _THEY.fullmatch(literal))
