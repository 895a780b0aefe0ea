"""The names at the head of an entry, in whatever order and style they are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.model import Name
from dl_lit.core.values import dataclass
from dl_lit.pdf.name_patterns import (
    ABBREVIATED,
    AFTER_NAMES,
    BODY_WORDS,
    CLOSING_BODY,
    EDITORS,
    ET_AL,
    GIVEN_FIRST,
    INITIALS_FIRST,
    INITIALS_ONLY,
    ODD_NAME,
    PARTICLE_WORDS,
    REPEATED,
    REVERSED_DOTTED,
    REVERSED_FULL,
    SEPARATOR,
    SEPARATOR_AND,
    VANCOUVER,
)

STYLES_OF = {
    "family-first": frozenset({"reversed", "vancouver", "full"}),
    "given-first": frozenset({"initials", "given"}),
}


def order_of(styles: Sequence[str]) -> str | None:
    """The order that a list's entries keep, from the styles they were read as; `None` where they keep none."""
    persons = [style for style in styles if style not in {"body", "none"}]
    if len(persons) < 4:
        return None
    family_first = sum(style in STYLES_OF["family-first"] for style in persons) / len(persons)
    if family_first >= 0.75:
        return "family-first"
    return "given-first" if family_first <= 0.25 else None


@dataclass(frozen=True, slots=True)
class Heads:
    """The names found at the head of an entry."""

    names: tuple[Name, ...]
    end: int  # index behind them
    style: str  # "reversed", "vancouver", "initials", "given", "body", "none"
    are_editors: bool = False
    complete: bool = True  # False: "et al."


_STYLES: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("reversed", REVERSED_DOTTED, True),
    ("vancouver", VANCOUVER, True),
    ("initials", INITIALS_FIRST, False),
    ("full", REVERSED_FULL, True),
    ("given", GIVEN_FIRST, False),
)
# How far a style is believed in a list that plainly keeps another order.
_ORDER_WEIGHT: dict[tuple[str | None, str], float] = {
    ("family-first", "given"): 0.2,
    ("family-first", "initials"): 0.5,
    ("given-first", "full"): 0.2,
    ("given-first", "vancouver"): 0.5,
    ("given-first", "reversed"): 0.5,
}
_MIXED = {"reversed": INITIALS_FIRST, "full": GIVEN_FIRST}


def read_names(text: str, order: str | None = None) -> Heads:
    """The names that `text` begins with.

    `order` is what the rest of the list does, where that is plain: "family-first" or "given-first".
    """
    if repeated := REPEATED.match(text):
        et_al = ET_AL.match(text, repeated.end())
        return Heads((), et_al.end() if et_al else repeated.end(), "none")
    best: Heads | None = None
    best_score = 0.0
    for style, pattern, family_first in _STYLES:
        heads = _consume(text, style, pattern, family_first=family_first)
        score = _score(text, heads) * _ORDER_WEIGHT.get((order, style), 1.0)
        if score > best_score:
            best, best_score = heads, score
    body = _body(text)
    is_out_of_order = best is not None and order == "family-first" and best.style in {"given", "initials"}
    if best is not None and not (body and (is_out_of_order or _is_rather_body(text, best, body))):
        return best
    return body or Heads((), 0, "none")


