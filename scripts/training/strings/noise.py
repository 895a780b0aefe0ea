"""What happens to strings between the typesetter and the reader: each a function over marked segments.

Every function keeps the order of segments and what they are; only their text changes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from random import Random

from training.strings.segments import Segment, merged
from training.strings.words import LANGUAGES, WORDS

from dl_lit.pdf.fields.labels import Label

Noise = Callable[[Sequence[Segment], Random], list[Segment]]

_MISREAD_PAIRS = "rn>m m>rn l>1 1>l O>0 0>O e>c c>e h>b S>5 I>l i>í ü>ii ö>o cl>d vv>w t>r n>u ß>B B>8 a>o .>, ,>."
_MISREAD = {seen: read for seen, _, read in (pair.partition(">") for pair in _MISREAD_PAIRS.split(" "))}
_LIGATURES = {"ffi": "ﬃ", "ffl": "ﬄ", "fi": "ﬁ", "fl": "ﬂ", "ff": "ﬀ"}
_QUOTES = (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("‘", "’"), ("'", "'"), ("``", "''"))
_DASHES = ("-", "–", "—", "−", "‐", "- ", " - ", "–")
_MARKS = {"\u0308": "¨", "\u0301": "´", "\u0300": "`", "\u0302": "ˆ", "\u0327": "¸", "\u030c": "ˇ"}


def _each(segments: Sequence[Segment], change: Callable[[str], str]) -> list[Segment]:
    return merged(Segment(segment.label, change(segment.text)) for segment in segments)


def hyphenated(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Words broken at line ends: with hyphen and space, or the hyphen left inside the word; addresses with a space."""
    rate = rng.choice((0.02, 0.04))

    def broken(match: re.Match[str]) -> str:
        word = match.group()
        if rng.random() > rate:
            return word
        at = rng.randrange(3, len(word) - 2)
        return word[:at] + rng.choice(("- ", "-", "- ", "\u00ad", " ")) + word[at:]

    return _each(segments, lambda text: re.sub(r"[^\W\d_]{7,}", broken, text))


