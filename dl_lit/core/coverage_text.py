"""How complete a bibliography was read, as one sentence for people."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.model import Coverage

_MOST_SAID = 12  # labels, and half as many markers


def coverage_sentence(coverage: Coverage) -> str:
    """What was found of what the document promises: "57 references of 60 expected; missing 12, 13, 14".

    Markers that only repeat a missing label ("[12]") are left out.
    """
    # As many entries as expected may still lack some: several works under one label make up for them.
    few = coverage.expected is not None and (coverage.found < coverage.expected or bool(coverage.missing_labels))
    parts = [f"{_counted(coverage.found, 'reference')}{f' of {coverage.expected} expected' if few else ''}"]
    if coverage.missing_labels:
        parts.append(f"missing {_listed(coverage.missing_labels, _MOST_SAID, ', ')}")
    missing = set(coverage.missing_labels)
    markers = [marker for marker in coverage.unanswered_markers if re.sub(r"\W", "", marker) not in missing]
    if markers:
        named = _listed(markers, _MOST_SAID // 2, "; ")
        parts.append(f"{_counted(len(markers), 'marker')} in the text without entry: {named}")
    if coverage.score is not None:
        parts.append(f"coverage {coverage_percent(coverage.score)} %")
    return "; ".join(parts)


def coverage_percent(score: float) -> int:
    """A coverage's score (0 to 1) in per cent, as it is shown everywhere: 100 only where nothing is missing."""
    return min(round(score * 100), 100 if score >= 1 else 99)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(values: Sequence[str], most: int, between: str) -> str:
    more = len(values) - most
    return between.join(values[:most]) + (f"{between}and {more} more" if more > 0 else "")