def _consume(text: str, style: str, pattern: re.Pattern[str], *, family_first: bool) -> Heads:
    names: list[Name] = []
    at, end = 0, 0
    after_conjunction = False
    complete = True
    odd = 0
    while len(names) < 400:
        found = _name_at(text, at, style, pattern, family_first=family_first, names=len(names), last=after_conjunction)
        if found is None:
            skipped = ODD_NAME.match(text, at)
            if skipped is None or odd > len(names) // 3 or not _goes_on(text, skipped.end(), style, pattern):
                break
            names.append(Name(literal=_tidy(skipped.group(1))))
            odd += 1
            at, end = skipped.end(), skipped.end(1)
            after_conjunction = False
            continue
        name, end = found
        names.append(name)
        if after_conjunction and not SEPARATOR_AND.match(text, end):
            break
        if et_al := ET_AL.match(text, end):
            end, complete = et_al.end(), False
            break
        separator = SEPARATOR.match(text, end)
        if separator is None:
            break
        after_conjunction = bool(separator.group("conjunction"))
        at = separator.end()
    if len(names) > 1 and (closing := CLOSING_BODY.match(text, end)) and BODY_WORDS.search(closing.group()):
        end = closing.end()
    are_editors = False
    if names and (editors := EDITORS.match(text, end)) and len(editors.group().strip(" ,")) > 1:
        end, are_editors = editors.end(), True
    return Heads(tuple(names), end, style, are_editors, complete)


def _name_at(
    text: str, at: int, style: str, pattern: re.Pattern[str], *, family_first: bool, names: int, last: bool
) -> tuple[Name, int] | None:
    """The name that begins at `at` in a list of `style`, and its end; `None` if there is none."""
    match, reverse = pattern.match(text, at), family_first
    if style == "full" and names and (dotted := REVERSED_DOTTED.match(text, at)):
        match = dotted
    if names and style in _MIXED and (match is None or (last and style == "full")):
        other = _MIXED[style].match(text, at)
        if other and (match is None or match.re is not REVERSED_DOTTED):
            match, reverse = other, False
    if match is None or _is_no_name(match.group()):
        return None
    if style == "full" and reverse and re.search(r"\s[A-Z]{1,3}$", match.group(1)):
        return None  # "Bolger AM, Lohse M" is no Lohse Bolger
    family, given = (match.group(1), match.group(2)) if reverse else (match.group(2), match.group(1))
    if not reverse:
        given, family = _with_particles(given, family)
    return Name(family=_tidy(family), given=_tidy(given)), match.end()


def _goes_on(text: str, at: int, style: str, pattern: re.Pattern[str]) -> bool:
    """Whether at least one name stands at `at`, ended as names are."""
    match = pattern.match(text, at)
    if match is None or _is_no_name(match.group()):
        return False
    following = text[match.end() : match.end() + 12]
    if style in {"given", "full"}:
        return bool(SEPARATOR.match(following) or re.match(r"\.\s", following))
    return bool(AFTER_NAMES.match(following) or SEPARATOR.match(following) or match.group().endswith("."))


def _score(text: str, heads: Heads) -> float:
    """How well a style explains the head of an entry."""
    if not heads.names:
        return 0.0
    odd = sum(name.literal is not None for name in heads.names)
    score = heads.end + 4.0 * len(heads.names) - 10.0 * odd - (10.0 if heads.names[0].literal else 0.0)
    after = text[heads.end : heads.end + 12]
    ended_dotted = text[: heads.end].endswith(".")
    if not (AFTER_NAMES.match(after) or ended_dotted):
        score *= 0.35
    elif after.startswith(", ") and heads.style in {"given", "full"}:
        score *= 0.7
    if heads.style in {"given", "full"}:
        score -= 2.0
        if heads.style == "given" and INITIALS_ONLY.fullmatch(heads.names[0].given or ""):
            score *= 0.25  # the others would be titles in capitals
        if heads.style == "full" and _looks_given_first(text, heads):
            score *= 0.4
    return score


def _looks_given_first(text: str, heads: Heads) -> bool:
    """Whether "Antti Airola, Tapio Pahikkala." was taken for family name Airola … with a given name of two words."""
    first = heads.names[0]
    family, given = (first.family or "").split(), (first.given or "").split()
    return (
        len(family) >= 2
        and family[0][0].isupper()
        and len(given) >= 2
        and not re.match(r"[A-Z]\.?$", given[-1])
        and bool(text)
    )


