"""What the model found in one entry, put together part by part."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.values import dataclass
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tagger import Span, Tagged

_GAP = re.compile(r"[^\w]{0,4}")
_SLASHES = re.compile(r"\s*(?:\s/\s[А-ЯЁA-Z]\.(?:(?!\s//\s).)*)?(?P<container>\s//\s+)|\s+/\s(?=[А-ЯЁA-Z]\.)")
_OPEN = {"(": ")", "[": "]", "«": "»", "„": "“", "“": "”"}


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of the entry: `text` stands at `start`."""

    text: str
    start: int
    end: int
    confidence: float  # 0 to 1, as the model has it


@dataclass(frozen=True, slots=True)
class Parts:
    """The pieces of one entry by what they are, in printed order."""

    by_label: dict[Label, tuple[Part, ...]]
    confidence: float  # 0 to 1, that all of them are right, as the model has it

    def all(self, *labels: Label) -> tuple[Part, ...]:
        """All pieces that are one of `labels`, in printed order."""
        found = [part for label in labels for part in self.by_label.get(label, ())]
        return tuple(sorted(found, key=lambda part: part.start))

    def first(self, *labels: Label) -> Part | None:
        """The first piece of the first of `labels` that there is."""
        return next((self.by_label[label][0] for label in labels if label in self.by_label), None)


def parts_of(text: str, tagged: Tagged) -> Parts:
    """The pieces of `text`: neighbours of one kind made one, brackets that were cut off put back."""
    spans = [part for span in _whole(text, _merged(text, tagged.spans)) for part in _parted(text, span)]
    by_label: dict[Label, list[Part]] = {}
    for span in spans:
        piece = text[span.start : span.end]
        by_label.setdefault(span.label, []).append(Part(piece, span.start, span.end, span.confidence))
    return Parts({label: tuple(parts) for label, parts in by_label.items()}, tagged.confidence)


def _merged(text: str, spans: Sequence[Span]) -> list[Span]:
    merged: list[Span] = []
    for span in spans:
        last = merged[-1] if merged else None
        if last and last.label is span.label and _goes_on(text[last.end : span.start], span.label):
            merged[-1] = Span(span.label, last.start, span.end, min(last.confidence, span.confidence))
        else:
            merged.append(span)
    return merged


def _goes_on(between: str, label: Label) -> bool:
    if label in {Label.AUTHOR, Label.EDITOR}:
        return len(between) <= 8 and not re.search(r"\d", between)
    return label is Label.TITLE and bool(_GAP.fullmatch(between))


def _parted(text: str, span: Span) -> list[Span]:
    """A title apart from who signs it and from its container, where slashes part them as GOST R 7.0.5 has it."""
    if span.label is not Label.TITLE or not (slashes := _SLASHES.search(text, span.start, span.end)):
        return [span]
    parts = [Span(Label.TITLE, span.start, slashes.start(), span.confidence)]
    if slashes.group("container"):
        parts.append(Span(Label.CONTAINER, slashes.end(), span.end, span.confidence))
    return [part for part in parts if part.start < part.end]


def _whole(text: str, spans: Sequence[Span]) -> list[Span]:
    """Spans with the closing bracket or quotation mark that belongs to them."""
    whole = []
    for span in spans:
        piece = text[span.start : span.end]
        end = span.end
        for opening, closing in _OPEN.items():
            if (
                piece.count(opening) > piece.count(closing)
                and text[end : end + 1] == closing
                and not piece.startswith(opening)
            ):
                end += 1
        whole.append(Span(span.label, span.start, end, span.confidence))
    return whole
