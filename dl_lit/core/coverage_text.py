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
    few = coverage.expected is not None and coverage.found < coverage.expected
    parts = [f"{_counted(coverage.found, 'reference')}{f' of {coverage.expected} expected' if few else ''}"]
    if coverage.missing_labels:
        parts.append(f"missing {_listed(coverage.missing_labels, _MOST_SAID, ', ')}")
    missing = set(coverage.missing_labels)
    markers = [marker for marker in coverage.unanswered_markers if re.sub(r"\W", "", marker) not in missing]
    if markers:
        named = _listed(markers, _MOST_SAID // 2, "; ")
        parts.append(f"{_counted(len(markers), 'marker')} in the text without entry: {named}")
    if coverage.score is not None:
        parts.append(f"coverage {coverage.score:.2f}")
    return "; ".join(parts)


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'' if count == 1 else 's'}"


def _listed(values: Sequence[str], most: int, between: str) -> str:
    more = len(values) - most
    return between.join(values[:most]) + (f"{between}and {more} more" if more > 0 else "")
