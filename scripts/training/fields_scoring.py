"""How well parts were found: by field and by whole string."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from dl_lit.pdf.fields.labels import Label

Fields = Counter[tuple[Label, str]]


def strict(text: str, spans: Iterable[tuple[Label, int, int]]) -> Fields:
    """The fields as marked, to the character."""
    return Counter((label, text[start:end]) for label, start, end in spans)


def normalised(text: str, spans: Iterable[tuple[Label, int, int]]) -> Fields:
    """The fields in lower case, without punctuation and white space at their ends, white space inside them folded.

    Whether a full stop after an abbreviation or a bracket belongs to a field is not counted, then; every letter and
    figure, and all punctuation within, is.
    """
    found: Fields = Counter()
    for label, start, end in spans:
        first, last = start, end
        while first < last and not text[first].isalnum():
            first += 1
        while last > first and not text[last - 1].isalnum():
            last -= 1
        if first < last:
            found[label, " ".join(text[first:last].lower().split())] += 1
    return found


@dataclass(slots=True)
class Score:
    """Counts over many strings; micro averages."""

    right: Counter[Label] = field(default_factory=Counter)
    found: Counter[Label] = field(default_factory=Counter)
    marked: Counter[Label] = field(default_factory=Counter)
    strings: int = 0
    whole: int = 0  # strings of which every field is right and none is too many

    def add(self, marked: Fields, found: Fields) -> None:
        """Count one string."""
        self.strings += 1
        self.whole += marked == found
        for counter, fields in ((self.marked, marked), (self.found, found), (self.right, marked & found)):
            for (label, _), count in fields.items():
                counter[label] += count

    def merge(self, other: Score) -> None:
        """Count what `other` has counted."""
        self.strings += other.strings
        self.whole += other.whole
        for mine, theirs in ((self.marked, other.marked), (self.found, other.found), (self.right, other.right)):
            mine.update(theirs)

    def f1(self, label: Label | None = None) -> float:
        """Of one kind of field, or of all."""
        counters = (self.right, self.found, self.marked)
        right, found, marked = (c.total() if label is None else c[label] for c in counters)
        return 2 * right / (found + marked) if found + marked else 0.0

    def instance_f1(self) -> float:
        """Whole strings right; precision and recall are one, as each string gets one answer."""
        return self.whole / self.strings if self.strings else 0.0

    def table(self) -> dict[str, dict[str, float | int]]:
        """By field: how many are marked, and precision, recall and F1."""
        return {
            label.value: {
                "marked": count,
                "precision": round(self.right[label] / self.found[label], 4) if self.found[label] else 0.0,
                "recall": round(self.right[label] / count, 4),
                "f1": round(self.f1(label), 4),
            }
            for label, count in sorted(self.marked.items(), key=lambda item: (-item[1], item[0]))
        }