def address_broken(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Spaces where an address or a DOI ran over the line."""

    def broken(text: str) -> str:
        breaks = [match.end() for match in re.finditer(r"[/.\-_]", text) if match.end() < len(text)]
        if not breaks or not re.search(r"10\.\d|https?:|www", text):
            return text
        at = rng.choice(breaks)
        return text[:at] + " " + text[at:]

    return _each(segments, broken)


def misread(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Letters as optical recognition takes them."""
    rate = rng.choice((0.005, 0.02, 0.04))
    pattern = re.compile("|".join(map(re.escape, sorted(_MISREAD, key=len, reverse=True))))
    return _each(
        segments, lambda text: pattern.sub(lambda m: _MISREAD[m.group()] if rng.random() < rate else m.group(), text)
    )


def spaces_lost(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Spaces that the page's layout swallowed, mostly behind punctuation."""
    pattern, rate = rng.choice(((r"(?<=[.,;:]) ", 0.5), (" ", 0.06)))
    return _each(
        segments, lambda text: re.sub(pattern, lambda match: "" if rng.random() < rate else match.group(), text)
    )


def spaces_added(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Spaces before punctuation, as cut-up text has them; in words now and then."""
    rate = rng.choice((0.2, 1.0))
    pattern = r"(?<=\S)(?=[.,;:)\]])"
    return _each(
        segments, lambda text: re.sub(pattern, lambda match: " " if rng.random() < rate else match.group(), text)
    )


def diacritics_lost(segments: Sequence[Segment], _rng: Random) -> list[Segment]:
    """Plain letters for accented ones."""

    def plain(text: str) -> str:
        return "".join(c if c in "йЙёЁ" else unicodedata.normalize("NFD", c)[0] for c in text)

    return _each(segments, plain)


def diacritics_apart(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Accents printed as signs of their own, before or behind their letter."""
    before, space = rng.random() < 0.5, rng.choice(("", " "))

    def apart(character: str) -> str:
        parts = unicodedata.normalize("NFD", character)
        if len(parts) != 2 or parts[1] not in _MARKS:
            return character
        return space + _MARKS[parts[1]] + parts[0] if before else parts[0] + space + _MARKS[parts[1]]

    return _each(segments, lambda text: "".join(map(apart, text)))


def ligatures(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Ligatures as one sign, or with a space that their width left."""
    space = rng.choice(("", "", " "))
    pattern = re.compile("|".join(_LIGATURES))
    return _each(
        segments, lambda text: pattern.sub(lambda m: _LIGATURES[m.group()] if not space else m.group() + space, text)
    )


def quotes_changed(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Other quotation marks than the style's."""
    opening, closing = rng.choice(_QUOTES)
    return _each(segments, lambda text: re.sub("[“„«]", opening, re.sub("[”»]", closing, text)))


def quotes_lost(segments: Sequence[Segment], _rng: Random) -> list[Segment]:
    """No quotation marks at all."""
    return _each(segments, lambda text: re.sub("[“”„«»]", "", text))


def dashes_changed(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """Another dash in ranges."""
    dash = rng.choice(_DASHES)
    return _each(segments, lambda text: re.sub(r"(?<=\d)\s?[–-]+\s?(?=\d)", dash, text))


def labelled(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """The entry's number or key before it."""
    number = rng.randrange(1, 200)
    form = rng.choice(("[{}] ", "{}. ", "({}) ", "{} ", "[{}]", "{}) ", "{}."))
    return merged([Segment(None, form.format(number)), *segments])


def stop_lost(segments: Sequence[Segment], _rng: Random) -> list[Segment]:
    """No full stop at the end."""
    head, last = segments[:-1], segments[-1]
    return merged([*head, Segment(last.label, last.text.rstrip(".") if last.label is None else last.text)])


def in_capitals(segments: Sequence[Segment], _rng: Random) -> list[Segment]:
    """All in capitals, as some lists print authors or whole entries."""
    return _each(segments, str.upper)


def authors_dashed(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """A dash for the authors of the entry before."""
    dash = rng.choice(("———", "–––", "---", "——", "_____", "—", "⸺"))
    return merged(Segment(s.label, dash if s.label is Label.AUTHOR else s.text) for s in segments)


def authors_lost(segments: Sequence[Segment], _rng: Random) -> list[Segment]:
    """No authors: the entry begins with what follows them."""
    first, rest = segments[0], list(segments[1:])
    if first.label is not Label.AUTHOR or len(rest) < 4 or rest[1].label is Label.DATE:
        return list(segments)
    if rest[0].label is None:
        rest[0] = Segment(None, rest[0].text.lstrip(" .,:;–-"))
    return merged(rest)


def in_a_note(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """As a note cites: words that point to the work before it, the page that is meant behind it."""
    words = WORDS[rng.choice(LANGUAGES)]
    head, last = segments[:-1], segments[-1]
    if last.label is None:
        last = Segment(None, last.text.rstrip(".") if rng.random() < 0.7 else last.text)
    pointer = rng.choice(("", rng.choice(words.pointers)))
    place = rng.choice(("", "", rng.choice(words.places).format(page=rng.randrange(1, 500))))
    return merged(
        [Segment(None, pointer), *head, last, Segment(None, place), Segment(None, rng.choice((".", "", ".")))]
    )


def linked(segments: Sequence[Segment], rng: Random) -> list[Segment]:
    """The words of a publisher's links behind the entry."""
    links = rng.choice(
        (
            "[CrossRef]",
            "[PubMed]",
            "[Google Scholar] [CrossRef]",
            "Google Scholar",
            "Crossref | PubMed",
            "[PMC free article]",
        )
    )
    return merged([*segments, Segment(None, " " + links)])


# How often each of them strikes a string.
USUAL: tuple[tuple[Noise, float], ...] = (
    (hyphenated, 0.12),
    (address_broken, 0.06),
    (misread, 0.03),
    (spaces_lost, 0.03),
    (spaces_added, 0.02),
    (diacritics_lost, 0.03),
    (diacritics_apart, 0.01),
    (ligatures, 0.015),
    (quotes_changed, 0.05),
    (quotes_lost, 0.02),
    (dashes_changed, 0.08),
    (labelled, 0.03),
    (stop_lost, 0.08),
    (in_capitals, 0.004),
    (authors_dashed, 0.01),
    (authors_lost, 0.02),
    (in_a_note, 0.04),
    (linked, 0.02),
)


def noisy(segments: Sequence[Segment], rng: Random, noises: Sequence[tuple[Noise, float]] = USUAL) -> list[Segment]:
    """`segments` with each of `noises` as often as it says."""
    result = list(segments)
    for noise, share in noises:
        if rng.random() < share and result:
            result = noise(result, rng)
    return result
