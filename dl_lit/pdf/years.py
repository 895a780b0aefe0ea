"""The year an entry gives for its work."""

from __future__ import annotations

import re

from dl_lit.core.values import dataclass

_YEAR = re.compile(
    r"(?<![\d/.\-–:])(?P<year>1[5-9]\d\d|20[0-4]\d)(?P<suffix>[a-z]?)(?![\d])(?!\s?[-–]\s?(?:1[5-9]|20)\d\d\b(?!\)))"
)
_ANY_YEAR = re.compile(r"(?<![\d:.\-–/])(1[89]\d\d|20[0-4]\d)(?!\s?[\d\-–/.:]\d)")
_ACCESSED = re.compile(
    r"(?:accessed|retrieved|last (?:visited|accessed|checked)|zugriff|abgerufen|acesso|ac?cess[ao]|acceso|consult|"
    r"dostęp|visited|cited|updated|abruf|stand|aufgerufen|обращения|geraadpleegd|последн)[^.;]{0,30}$",
    re.IGNORECASE,
)
_MONTH = re.compile(
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|janv|févr|mai|juin|juil|août|okt|dez|ene|abr|ago|dic|fev|"
    r"set|out|mär)[a-zéû]*\.?,?\s*(?:\d{1,2},?\s*)?$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class PrintedYear:
    """A year, and where it stands in the text."""

    year: int
    start: int
    end: int
    in_brackets: bool


def leading_year(text: str) -> PrintedYear | None:
    """The year that `text`, an entry's part behind the names, begins with; `None` if it does not."""
    bracketed = re.match(
        r"[\s.,:;]*[(\[]\s*(?:\d{1,2}(?:st|nd|rd|th)?\.?\s)?(?:[a-z]{2,9}\.?\s)?(?P<year>1[5-9]\d\d|"
        r"20[0-4]\d)[a-z]?(?:\s*[/–-]\s*\d{2,4})?(?:[,\s][^)\]]{0,28})?[)\]]\.?[:,]?",
        text,
        re.IGNORECASE,
    )
    if bracketed:
        return PrintedYear(int(bracketed.group("year")), bracketed.start(), bracketed.end(), in_brackets=True)
    plain = re.match(
        r"[\s.,:;]{0,3}(?P<year>1[5-9]\d\d|20[0-4]\d)(?:[/–-]\d{2,4})?[a-z]?\s?(?:[.,:;]|$|\s(?=[A-ZÀ-ÞА-Я\"“„«‘]))",
        text,
    )
    if plain:
        return PrintedYear(int(plain.group("year")), plain.start(), plain.end(), in_brackets=False)
    undated = re.match(
        r"[\s.,:;]*[(\[]\s*(?:n\.\s?d\.?|s\.\s?f\.?|s\.\s?d\.?|o\.\s?J\.?|in press|forthcoming|im Druck|submitted|"
        r"to appear|en prensa|no prelo|sous presse|in Vorbereitung)(?:[-,\s][^)\]]{0,10})?[)\]]\.?,?",
        text,
        re.IGNORECASE,
    )
    undated = undated or re.match(r"[\s.,:;]{0,3}n\.\s?d\.[,:]?(?=\s[A-ZÀ-ÞА-Я\"“„«‘])", text)
    if undated:
        return PrintedYear(0, undated.start(), undated.end(), in_brackets=True)
    return None


def any_year(text: str) -> int | None:
    """The likeliest year of the entry `text`, addresses left out of it; `None` if there is none."""
    best: tuple[float, int] | None = None
    length = max(len(text), 1)
    for match in _YEAR.finditer(text):
        before, after = text[max(0, match.start() - 40) : match.start()], text[match.end() : match.end() + 12]
        score = match.start() / length
        if before.endswith("(") and re.match(r"[),;]", after):
            score += 3.0
        elif before.endswith(("(", "[")):
            score += 1.0
        if re.match(r"\s?;\s?\w*\d|\s[A-Z][a-z]{2}[^;]{0,12};\s?\d", after):
            score += 4.0
        if re.match(r",\s?\d{1,4}\s?(?:\(|,)", after):
            score += 3.0
        if re.search(r"\d\)?,\s*$", before) or int(match.group("year")) < 1800:
            score -= 1.5
        if re.match(r"\s?(?:[.,)\];]|$)", after):
            score += 1.0
        if _MONTH.search(before):
            score += 0.8
        if re.search(r"(?:pp?\.|s\.|pages?|:)\s*$", before, re.IGNORECASE) or re.match(r"\s?[-–]\s?\d", after):
            score -= 3.0
        if _ACCESSED.search(before):
            score -= 4.0
        if best is None or score > best[0]:
            best = (score, int(match.group("year")))
    if best is not None:
        return best[1]
    fallback = _ANY_YEAR.search(text)
    return int(fallback.group(1)) if fallback else None
