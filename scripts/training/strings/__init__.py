"""Training strings the project renders itself: real records in hundreds of citation styles, the fields marked.

`rendered(data, seed)` gives them without end; the same folder and seed give the same strings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random

from training.strings.grammar import random_style
from training.strings.inventions import works
from training.strings.noise import noisy
from training.strings.segments import Segment, joined
from training.strings.styles import KNOWN, Style
from training.strings.words import LANGUAGES
from training.strings.works import Work, load_records

__all__ = ["Rendered", "Segment", "Style", "Work", "rendered", "styles"]

_PER_LANGUAGE = 120  # random styles of each language
# How often a language is printed; more than it is in the records, where English is nearly all.
_SHARES = {"en": 46, "de": 16, "fr": 8, "es": 7, "it": 6, "pt": 6, "nl": 3, "pl": 4, "ru": 4}
_KNOWN_SHARE = 0.3  # of the strings are in a style that everybody knows
_FOREIGN = 0.12  # of the works are in English where the style is not


@dataclass(frozen=True, slots=True)
class Rendered:
    """One string: what it is made of and the style it is in."""

    segments: tuple[Segment, ...]
    style: str
    language: str
    kind: str

    @property
    def text(self) -> str:
        """The whole string."""
        return joined(self.segments)


def styles(seed: int = 0) -> list[Style]:
    """All styles: the known ones, then `_PER_LANGUAGE` random ones of each language."""
    rng = Random(seed)
    return [*KNOWN, *(random_style(language, rng) for language in LANGUAGES for _ in range(_PER_LANGUAGE))]


def rendered(data: Path, seed: int = 0) -> Iterator[Rendered]:
    """Strings without end from the records in the folder `data` (which holds universe.jsonl.gz)."""
    rng = Random(seed)
    records = load_records(data, rng)
    sources = {language: works(records, language, Random(rng.random())) for language in LANGUAGES}
    by_language: dict[str, tuple[list[Style], list[Style]]] = {language: ([], []) for language in LANGUAGES}
    for style in styles(seed):
        by_language[style.language][style not in KNOWN].append(style)
    while True:
        language = rng.choices(list(_SHARES), list(_SHARES.values()))[0]
        known, random_ones = by_language[language]
        style = rng.choice(known if known and rng.random() < _KNOWN_SHARE else random_ones)
        work = next(sources["en" if language != "ru" and rng.random() < _FOREIGN else language])
        segments = noisy(style.render(work, rng), rng)
        if len(joined(segments)) >= 20:
            yield Rendered(tuple(segments), style.name, language, work.kind)
