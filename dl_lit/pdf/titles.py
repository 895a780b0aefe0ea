"""The title in an entry, once names and year are taken off its head."""

from __future__ import annotations

import re
from dataclasses import dataclass

_QUOTES = {
    "“": "”",
    '"': '"',
    "„": '“”"',
    "«": "»",
    "‘": "’",
    "»": "«",
    "‚": "‘’",
    "”": "”",
    "'": "'",
    "`": "'",
    "‟": "”",
}
_ABBREVIATIONS = frozenset(
    [
        "vs",
        "st",
        "dr",
        "mr",
        "mrs",
        "ms",
        "prof",
        "jr",
        "sr",
        "no",
        "nr",
        "vol",
        "ed",
        "eds",
        "al",
        "etc",
        "cf",
        "ca",
        "e.g",
        "i.e",
        "fig",
        "sp",
        "spp",
        "var",
        "subsp",
        "ssp",
        "cv",
        "inc",
        "ltd",
        "co",
        "corp",
        "dept",
        "univ",
        "bd",
        "hrsg",
        "hg",
        "usw",
        "bzw",
        "vgl",
        "z.b",
        "u.a",
        "d.h",
        "approx",
        "resp",
        "incl",
        "eq",
        "sec",
        "ch",
        "pt",
        "ser",
        "proc",
        "int",
        "conf",
        "symp",
        "trans",
        "j",
        "rev",
        "phys",
        "lett",
        "ann",
        "sci",
        "am",
        "natl",
        "acad",
        "u.s",
        "u.k",
        "ph.d",
        "n",
        "art",
        "h.r",
    ]
)
_BOUNDARY = re.compile(
    r"(?P<stop>[.?!]['’”\")\]]?)\s+(?=[\"“„«‘(\[]?[A-ZÀ-ÖØ-ÞĀ-Ž0-9А-ЯЁ\[(]|in[:\s]|arXiv|e[A-Z]|pp?\.\s?\d|doi|"
    r"https?:|v\.\s*\d|vol\.|medRxiv|bioRxiv|npj|de\s[A-Z])"
)
_BEFORE_LETTER = re.compile(
    r"(?:^|\s)(?:for|in|of|with|using|and|to|on|type|vitamin|hepatitis|class|group|phase|part|the|from|by|via|into|"
    r"grade|für|mit|von|en|de)\s+[A-Z]$",
    re.IGNORECASE,
)
_MEDIUM = re.compile(
    r"\s*\[(?:computer software|software|data ?set|online|internet|video|web ?page|preprint|manuscript|"
    r"electronic resource|brochure|cited[^\]]*|electronic version|recurso[^\]]*|texto[^\]]*|"
    r"[A-Z][^\]]{0,30}(?:thesis|dissertation)[^\]]*|blog[^\]]*|thesis|dissertation|conference[^\]]*|paper[^\]]*)\]",
    re.IGNORECASE,
)
_JOURNALISH = re.compile(
    r"^(?:in[:\s]|In[:\s]|(?:[A-Z][A-Za-z]{0,9}\.[,\s]*){2,}|(?:[A-Z][\w.&\-]*,?\s(?:of\s|and\s|the\s|for\s|in\s|"
    r"&\s|on\s)*){0,8}?(?:vol\.?\s*)?\d{1,4}\s*(?:[(,:]|$)|"
    r"(?:The\s)?(?:Journal|J\.|Proc\.|Proceedings|Trans\.|Transactions|Annals|Ann\.|Rev\.|Review|Phys\.|IEEE|ACM|"
    r"Int\.|International Journal|Lecture Notes|arXiv|Nature|Science|Cell|PNAS|Am\.|Eur\.)\b|"
    r"(?:[Vv]ol\.?|no\.|pp\.|\(?(?:19|20)\d\d)|PhD|Ph\.D|Master|Technical Report|Tech\.)"
)
_JOURNAL_ONLY = re.compile(r"(?:[A-Z][\w&]{0,14}\.?\s?(?:[A-Z]\s)?(?:of\s|the\s)?){1,6}\d{1,4}[A-Z]?\s*[,:(]")
_PUBLISHERISH = re.compile(
    r"\b(?:Press|Verlag|Publish\w+|Springer|Wiley|Elsevier|Routledge|University|Cambridge|Oxford|New York|London|"
    r"Berlin|Sage|Addison|Prentice|McGraw)\b"
)


@dataclass(frozen=True, slots=True)
class Split:
    """A title and what comes behind it."""

    title: str | None
    rest: str
    is_quoted: bool = False


