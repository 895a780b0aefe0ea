"""The names at the head of an entry, in whatever order and style they are printed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from dl_lit.core.model import Name

_U = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽЀ-Я"
_APOSTROPHE = "'’ʼ`´"
_PARTICLES = (
    r"(?:(?:van|von|vom|zu|zum|zur|de|der|den|del|dell[aeo]?|degli|di|da|do|dos|das|du|des|la|le|las|los|lo|ten|ter|te|"
    r"al|el|bin|ibn|ben|af|av|Van|Von|De|Der|Den|Del|Della|Di|Da|Do|Dos|Du|La|Le|Ten|Ter|Al|El|St\.|Mc|Mac|VAN|VON|"
    r"DE|DER|DEL|DI|DA|DOS|LA|LE)"
    rf"(?:\s+|-)|[dDlLoO][{_APOSTROPHE}]\s?)"
)
_WORD = rf"(?:[{_U}][{_APOSTROPHE}])?[{_U}][\w{_APOSTROPHE}\-‐–]*[\w]"  # two letters or more
_FAMILY = rf"(?:{_PARTICLES}){{0,3}}{_WORD}(?:[ ]{_PARTICLES}?{_WORD}){{0,2}}"
_FAMILY_SHORT = rf"(?:{_PARTICLES}){{0,3}}{_WORD}(?:[ ](?:{_PARTICLES})?{_WORD})?"
_DOTTED = rf"[{_U}](?:h|u|e|i)?\.(?:\s?[-–‐]?\s?[{_U}][a-z]?\.){{0,4}}"
_BARE = rf"[{_U}](?:[-–‐]?[{_U}]){{0,3}}(?![\w{_APOSTROPHE}])"
_SUFFIX = r"(?:,?\s(?:Jr|Sr|II|III|IV|2nd|3rd)\b\.?)?"
_LATER_PARTICLES = r"(?:\s(?:van|von|de|der|den|del|di|da|dos|du|la|le|ten|ter)(?=[\s,;.&]|$)){0,3}"

_REVERSED_DOTTED = re.compile(rf"({_FAMILY}),\s?({_DOTTED}|{_BARE}\.?){_LATER_PARTICLES}{_SUFFIX}")
_GIVEN = rf"{_WORD}(?:[\s-](?:[{_U}]\.?|{_WORD})(?![\w.]*,\s*[{_U}]\.)){{0,2}}(?:\s?[{_U}]\.){{0,2}}"
_REVERSED_FULL = re.compile(rf"({_FAMILY_SHORT}),\s({_GIVEN}){_LATER_PARTICLES}{_SUFFIX}")
_VANCOUVER = re.compile(rf"({_FAMILY})\s({_BARE}|{_DOTTED}){_SUFFIX}")
_INITIALS_FIRST = re.compile(rf"({_DOTTED}|(?:{_BARE}\s)(?={_WORD}))\s?({_FAMILY_SHORT}){_SUFFIX}")
_GIVEN_FIRST = re.compile(
    rf"({_WORD}(?:[\s-](?:[{_U}]\.|[{_U}](?=\s)|"
    rf"{_WORD}(?=\s(?:{_PARTICLES})?[{_U}]))){{0,3}})\s((?:{_PARTICLES}){{0,3}}{_WORD}){_SUFFIX}"
)
_SEPARATOR = re.compile(
    r"\s*(?:[,;]\s*)?(?P<conjunction>(?:&|\band\b|\bund\b|\bu\.|\bet\b(?!\s+al)|\by\b|\be\b|\bи\b|\ben\b|\bi\b|"
    r"\boch\b|\bog\b)\s+|…\s*|\.\s?\.\s?\.\s*)|\s*[,;]\s*|\s*[/·]\s*"
)
_ET_AL = re.compile(
    r"[\s,;]*(?:\b(?:and|&)\s+)?(?:\bet\.?\s*al(?:ii|ia)?\b\.?|\band\s+(?:others|colleagues)\b|"
    r"\bu\.\s?a\.(?:\sm\.)?|\be\s+outros\b|\by\s+otros\b|\betal\b\.?|\bи\s+др\.|\b\d+\s+others\b)",
    re.IGNORECASE,
)
_EDITORS = re.compile(
    r"[\s,]*[(\[]?\s*(?:Eds?|Editors?|Hrsg|Hg|Hgg|Coords?|Orgs?|Comp|a cura di|dirs?|éds?|Ред)\b\.?\s*[)\]]?",
    re.IGNORECASE,
)
_ABBREVIATED = re.compile(r"\b(?:[A-Z]|Inc|Ltd|Dept|St|Univ|Corp|Co|U\.S)\.")
_REPEATED = re.compile(r"(?:[-–—_⸺⸻]\s?){2,}[.,]?\s*")
_BODY_WORDS = re.compile(
    r"\b(?:organi[sz]ation|institut\w*|team|minist\w+|universi\w+|association|committee|agency|group|consortium|"
    r"collaboration|foundation|"
    r"council|department|commission|inc|ltd|gmbh|society|cent(?:er|re|ro)|bureau|office|board|academy|union|"
    r"national|federal|network|"
    r"initiative|project|corporation|company|nations|world\s+bank|unesco|who|oecd|iso|nist|fda|nih|cdc|community|"
    r"developers?|contributors|"
    r"bundes\w+|amt|verband|gesellschaft|stiftung|kommission|secretaria|conselho|asociaci[oó]n|organizaci[oó]n|"
    r"conf[eé]d\w+|task\s+force|panel|authority|administration|survey|library|college|school|службa|институт|"
    r"министерство)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Heads:
    """The names found at the head of an entry."""

    names: tuple[Name, ...]
    end: int  # index behind them
    style: str  # "reversed", "vancouver", "initials", "given", "body", "none"
    are_editors: bool = False
    complete: bool = True  # False: "et al."


_STYLES: tuple[tuple[str, re.Pattern[str], bool], ...] = (
    ("reversed", _REVERSED_DOTTED, True),
    ("vancouver", _VANCOUVER, True),
    ("initials", _INITIALS_FIRST, False),
    ("full", _REVERSED_FULL, True),
    ("given", _GIVEN_FIRST, False),
)
_MIXED = {"reversed": _INITIALS_FIRST, "full": _GIVEN_FIRST}


def read_names(text: str) -> Heads:
    """The names that `text` begins with."""
    if repeated := _REPEATED.match(text):
        return Heads((), repeated.end(), "none")
    best: Heads | None = None
    best_score = 0.0
    for style, pattern, family_first in _STYLES:
        heads = _consume(text, style, pattern, family_first=family_first)
        score = _score(text, heads)
        if score > best_score:
            best, best_score = heads, score
    body = _body(text)
    if best is not None and not (body and _is_rather_body(text, best, body)):
        return best
    return body or Heads((), 0, "none")


def _consume(text: str, style: str, pattern: re.Pattern[str], *, family_first: bool) -> Heads:
    names: list[Name] = []
    at, end = 0, 0
    after_conjunction = False
    complete = True
    first_chance = True
    while len(names) < 400:
        match, reverse = pattern.match(text, at), family_first
        if (match is None or names) and style in _MIXED and names:
            other = _MIXED[style].match(text, at)
            if other and (match is None or (after_conjunction and style == "full")):
                match, reverse = other, False
        if match is None or _is_no_name(match.group()):
            break
        family, given = (match.group(1), match.group(2)) if reverse else (match.group(2), match.group(1))
        names.append(Name(family=_tidy(family), given=_tidy(given)))
        end = match.end()
        if after_conjunction and not _SEPARATOR_AND.match(text, end):
            break
        if et_al := _ET_AL.match(text, end):
            end, complete = et_al.end(), False
            break
        separator = _SEPARATOR.match(text, end)
        if separator is None:
            break
        after_conjunction = bool(separator.group("conjunction"))
        at = separator.end()
        first_chance = False
    del first_chance
    are_editors = False
    if names and (editors := _EDITORS.match(text, end)) and len(editors.group().strip(" ,")) > 1:
        end, are_editors = editors.end(), True
    return Heads(tuple(names), end, style, are_editors, complete)


_SEPARATOR_AND = re.compile(r"\s*[,;]?\s*(?:&|and|und|et|y|e|и)\s+(?!al\b)|\s*;\s*")
_AFTER_NAMES = re.compile(r"\s*(?:$|[.:]\s|[.:,]?\s*[(\[]?(?:1[5-9]|20)\d\d|[.,:]?\s*[\"“„«‘']|,\s|\(n\.\s?d|[.:]$)")


def _score(text: str, heads: Heads) -> float:
    """How well a style explains the head of an entry."""
    if not heads.names:
        return 0.0
    score = heads.end + 4.0 * len(heads.names)
    after = text[heads.end : heads.end + 12]
    ended_dotted = text[: heads.end].endswith(".")
    if not (_AFTER_NAMES.match(after) or ended_dotted):
        score *= 0.35
    elif after.startswith(", ") and heads.style in {"given", "full"}:
        score *= 0.7
    if heads.style in {"given", "full"}:
        score -= 2.0
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
        re.search(
            r"\b(?:University|Press|Journal|Conference|Proceedings|Organization|Institute|Springer|Elsevier)\b", text
        )
    )


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
        is_sentence = re.search(r"[.?!]\s", _ABBREVIATED.sub("", name)) or name.startswith(("“", '"', "„", "«"))
        if not is_sentence and (len(name.split()) <= 8 or _BODY_WORDS.search(name)):
            editors = _EDITORS.search(name)
            named = bool(editors and editors.start())
            shown = name[: editors.start()] if editors and named else name
            return Heads((Name(literal=_tidy(shown)),), len(dated.group(1)), "body", named)
    stopped = re.match(r"([^.:\"“”]{3,120}?)\s*(?:\.\s|:\s(?=[A-ZÀ-Þ\"“]))", text)
    if (
        stopped
        and len(stopped.group(1).split()) <= 12
        and _BODY_WORDS.search(stopped.group(1))
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
            and heads.style in {"given", "full", "vancouver"}
            and bool(_BODY_WORDS.search(literal))
        )
    after = text[heads.end : heads.end + 3]
    if (
        heads.style in {"reversed", "vancouver"}
        and (len(heads.names) > 1 or after[:1] in {".", ":", ""})
        and not _BODY_WORDS.search(literal)
    ):
        return False
    return not re.match(r"\s*(?:[.:]|,?\s*\()", text[heads.end :]) and heads.end < 0.6 * body.end
