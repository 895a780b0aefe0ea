"""How sure the reader is of an entry's fields."""

from __future__ import annotations

import math

from dl_lit.core.values import dataclass
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.parts import Parts

_LABELS = {
    "authors": (Label.AUTHOR, Label.EDITOR, Label.COLLABORATION),
    "title": (Label.TITLE,),
    "year": (Label.DATE,),
    "container_title": (Label.CONTAINER, Label.BOOKTITLE),
    "publisher": (Label.PUBLISHER, Label.INSTITUTION),
    "volume": (Label.VOLUME,),
    "issue": (Label.ISSUE,),
    "pages": (Label.PAGES,),
}
# Logistic fits of "is right" on the entries of journals' lists that the model had not learnt from, a little more
# doubtful than those, for lists that are harder: (constant, weight of the model's own logit, gain where rules agree).
_FITS = {
    "authors": (0.6, 0.3, 2.5),
    "title": (0.3, 0.28, 2.2),
    "year": (0.8, 0.5, 0.6),
    "container_title": (0.9, 0.6, 0.0),
    "publisher": (0.5, 0.6, 0.0),
    "volume": (0.9, 0.6, 0.0),
    "issue": (0.9, 0.6, 0.0),
    "pages": (0.9, 0.6, 0.0),
}
_LOGIT_CAP = 7.0


@dataclass(frozen=True, slots=True)
class Certainty:
    """Probabilities from 0 to 1."""

    fields: dict[str, float]
    entry: float  # that authors, title and year are right


def certainty(parts: Parts, *, title: bool, authors: bool, year: bool) -> Certainty:
    """How sure the fields are; the flags say on which of them rules and model agree."""
    agreed = {"title": title, "authors": authors, "year": year}
    fields = {}
    for name, labels in _LABELS.items():
        part = parts.first(*labels)
        constant, weight, gain = _FITS[name]
        own = _logit(part.confidence) if part else -1.0
        odds = constant + weight * own + gain * agreed.get(name, False)
        fields[name] = round(1 / (1 + math.exp(-odds)), 3)
    return Certainty(fields, round(fields["title"] * fields["authors"] * fields["year"], 3))


def _logit(confidence: float) -> float:
    if confidence <= 0.0:
        return -_LOGIT_CAP
    if confidence >= 1.0:
        return _LOGIT_CAP
    return max(-_LOGIT_CAP, min(_LOGIT_CAP, math.log(confidence / (1 - confidence))))