def split_title(text: str, *, comma_style: bool = False) -> Split:
    """Part `text` into its title and what follows; `comma_style` where names end in a comma, as titles then do."""
    stripped = text.lstrip(" .,:;–—-")
    if stripped[:1] in _QUOTES and (quoted := _quoted(stripped)):
        return quoted
    inner = re.match(r"[^“\"„«]{0,25}?([“\"„«].*)$", stripped)
    if inner and len(stripped) - len(inner.group(1)) < 4 and (quoted := _quoted(inner.group(1))):
        return quoted
    if comma_style:
        return _by_comma(stripped)
    return _by_sentence(stripped)


def _quoted(text: str) -> Split | None:
    closing = _QUOTES[text[0]]
    for match in re.finditer(rf"[{re.escape(closing)}]", text[1:]):
        at = match.start() + 1
        following = text[at + 1 : at + 2]
        if text[at] in "'’‘" and following.isalnum():
            continue
        inside = text[1:at].strip(" .,;")
        if at < 6 or (following.isalnum() and text[at] != "»"):
            continue
        if text[at] == text[0] == '"' and not inside:
            continue
        # A title may itself begin with a quoted word: “Alpha” and its uses. Then the sentence decides.
        if len(inside.split()) <= 2 and re.match(r"\s[a-z]", text[at + 1 : at + 3]):
            return None
        return Split(inside or None, text[at + 1 :].lstrip(" .,;"), is_quoted=True)
    return None


def _by_sentence(text: str) -> Split:
    start = 0
    while match := _BOUNDARY.search(text, start):
        end = match.start()
        start = match.end()
        if not _is_boundary(text, end, match.group("stop")):
            continue
        title = text[: end + len(match.group("stop").rstrip("."))] if match.group("stop")[0] in "?!" else text[:end]
        return Split(_tidy(title), text[match.end() :])
    return _without_boundary(text)


def _is_boundary(text: str, at: int, stop: str) -> bool:
    """Whether the stop at `at` ends a sentence, and is not an abbreviation's."""
    head = text[:at]
    if len(head.strip()) < 2:
        return False
    if stop[0] in "?!":
        return not re.match(r"['”\"]?\s+[a-z(]", text[at + 1 :])
    word = re.split(r"[\s(\[/\"“]", head)[-1]
    if len(word) == 1 and word.isupper():
        return bool(_BEFORE_LETTER.search(head)) or len(head) < 3
    if word.lower() in _ABBREVIATIONS:
        return False
    return not re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word) or len(head) > 25


def _without_boundary(text: str) -> Split:
    """No sentence ends: the title goes up to where a container or numbers begin."""
    for match in re.finditer(r",\s+|\s+(?=[Ii]n:\s)|;\s+", text):
        if _JOURNALISH.match(text[match.end() :]) and match.start() > 8:
            return Split(_tidy(text[: match.start()]), text[match.end() :])
    return Split(_tidy(re.sub(r"[,.]?\s*\(?(?:19|20)\d\d\)?\s*$", "", text)), "")


def _by_comma(text: str) -> Split:
    """Titles set off by commas: up to the comma before what looks like a container."""
    pieces = [(match.start(), match.end()) for match in re.finditer(r",\s+|(?<=[a-z?!)])[.?!]\s+(?=[A-Z])", text)]
    if pieces and _is_journal_only(text):
        return Split(None, text)
    for start, end in pieces:
        following = text[end:]
        if text[start] in ".?!" and _is_boundary(text, start, text[start]):
            return Split(_tidy(text[: start + (text[start] != ".")]), following)
        if _JOURNALISH.match(following) or (_PUBLISHERISH.search(following[:50]) and following[:1].isupper()):
            return Split(_tidy(text[:start]), following)
    if pieces:
        start, end = pieces[0]
        return Split(_tidy(text[:start]), text[end:])
    return _by_sentence(text)


def _is_journal_only(text: str) -> bool:
    """Physics style without titles: "Phys. Rev. Lett. 12, 345 (2010)"."""
    match = _JOURNAL_ONLY.match(text[:70])
    return match is not None and len(match.group().split()) <= 8


def _tidy(title: str) -> str | None:
    bare = _MEDIUM.sub("", title)
    bare = re.sub(
        r"\s*\((?:\d+(?:st|nd|rd|th)\s+ed\.?|Version [^)]*|[Vv]ol\.? [^)]*|pp?\. [^)]*|\d+\. ?Aufl\.?|"
        r"Unpublished[^)]*|(?:Doctoral|PhD|Master)[^)]*|R package[^)]*|Technical [Rr]eport[^)]*)\)\s*$",
        "",
        bare,
    )
    bare = bare.strip(' .,;:"”“«»')
    return bare if re.search(r"[^\W\d_]", bare) else None
