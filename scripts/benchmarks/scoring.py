"""How well bibliographies were read: predicted against gold references, counted over all documents of a set.

The same rules, figures and names as the reviewers' scorer (`../shared/score/score_references.py`), which is used
instead where it is there:

    found     a gold reference with a prediction of its own that has its DOI, or carries its title (15 letters or more)
              in the raw string, or is 0.85 alike in the raw string or 0.90 in the title
    precision, recall, f1
              found of the predicted and of the gold ones; a gold list marked `partial` counts for recall alone
    title, first_author, year, doi
              right of the found ones whose gold list knows the field
    instance_f1
              F1 of what is found and right in title, first author and year, as far as gold knows them
    order     neighbours in gold whose predicted positions ascend, too
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

FIELDS = ("title", "first_author", "year", "doi")
RAW_ALIKE, TITLE_ALIKE = 0.85, 0.90
_TELLING_TITLE = 15  # letters and digits from which on a title inside a raw string proves the entry
_TELLING_NAME = 3  # letters that a family name must exceed to be believed as the end of a longer one

Reference = Mapping[str, Any]


@dataclass(slots=True)
class Counts:
    """What is added up over the documents of a set."""

    documents: int = 0
    errors: int = 0
    gold: int = 0
    found: int = 0
    gold_whole: int = 0  # the same without the lists that are marked partial
    found_whole: int = 0
    predicted: int = 0
    right: int = 0
    neighbours: int = 0
    ascending: int = 0
    fields: dict[str, list[int]] = field(default_factory=lambda: {name: [0, 0] for name in FIELDS})

    def figures(self) -> dict[str, float]:
        """The figures by name; ratios with four digits, 0 where there is nothing to divide by."""
        return {
            "documents": self.documents,
            "documents_with_error": self.errors,
            "gold": self.gold,
            "predicted": self.predicted,
            "precision": _ratio(self.found_whole, self.predicted),
            "recall": _ratio(self.found, self.gold),
            "f1": self._f1(self.found_whole),
            **{name: _ratio(*self.fields[name]) for name in FIELDS},
            "instance_f1": self._f1(self.right),
            "order": _ratio(self.ascending, self.neighbours),
        }

    def _f1(self, hits: int) -> float:
        precision, recall = _ratio(hits, self.predicted), _ratio(hits, self.gold_whole)
        return round(2 * precision * recall / (precision + recall), 4) if precision + recall else 0.0

    def add(self, gold: Mapping[str, Any], document: Mapping[str, Any]) -> tuple[int, int, int]:
        """Count one document; how many references are gold, predicted and found."""
        wanted, read = gold.get("references") or [], document.get("references") or []
        pairs = paired(wanted, read)
        whole = not gold.get("partial")
        self.documents += 1
        self.errors += bool(document.get("error"))
        self.gold += len(wanted)
        self.found += len(pairs)
        if whole:
            self.gold_whole += len(wanted)
            self.predicted += len(read)
            self.found_whole += len(pairs)
        for g, p in pairs:
            marks = judged(wanted[g], read[p])
            for name, is_right in marks.items():
                self.fields[name][0] += is_right
                self.fields[name][1] += 1
            self.right += whole and all(is_right for name, is_right in marks.items() if name != "doi")
        positions = [read[p].get("position") or p for _, p in pairs]
        self.neighbours += max(0, len(pairs) - 1)
        self.ascending += sum(before < after for before, after in pairwise(positions))
        return len(wanted), len(read), len(pairs)


def scored(gold_folder: Path, documents: Iterable[Mapping[str, Any]]) -> dict[str, float]:
    """The figures of a set: its folder of gold lists against documents of schema dl-lit/bibliography/1.

    A gold list without a document of its name counts as a document with an error.
    """
    read = {Path(document["path"]).stem: document for document in documents}
    counts = Counts()
    for path in sorted(gold_folder.glob("*.json")):
        gold = json.loads(path.read_text(encoding="utf-8"))
        counts.add(gold, read.get(path.stem, {"references": [], "error": "missing"}))
    return counts.figures()


def paired(gold: Sequence[Reference], predicted: Sequence[Reference]) -> list[tuple[int, int]]:
    """The found ones as pairs of indices (gold, predicted), the surest pairs formed first; in gold's order."""
    surest = sorted(_candidates(gold, predicted), reverse=True)
    taken_gold: set[int] = set()
    taken: set[int] = set()
    pairs = []
    for _, _, g, p in surest:
        if g not in taken_gold and p not in taken:
            taken_gold.add(g)
            taken.add(p)
            pairs.append((g, p))
    return sorted(pairs)


