"""Lines made one running text: hyphenation undone, broken addresses put together."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from dl_lit.pdf.vocabulary import LONGEST_WORD, Hyphen, hyphen_between

_HYPHENS = "-\u00ad\u2010\u2011"
_URL_AT_END = re.compile(r"(?:https?:|www\.|\bdoi\.org|\b10\.\d{4,9}/|\bdoi:)\S*$", re.IGNORECASE)
_URL_BREAK = re.compile(r"[/\-_=&?%.~#+:\u00ad\u2010]$")
_DOI_BEGUN = re.compile(r"(?:\b10\.\d{4,9}/\S*|\b10\.\d{0,9}|doi\.org/?\S*)$", re.IGNORECASE)
# First parts of compounds, which are hardly ever the first syllables of a longer word …
_COMPOUND_FIRST = re.compile(
    r"(?:self|non|multi|cross|high|low|long|short|large|small|real|well|peer|open|two|three|first|second|full|half|"
    r"evidence|problem|web|user|data|time|end|state|based|semi|socio|quasi|pseudo|co)",
    re.IGNORECASE,
)
# … and those that often are: "in-heritance", "the-ory", "inter-val".
_SYLLABLE_OR_WORD = re.compile(
    r"(?:post|pre|inter|meta|anti|in|on|of|to|the|by|and|or|e|re|sub|over|out)", re.IGNORECASE
)
_SMALL_WORD = re.compile(r"of|the|to|and|in|on|by|for|an?|or|at|up|und|de|la|le|à|en|y|e|et|di|da", re.IGNORECASE)
_LAST_WORD = re.compile(r"[^\W\d_]+(?:['’\-\u2010\u2011][^\W\d_]+)*\Z")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_SCRIPT_WITHOUT_SPACES = re.compile(r"[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_BESIDE_DIGITS = re.compile(r"(?<=\d) (?=[\u3040-\u30ff\u3400-\u9fff])|(?<=[\u3040-\u30ff\u3400-\u9fff]) (?=\d)")
_GERMAN, _ENGLISH = ("und", "der", "nicht", "einer"), ("which", "these", "were", "been")  # what only its own text has
_LONGEST_ADDRESS = 2_000  # characters in which the beginning of one is looked for
_SHORTEST_SECOND = 3  # letters of a compound's second part


def join(texts: Sequence[str], words: Collection[str] = frozenset()) -> str:
    """The lines' texts as one, white space folded; `words` are the whole document's, as `words_of` gives them."""
    joined = ""
    for text in texts:
        joined = _append(joined, text, words) if joined else text
    folded = re.sub(r"\s+", " ", joined.replace("\u00ad", "")).strip()
    return folded if folded.isascii() else _BESIDE_DIGITS.sub("", folded)


def kept_before(before: str, text: str, words: Collection[str] = frozenset()) -> str:
    """What stands of the line `before` where the line `text` follows: a hyphen may go, a blank may come."""
    together = _append(before, text, words) if before else text
    return together[: len(together) - len(text)]


def _append(before: str, text: str, words: Collection[str]) -> str:
    if not text:
        return before
    if _URL_AT_END.search(before[-_LONGEST_ADDRESS:]) and not text.startswith(("(", "[", "“", '"')):
        glued = _append_to_address(before, text, words)
        if glued is not None:
            return glued
    last = before[-1]
    if last in _HYPHENS:
        return _append_to_hyphen(before[:-1], text, words)
    if last in "–—/" and len(before) > 1 and not before[-2].isspace():
        return before + text
    if last.isdigit() and text[0] in "–-" and text[1:2].isdigit():
        return before + text
    if _SCRIPT_WITHOUT_SPACES.match(last) and _SCRIPT_WITHOUT_SPACES.match(text):
        return before + text
    return f"{before} {text}"


def _append_to_hyphen(stem: str, text: str, words: Collection[str]) -> str:
    """`text` behind `stem`, which a hyphen ended."""
    if not stem or not (stem[-1].isalpha() and text[0].isalpha()):
        return f"{stem}-{text}"
    said = hyphen_between(stem, text, words)
    is_own = said is Hyphen.HARD if said is not None else _is_compound(stem, text, words)
    return f"{stem}-{text}" if is_own else stem + text


def _is_compound(stem: str, text: str, words: Collection[str]) -> bool:
    """Whether a hyphen is the word's own, where the document has neither form of it."""
    before, after = _LAST_WORD.search(stem[-LONGEST_WORD:]), _FIRST_WORD.match(text)
    if before is None or after is None:
        return True
    first, second = before.group(), after.group()
    if second[0].isupper():
        # "Bose-Einstein", but "CON-CUR".
        return not (first.isupper() and second.isupper() and len(first) > 1) or second.casefold() in words
    first = re.split(r"[\-\u2010\u2011]", first)[-1]
    if _COMPOUND_FIRST.fullmatch(first) or (first != before.group() and _SMALL_WORD.fullmatch(first)):
        return True  # "self", "state-of-the"
    if _SYLLABLE_OR_WORD.fullmatch(first) and not words:
        return False
    if first[0].isupper() and words and _is_german(words):
        return False  # "Personen-namen"
    return (
        len(second) >= _SHORTEST_SECOND and first.casefold() in words and second.casefold() in words and len(first) > 1
    )


def _is_german(words: Collection[str]) -> bool:
    """Whether a document is written in German, which writes its compounds as one word; citing German is not enough."""
    return all(word in words for word in _GERMAN) and not all(word in words for word in _ENGLISH)


def _append_to_address(before: str, text: str, words: Collection[str]) -> str | None:
    """An address or DOI that goes on in the next line; `None` where it does not."""
    head = re.split(r"\s", text, maxsplit=1)[0]
    if before[-1] in _HYPHENS and hyphen_between(before[:-1], text, words) is Hyphen.SOFT:
        return before[:-1] + text
    if _URL_BREAK.search(before):
        ends_in_period = before.endswith(".")
        if ends_in_period and (head[:1].isupper() and not re.search(r"[/\d]", head)):
            return None
        if (
            ends_in_period
            and re.fullmatch(r"[A-Za-z]+[,;]?", head)
            and not _DOI_BEGUN.search(before[-_LONGEST_ADDRESS:])
        ):
            return None
        stem = before.rstrip("\u00ad") if before.endswith("\u00ad") else before
        # A soft hyphen in an address is mostly a real one.
        return (stem + "-" if before.endswith("\u00ad") else stem) + text
    if (
        _DOI_BEGUN.search(before[-_LONGEST_ADDRESS:])
        and re.match(r"[\w(/.\-]*\d[\w()/.\-:;]*$|[/.\-_]", head)
        and not re.match(r"\(?(?:19|20)\d\d\)?[.,]?$", head)
    ):
        return before + text
    if (
        re.match(r"[a-z0-9_\-]*[/?=_%.][\w/?=&%.\-]*", head)
        and not re.match(r"[A-Z]", head)
        and re.search(r"[/=?\d]", head)
    ):
        return before + text
    return None
