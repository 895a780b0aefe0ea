"""Lines made one running text: hyphenation undone, broken addresses put together."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HYPHENS = "-\u00ad\u2010\u2011"
_URL_AT_END = re.compile(r"(?:https?:|www\.|\bdoi\.org|\b10\.\d{4,9}/|\bdoi:)\S*$", re.IGNORECASE)
_URL_BREAK = re.compile(r"[/\-_=&?%.~#+:\u00ad\u2010]$")
_DOI_BEGUN = re.compile(r"(?:\b10\.\d{4,9}/\S*|\b10\.\d{0,9}|doi\.org/?\S*)$", re.IGNORECASE)
_COMPOUND_FIRST = re.compile(
    r"(?:^|[\s(\"“])(?:self|non|multi|cross|co|post|pre|semi|socio|inter|meta|anti|high|low|long|short|large|small|"
    r"real|well|state|peer|"
    r"open|two|three|first|second|full|half|evidence|problem|web|e|user|data|time|end|in|on|of|to|the|by|and|or|"
    r"based)$",
    re.IGNORECASE,
)


def join(texts: Sequence[str]) -> str:
    """The lines' texts as one, white space folded."""
    joined = ""
    for text in texts:
        joined = _append(joined, text) if joined else text
    return re.sub(r"\s+", " ", joined.replace("\u00ad", "")).strip()


def _append(before: str, text: str) -> str:
    if not text:
        return before
    if _URL_AT_END.search(before) and not text.startswith(("(", "[", "“", '"')):
        glued = _append_to_address(before, text)
        if glued is not None:
            return glued
    last = before[-1]
    if last not in _HYPHENS:
        dash = last in "–—/" and len(before) > 1 and not before[-2].isspace()
        return before + text if dash else f"{before} {text}"
    stem = before[:-1]
    if not stem or not (stem[-1].isalpha() and text[0].isalpha()):
        return before.replace("\u00ad", "-") + text if stem and stem[-1].isdigit() else f"{stem}-{text}"
    if text[0].isupper() or _COMPOUND_FIRST.search(stem):
        return f"{stem}-{text}"
    return stem + text


def _append_to_address(before: str, text: str) -> str | None:
    """An address or DOI that goes on in the next line; `None` where it does not."""
    head = re.split(r"\s", text, maxsplit=1)[0]
    if _URL_BREAK.search(before):
        ends_in_period = before.endswith(".")
        if ends_in_period and (head[:1].isupper() and not re.search(r"[/\d]", head)):
            return None
        if ends_in_period and re.fullmatch(r"[A-Za-z]+[,;]?", head) and not _DOI_BEGUN.search(before):
            return None
        stem = before.rstrip("\u00ad") if before.endswith("\u00ad") else before
        # A soft hyphen in an address is mostly a real one.
        return (stem + "-" if before.endswith("\u00ad") else stem) + text
    if (
        _DOI_BEGUN.search(before)
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
