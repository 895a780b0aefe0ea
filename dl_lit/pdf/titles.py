"""The title in an entry, once names and year are taken off its head."""

from __future__ import annotations

import re
from functools import lru_cache

from dl_lit.core.values import dataclass

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
_LOOK_BACK = 100  # characters before a stop that say whether it ends a sentence
_BEFORE_LETTER = re.compile(
    r"(?:^|\s)(?:for|in|of|with|using|and|to|on|type|vitamin|hepatitis|class|group|phase|part|the|from|by|via|into|"
    r"grade|für|mit|von|en|de)\s+[A-Z]$",
    re.IGNORECASE,
)
# What is printed behind a title, and is no part of it.
_TRAILERS = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"\s*\((?:[^()]*,\s*)?(?:eds?|hrsg|trans)\.?(?:[,;)].*)?$",
        r"\s*\[[^\[\]]{2,60}\]$",
        r",?\s*\[[wв]:?\](?:\s.*)?$",
        r"(?:(?<=[.,;])\s|\s\()(?:translated|transl\.|trans\.)(?:\sby)?\s(?-i:[A-ZÀ-Þ]).*$",
        r"[.«»”“\"]\s(?:aus d(?:em|er)\s(?-i:[A-ZÄÖÜ])\w+\s)(?:übers|übertragen|von)\b.*$",
        r"[,.]\s(?:przeł|tłum|oprac|red|pod red)(?:\.(?:\s.*)?)?$",
        r"\s/\s(?:[a-zа-яё]\.[\s-]?){1,2}[a-zа-яё][\w-]+(?:,\s(?:[a-zа-яё]\.[\s-]?){1,2}[a-zа-яё][\w-]+)*(?:\s\[.*)?$",
        r"\s/\s(?:под (?:общ\. )?ред|сост|отв\. ред)\b.*$",
        r"\s*\((?:\d+(?:st|nd|rd|th) ed[^)]*|version [^)]*|vol\.? [^)]*|pp?\. [^)]*)\)$",
        r"\s*\((?:\d+\. ?aufl[^)]*|unpublished[^)]*)\)$",
        r"\s*\((?:(?:doctoral|phd|master)[^)]*|r package[^)]*|technical report[^)]*)\)$",
        r",\s*(?:volume|vol\.?|band|bd\.)\s*\d+(?:\s+of\s.*)?$",
        r",\s*(?:\d+(?:st|nd|rd|th)|second|third|fourth|revised)\s+(?:edn?|edition)$",
        r"[,.]?\s*(?:[-–—]\s)?(?:(?:\d{1,2}\.?\s)?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez)[a-z]*\.?\s)?\(?(?:19|20)\d\d[a-z]?\)?$",
        r"\s*\.?\s*arxiv:?\s*\d{4}\.\d{4,5}.*$",
    )
)
_DATE_BEHIND = next(pattern for pattern in _TRAILERS if "jan|feb" in pattern.pattern)
_JOURNALISH = re.compile(
    r"^(?:in[:\s]|In[:\s]|(?:[A-Z][A-Za-z]{0,9}\.[,\s]*){2,}|(?:[A-Z][\w.&\-]*,?\s(?:of\s|and\s|the\s|for\s|in\s|"
    r"&\s|on\s)*){0,8}?(?:vol\.?\s*)?\d{1,4}\s*(?:[(,:]|$)|"
    r"(?:The\s)?(?:Journal|J\.|Proc\.|Proceedings|Trans\.|Transactions|Annals|Ann\.|Rev\.|Review|Phys\.|IEEE|ACM|"
    r"Int\.|International Journal|Lecture Notes|arXiv|Nature|Science|Cell|PNAS|Am\.|Eur\.)\b|"
    r"(?:[Vv]ol\.?|no\.|pp\.|\(?(?:19|20)\d\d)|PhD|Ph\.D|Master|Technical Report|Tech\.)"
)
_JOURNAL_ONLY = re.compile(r"(?:[A-Z][\w&]{0,14}\.?\s?(?:[A-Z]\s)?(?:of\s|the\s)?){1,6}\d{1,4}[A-Z]?\s*[,:(]")
_IS_EDITION = re.compile(r"\b(?:edn?|edition|aufl(?:age)?|éd|ed\.|ediç|edición)\b", re.IGNORECASE)
_PLACE_AND_PUBLISHER = re.compile(r"[A-ZÀ-Þ][\w.\-]+(?:(?:/|,\s|\s)[A-ZÀ-Þ][\w.\-]+){0,3}:\s[A-ZÀ-Þ]")
_YEAR_AT_END = re.compile(r"(?:19|20)\d\d[.)]*\s*$")
_SMALL_WORDS = frozenset(
    [
        "of",
        "and",
        "the",
        "in",
        "for",
        "on",
        "an",
        "a",
        "to",
        "und",
        "der",
        "die",
        "das",
        "de",
        "la",
        "le",
        "y",
        "e",
        "et",
        "&",
        "des",
        "du",
        "del",
        "di",
        "für",
    ]
)
# A journal's name with numbers: "Circ Res 1997, 81(2)", "J Endod 2007;33:800".
_JOURNAL_NUMBERED = re.compile(r"[A-ZÀ-Þ][^\d]{2,90}?[.,;]?\s*\(?\d{1,4}\)?\s*[,;:(.]")
_NUMBERED = re.compile(r"(?:19|20)\d\d\s?;\s?\d|\b\d{1,4}\s?\(\d{1,3}\)\s?[:,]\s?\w?\d|(?<=\s)(?:19|20)\d\d$")
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
    title, slashes, rest = stripped.partition(" // ")  # GOST R 7.0.5 sets the container off so
    if slashes and len(title) > 5:
        return Split(tidy_title(title), rest)
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
        if re.match(r"\s?:", text[at + 1 : at + 3]):
            return None
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
        if not _is_boundary(text, end, match.group("stop")) or _goes_on(text[match.end() :], match.group("stop")):
            continue
        title = text[: end + len(match.group("stop").rstrip("."))] if match.group("stop")[0] in "?!" else text[:end]
        return _without_container(title, text[match.end() :])
    return _without_container(text, "") if _NUMBERED.search(text) else _without_boundary(text)