def _is_no_name(text: str) -> bool:
    return bool(
        re.match(
            r"(?:The|In|An?|On|For|From|How|What|Why|Towards?|Available|Retrieved|Proceedings|Journal|Vol|No|Der|"
            r"Die|Das|Ein|Eine|Les|Une|El|Los|Zur|Zum|Über)\s",
            text,
        )
        and not re.match(r"(?:El|Los|Der|Das|Les)\s\w+,", text)
    ) or bool(
        re.search(r"\b(?:University|Journal|Conference|Proceedings|Organization|Institute|Springer|Elsevier)\b", text)
    )


def _with_particles(given: str, family: str) -> tuple[str, str]:
    """Given and family name, particles moved to where they belong: "Charles Van", "Loan" is Van Loan."""
    words = given.split()
    at = len(words)
    while at > 1 and words[at - 1].lower() in PARTICLE_WORDS:
        at -= 1
    return " ".join(words[:at]), " ".join([*words[at:], family])


def _tidy(name: str) -> str:
    return re.sub(r"\s+", " ", name).strip(" ,;")


def _body(text: str) -> Heads | None:
    """A body's name at the head, ended by a year or a full stop; `None` if there is none."""
    dated = re.match(
        r"(.{2,160}?)[.,]?\s*[(\[](?:c(?:a|irca)?\.?\s*)?(?:(?:1[5-9]|20)\d\d[a-z]?|n\.\s?d\.|s\.\s?f\.|in press|"
        r"o\.\s?J\.)[^)\]]{0,30}[)\]]",
        text,
    )
    if dated and len(dated.group(1).split()) <= 14:
        name = dated.group(1).strip(" .,;")
        is_sentence = (
            re.search(r"\d", name)
            or re.search(r"[.?!]\s", ABBREVIATED.sub("", name))
            or name.startswith(("“", '"', "„", "«"))
        )
        if not is_sentence and (len(name.split()) <= 8 or BODY_WORDS.search(name)):
            editors = EDITORS.search(name)
            named = bool(editors and editors.start())
            shown = name[: editors.start()] if editors and named else name
            return Heads((Name(literal=_tidy(shown)),), len(dated.group(1)), "body", named)
    plain = re.match(r"([^.\"“”()]{2,60})\.\s(?:1[5-9]|20)\d\d[a-z]?[.:]\s", text)
    if plain and len(plain.group(1).split()) <= 6:
        return Heads((Name(literal=_tidy(plain.group(1))),), plain.end(1), "body")
    if single := re.match(r"([^\s.,\"“”()]{2,30}(?:@\w+)?)(?:\.\s(?=[A-ZÀ-Þ]\S*\s\S|\S+\.\w)|,\s(?=[\"“«]))", text):
        return Heads((Name(literal=single.group(1)),), single.end(1), "body")
    stopped = re.match(r"([^.:\"“”]{3,120}?)\s*(?:\.\s|:\s(?=[A-ZÀ-Þ\"“]))", text)
    if (
        stopped
        and len(stopped.group(1).split()) <= 12
        and BODY_WORDS.search(stopped.group(1))
        and len(text) - stopped.end() > 15
    ):
        return Heads((Name(literal=_tidy(stopped.group(1))),), stopped.end(1), "body")
    return None


def _is_rather_body(text: str, heads: Heads, body: Heads) -> bool:
    """Whether what was read as persons is a body ("World Health Organization. …")."""
    literal = body.names[0].literal or ""
    if heads.end >= body.end:
        return (
            len(heads.names) == 1
            and heads.style in {"given", "full", "vancouver", "initials"}
            and bool(BODY_WORDS.search(literal))
        )
    after = text[heads.end : heads.end + 3]
    if (
        heads.style in {"reversed", "vancouver"}
        and (len(heads.names) > 1 or after[:1] in {".", ":", ""})
        and not BODY_WORDS.search(literal)
    ):
        return False
    return not re.match(r"\s*(?:[.:]|,?\s*\()", text[heads.end :]) and heads.end < 0.6 * body.end