def judged(gold: Reference, predicted: Reference) -> dict[str, bool]:
    """For each field that gold knows: whether the prediction is right."""
    marks: dict[str, bool] = {}
    if gold.get("title"):
        marks["title"] = fuzz.ratio(_words(gold["title"]), _words(predicted.get("title"))) >= 100 * TITLE_ALIKE
    if gold.get("first_author"):
        marks["first_author"] = _same_name(_letters(gold["first_author"]), _first_name(predicted))
    if _year(gold.get("year")):
        marks["year"] = _year(gold["year"]) == _year(predicted.get("year"))
    if gold.get("doi"):
        marks["doi"] = _doi(gold["doi"]) == _doi(predicted.get("doi"))
    return marks


def _candidates(gold: Sequence[Reference], predicted: Sequence[Reference]) -> Iterator[tuple[float, int, int, int]]:
    """What may be paired: how sure, nearness of place as minus the distance, and both indices."""
    forms = [_Form.of(one) for one in predicted]
    for g, one in enumerate(gold):
        wanted = _Form.of(one)
        for p, form in enumerate(forms):
            sureness = wanted.likeness(form)
            if sureness > 0:
                yield sureness, -abs(g - p), g, p


@dataclass(frozen=True, slots=True)
class _Form:
    """A reference reduced to what is compared."""

    doi: str
    title_letters: str
    title_words: str
    raw_letters: str

    @classmethod
    def of(cls, reference: Reference) -> _Form:
        title, raw = reference.get("title"), reference.get("raw")
        return cls(_doi(reference.get("doi")), _letters(title), _words(title), _letters(raw))

    def likeness(self, predicted: _Form) -> float:
        """0 to 1: how surely `predicted` is this gold entry; 0 where it is not."""
        if self.doi and self.doi == predicted.doi:
            return 1.0
        if len(self.title_letters) >= _TELLING_TITLE and self.title_letters in predicted.raw_letters:
            return 0.99
        if self.raw_letters and predicted.raw_letters:
            alike = fuzz.ratio(self.raw_letters, predicted.raw_letters) / 100
            if alike >= RAW_ALIKE:
                return 0.98 * alike
        if self.title_letters and predicted.title_words:
            alike = fuzz.ratio(self.title_words, predicted.title_words) / 100
            if alike >= TITLE_ALIKE:
                return 0.97 * alike
        return 0.0


def _same_name(wanted: str, read: str) -> bool:
    """Equal, or one the end of the other: particles are the beginning of a family name or not."""
    if not read:
        return False
    ends = (wanted.endswith(read) and len(read) > _TELLING_NAME) or (
        read.endswith(wanted) and len(wanted) > _TELLING_NAME
    )
    return wanted == read or ends


def _first_name(reference: Reference) -> str:
    people = reference.get("authors") or reference.get("editors") or [{}]
    return _letters(people[0].get("family") or people[0].get("literal") or people[0].get("name"))


def _plain(text: str | None) -> str:
    decomposed = unicodedata.normalize("NFKD", text or "")
    return "".join(char for char in decomposed if not unicodedata.combining(char)).lower()


def _letters(text: str | None) -> str:
    return re.sub(r"[\W_]", "", _plain(text))


def _words(text: str | None) -> str:
    return " ".join(re.findall(r"\w+", _plain(text)))


def _doi(text: str | None) -> str:
    return re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", (text or "").strip().lower())


def _year(value: object) -> str:
    found = re.search(r"\d{4}", str(value or ""))
    return found[0] if found else ""


def _ratio(part: int, whole: int) -> float:
    return round(part / whole, 4) if whole else 0.0