def _goes_on(following: str, stop: str) -> bool:
    """Whether a title goes on behind a full stop: with a sentence, behind which a journal and its numbers stand."""
    match = _BOUNDARY.search(following)
    while match and not _is_boundary(following, match.start(), match.group("stop")):
        match = _BOUNDARY.search(following, match.end())
    if match is None:
        return False
    sentence, rest = following[: match.start()], following[match.end() :]
    words = sentence.split()
    if re.fullmatch(r"(?:[IVX]{1,4}|(?:Part|Teil)\s\w{1,4})", sentence.strip(" .")):
        return True  # "Density-functional thermochemistry. III. The role of exact exchange"
    if _IS_EDITION.search(sentence):
        return False
    if rest.startswith("In: ") and len(words) >= 2 and not re.match(r"In:?\s", sentence):
        return True
    if len(words) < 3 or re.search(r"\d{2}", sentence) or re.match(r"(?:In|in|Proc|Ph\.?D|Master|Tech)\b", sentence):
        return False
    if _PUBLISHERISH.search(sentence) or not re.match(r"[^\W\d_]", rest):
        return False
    lower = sum(word[0].islower() and word not in _SMALL_WORDS for word in words)
    if stop[0] == "?" and lower >= 0.45 * len(words):
        return True
    if lower >= 0.2 * len(words) and _PLACE_AND_PUBLISHER.match(rest):
        return True
    return lower >= 0.45 * len(words) and bool(
        _JOURNAL_NUMBERED.match(rest) or re.match(r"(?:arXiv|bioRxiv|medRxiv)\b", rest)
    )


