"""The PRISMA numbers as the boxes of a flow diagram."""

from __future__ import annotations

from collections.abc import Mapping

from db.reading.prisma import PrismaNumbers
from dl_lit.exports.charts import Step

_MOST = 7
"""Reasons in one box; the others are put together."""


def steps_of(numbers: PrismaNumbers) -> tuple[Step, ...]:
    """Identification, screening, retrieval, assessment, inclusion; nothing of what was counted is left out."""
    origins: dict[str, int] = {}
    for one in numbers.origins:
        name = one.name + (f", level {one.level}" if one.level else "")
        origins[name] = origins.get(name, 0) + one.records
    return (
        Step(
            "Identification",
            [*_few(origins), ("records identified", numbers.identified)],
            "Removed before screening",
            [("duplicates", numbers.duplicates)],
        ),
        Step(
            "Screening",
            [("records screened", numbers.screened)],
            "Not recognised",
            [
                *_few(numbers.not_recognised),
                ("to be decided on by a person", numbers.recognition_for_review),
                ("waiting", numbers.recognition_waiting),
            ],
        ),
        Step(
            "Retrieval",
            [("works sought", numbers.sought)],
            "Not retrieved",
            [*_few(numbers.not_retrieved), ("waiting", numbers.retrieval_waiting)],
        ),
        Step(
            "Assessment",
            [("works retrieved", numbers.retrieved)],
            "Not included",
            [
                ("to be decided on by a person", numbers.files_for_review),
                ("only files of other works came", numbers.wrong_work),
            ],
        ),
        Step(
            "Included",
            [
                ("proven to be the work", sum(numbers.verified.values())),
                ("not proven", numbers.unverified),
                ("works in the library", numbers.included),
            ],
        ),
    )


def _few(found: Mapping[str, int]) -> list[tuple[str, int]]:
    rows = list(found.items())
    if len(rows) <= _MOST:
        return rows
    return [*rows[: _MOST - 1], ("other reasons", sum(number for _, number in rows[_MOST - 1 :]))]
