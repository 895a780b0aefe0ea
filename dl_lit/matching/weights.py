"""How much each agreement weighs, learnt from real records: a logistic regression, small enough to be read.

Made by `scripts/bench matching --calibrate`; docs/matching.md says on what and how well it holds on works it has not
seen. A weight is in log-odds: 2.2 makes a match nine times as likely as it was.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from dl_lit.matching.compare import Agreement

if TYPE_CHECKING:
    from dl_lit.matching.evidence import Evidence

BIAS: Final = -8.87
WEIGHTS: Final[dict[str, float]] = {
    "title near": 3.30,
    "title": 4.01,
    "title unlike, none printed": 2.17,
    "title long": 1.12,
    "author agree": 3.35,
    "author close": 1.45,
    "author conflict": -0.16,
    "author misread": 2.64,
    "people": 1.35,
    "year agree": 0.50,
    "year close": -1.25,
    "year conflict": -3.43,
    "container agree": 1.86,
    "container close": 1.13,
    "container conflict": -2.08,
    "volume agree": 2.37,
    "volume conflict": -0.78,
    "page agree": 2.92,
    "page conflict": -2.41,
    "volume and page conflict": -1.53,
}

NEAR: Final = 0.7  # likeness of titles at which they begin to count
CLOSE_TITLE: Final = 0.88  # at which they begin to count for good
LONG: Final = 80  # letters of a title that cannot be longer to more purpose
MISREAD: Final = 0.6  # likeness of surnames at which one may be the other misread


def features(evidence: Evidence) -> dict[str, float]:
    """What is weighed, by the names of `WEIGHTS`; what is not there is 0."""
    title = evidence.title
    is_near = title >= CLOSE_TITLE
    conflicts = evidence.volume is evidence.first_page is Agreement.CONFLICT
    is_misread = evidence.author is Agreement.CONFLICT
    found = {
        "title near": _between(title, NEAR, CLOSE_TITLE),
        "title": _between(title, CLOSE_TITLE, 1.0),
        "title unlike, none printed": float(not evidence.prints_title and not is_near),
        "title long": min(evidence.title_letters, LONG) / LONG if is_near else 0.0,
        "author misread": _between(evidence.author_likeness, MISREAD, 1.0) if is_misread else 0.0,
        "people": evidence.people,
        "volume and page conflict": float(conflicts),
    }
    for name, agreement in (
        ("author", evidence.author),
        ("year", evidence.year),
        ("container", evidence.container),
        ("volume", evidence.volume),
        ("page", evidence.first_page),
    ):
        if f"{name} {agreement.value}" in WEIGHTS:
            found[f"{name} {agreement.value}"] = 1.0
    return found


def _between(number: float, low: float, high: float) -> float:
    """Where `number` lies between the two, 0 to 1."""
    return min(max((number - low) / (high - low), 0.0), 1.0)


def odds(evidence: Evidence) -> float:
    """The log-odds that a record with this evidence is the entry's work; a veto is no part of them."""
    return BIAS + sum(WEIGHTS[name] * value for name, value in features(evidence).items())


def probability(log_odds: float) -> float:
    """Log-odds as a probability, 0 to 1."""
    return 1 / (1 + math.exp(-max(log_odds, -50.0)))
