"""What a line of a list of references shows of being an entry's first one, as the model of beginnings sees it.

The features speak of the shapes of words, of what the line before ended with, and of how far it ran; where the line
stands on the page is for the rules of layout, which ask the model whether what they propose reads like entries.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.patterns import ENDS_ENTRY, ENDS_OPEN, HEAD, STARTS, STARTS_STRICT, YEAR

FEATURES_VERSION = 1  # of what `features` gives; a model knows only those it was trained with
_QUOTES = "\"“”„«»‘’‚'`´"
_DASHES = "-–—‐‑‒―⸺⸻_"
_WORDS = re.compile(r"[^\W_]+|[^\w\s]")
_ADDRESS = re.compile(r"^(?:https?:|www\.|doi\b|10\.\d{4})", re.IGNORECASE)
_IN = re.compile(r"^(?:in|dans|en|em|v|w|nel|pp?|vol|no|nr|bd|hrsg|eds?|et|and|und|y|e|&)\b", re.IGNORECASE)
_FILLS = (0.3, 0.6, 0.8, 0.9, 0.96)
_REPEATS = re.compile(r"^(?:[-–—_⸺⸻―]\s?){1,6}[,.:;\s(]|^[-–—_⸺⸻]{2,}")


def features(lines: Sequence[Line], texts: Sequence[str] | None = None) -> list[list[str]]:
    """The features of every line; `texts` are the lines' texts where labels were taken off them."""
    texts = [line.text for line in lines] if texts is None else texts
    shares = fills(lines)
    found: list[list[str]] = []
    for index, text in enumerate(texts):
        before = texts[index - 1] if index else ""
        after = texts[index + 1] if index + 1 < len(texts) else ""
        found.append(
            [
                "bias",
                *_head(text),
                *_tail(before),
                f"own:{_bin(shares[index])}",
                f"before:{_bin(shares[index - 1]) if index else 'none'}",
                f"next:{_signature(after[:12])[:4]}",
                f"mine:{_signature(text[-12:])[-2:]}",
                *_whole(text, before),
            ]
        )
    return found


def _head(text: str) -> list[str]:
    """How the line begins."""
    head = _signature(text[:40])
    found = [f"h{length}:{head[:length]}" for length in (1, 2, 3, 4, 6, 8, 11, 15)]
    words = _WORDS.findall(text[:60])[:4]
    found += [f"w{place}:{_shape(word)}" for place, word in enumerate(words)]
    found.append("ww:" + " ".join(_shape(word) for word in words[:3]))
    if words and words[0].islower():
        found.append(f"low:{words[0][:8]}")
    if _IN.match(text):
        found.append("goes-on")
    if _ADDRESS.match(text):
        found.append("address")
    if _REPEATS.match(text):
        found.append("repeats")
    return found


def _tail(before: str) -> list[str]:
    """How the line before ends."""
    tail = _signature(before[-24:])
    found = [f"t{length}:{tail[-length:]}" for length in (1, 2, 3, 5)]
    if words := _WORDS.findall(before[-30:])[-2:]:
        found.append("tw:" + " ".join(_shape(word) for word in words))
        if words[-1].islower() and len(words[-1]) < 5:
            found.append(f"tlow:{words[-1]}")
    if ENDS_ENTRY.search(before):
        found.append("ended")
    if ENDS_OPEN.search(before):
        found.append("open")
    return found


def _whole(text: str, before: str) -> list[str]:
    """What the whole line says: names, years and where they stand."""
    head = text[:HEAD]
    strict, loose = bool(STARTS_STRICT.match(head)), bool(STARTS.match(head))
    ended = bool(ENDS_ENTRY.search(before)) and not ENDS_OPEN.search(before)
    found = [f"name:{strict:d}{loose:d}", f"name:{strict:d}{loose:d}|ended:{ended:d}"]
    if year := YEAR.search(text):
        place = year.start() / max(len(text), 1)
        found.append(f"year:{min(int(place * 4), 3)}")
    if YEAR.search(before):
        found.append("year-before")
    commas = text.count(",")
    found.append(f"commas:{min(commas, 5)}")
    initials = len(re.findall(r"(?<![^\W\d_])[^\W\d_a-z]\.", text))
    found.append(f"initials:{min(initials, 5)}")
    return found


def fills(lines: Sequence[Line]) -> list[float]:
    """How far across its column each line runs, 0 to 1."""
    columns: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        columns.setdefault((line.page, line.column), []).append(line)
    edges: dict[tuple[int, int], tuple[float, float]] = {}
    for key, members in columns.items():
        rights = sorted(line.x1 for line in members)
        edges[key] = min(line.x0 for line in members), rights[min(len(rights) * 9 // 10, len(rights) - 1)]
    shares: list[float] = []
    for line in lines:
        left, right = edges[line.page, line.column]
        shares.append((line.x1 - left) / max(right - left, 1.0))
    return shares


def _bin(share: float) -> int:
    return sum(share > edge for edge in _FILLS)


def _signature(text: str) -> str:
    """The shape of `text`: A for capitals (at most two in a row), a and 0 for runs of others, marks as they are."""
    out: list[str] = []
    for character in text:
        if character.isalpha():
            kind = "a" if character.islower() else "C" if _is_unicameral(character) else "A"
        elif character.isdigit():
            kind = "0"
        elif character in _QUOTES:
            kind = '"'
        elif character in _DASHES:
            kind = "-"
        elif unicodedata.category(character).startswith("M"):
            continue
        else:
            kind = character
        if out and out[-1] == kind and (kind in "a0C" or (kind == "A" and len(out) > 1 and out[-2] == "A")):
            continue
        out.append(kind)
    return "".join(out)


def _is_unicameral(character: str) -> bool:
    """Whether its script knows no capitals: Chinese, Japanese, Korean, Arabic."""
    return not character.isupper() and not character.istitle()


def _shape(word: str) -> str:
    if word.isdigit():
        return f"0{min(len(word), 5)}"
    if not word[:1].isalpha():
        return word[:1]
    if word.islower():
        return "a" if len(word) > 3 else f"a:{word}"
    if word.isupper():
        return f"A{min(len(word), 4)}"
    return "Aa" if word[0].isupper() else "C"