def _without_container(title: str, rest: str) -> Split:
    """Cut a journal with its numbers off the end of a title that an abbreviation's full stop hid the boundary of."""
    numbered = _NUMBERED.search(title)
    if numbered:
        stops = list(re.finditer(r"\.\s+(?=[A-Z])", title[: numbered.start()]))
        for stop in reversed(stops):
            head = title[: stop.start()]
            words = title[stop.end() : numbered.start()].split()
            if (
                len(head) > 15
                and len(words) >= 2
                and not re.search(r"(?:^|\s)[A-Z]$", title[stop.end() - 4 : stop.end() - 2])
            ):
                return Split(tidy_title(head), title[stop.end() :] + ". " + rest)
        for stop in reversed(stops):
            if stop.start() > 15:
                return Split(tidy_title(title[: stop.start()]), title[stop.end() :] + ". " + rest)
    return Split(tidy_title(title), rest)


def _is_boundary(text: str, at: int, stop: str) -> bool:
    """Whether the stop at `at` ends a sentence, and is not an abbreviation's."""
    if len(text[:at].strip()) < 2:
        return False
    if stop[0] in "?!":
        return not re.match(r"['”\"]?\s+[a-z(]", text[at + 1 :])
    head = text[max(0, at - _LOOK_BACK) : at]
    word = re.split(r"[\s(\[/\"“]", head)[-1]
    if len(word) == 1 and word.isupper():
        return bool(_BEFORE_LETTER.search(head)) or len(head) < 3
    if re.fullmatch(r"\d{1,2}", word) and re.search(r"\b(?:im|des|der|dem|vom|am|das|zum|beim)\s\d{1,2}$", head):
        return False  # "im 18. Jahrhundert"
    if word.lower() in _ABBREVIATIONS:
        return False
    return not re.fullmatch(r"(?:[A-Za-z]\.)+[A-Za-z]", word) or len(head) > 25


def _without_boundary(text: str) -> Split:
    """No sentence ends: the title goes up to where a container or numbers begin."""
    for match in re.finditer(r",\s+|\s+(?=[Ii]n:\s)|;\s+", text):
        if _JOURNALISH.match(text[match.end() :]) and match.start() > 8:
            return Split(tidy_title(text[: match.start()]), text[match.end() :])
    return Split(tidy_title(text), text if _YEAR_AT_END.search(text) else "")


def _by_comma(text: str) -> Split:
    """Titles set off by commas: up to the comma before what looks like a container."""
    pieces = [(match.start(), match.end()) for match in re.finditer(r",\s+|(?<=[a-z?!)])[.?!]\s+(?=[A-Z])", text)]
    if pieces and _is_journal_only(text):
        return Split(None, text)
    for start, end in pieces:
        following = text[end:]
        if text[start] in ".?!" and _is_boundary(text, start, text[start]):
            return Split(tidy_title(text[: start + (text[start] != ".")]), following)
        if _JOURNALISH.match(following) or (_PUBLISHERISH.search(following[:50]) and following[:1].isupper()):
            return Split(tidy_title(text[:start]), following)
    if pieces:
        start, end = pieces[0]
        return Split(tidy_title(text[:start]), text[end:])
    return _by_sentence(text)


def _is_journal_only(text: str) -> bool:
    """Physics style without titles: "Phys. Rev. Lett. 12, 345 (2010)"."""
    match = _JOURNAL_ONLY.match(text[:70])
    return match is not None and len(match.group().split()) <= 8


@lru_cache(maxsize=1_024)  # rules and model propose the same title
def tidy_title(title: str, *, dated: bool = False) -> str | None:
    """The title without marks, editions, volumes and notes behind it; `None` where no letter is left.

    A year behind it is taken off as well, unless it is known to be `dated` itself.
    """
    bare = title.lstrip(")]").strip(" .,;:–—-")
    for pattern in _TRAILERS:
        if dated and pattern is _DATE_BEHIND:
            continue
        bare = pattern.sub("", bare).strip(" .,;:")
    bare = bare.strip('"”“«» ')
    return bare if re.search(r"[^\W\d_]", bare) else None
