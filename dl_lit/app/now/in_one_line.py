"""How a running process is, in one line: what `systemctl status` shows."""

from __future__ import annotations

from dl_lit.core.conditions import Severity
from dl_lit.core.model import StageName
from dl_lit.core.pulse import Pulse

_SHOWN = 2
"""Conditions that are told in the line; `dl-lit status` has them all."""


def in_one_line(pulse: Pulse) -> str:
    """What waits, what is under way, and what is wrong: "4 sources, 312 entries waiting, 60 downloading; ..."."""
    return "; ".join((_work(pulse), *_wrong(pulse)))


def _work(pulse: Pulse) -> str:
    waiting = {name: stage.waiting for name, stage in pulse.stages.items()}
    rooms = (
        (waiting.get(StageName.EXTRACTION, 0), "source", "sources"),
        (waiting.get(StageName.ENRICHMENT, 0), "entry", "entries"),
        (waiting.get(StageName.QUEUEING, 0) + waiting.get(StageName.DOWNLOAD, 0), "work", "works"),
    )
    full = [f"{count:,} {one if count == 1 else many}" for count, one, many in rooms if count]
    downloading = pulse.stages[StageName.DOWNLOAD].running if StageName.DOWNLOAD in pulse.stages else 0
    waits = [f"{', '.join(full)} waiting"] if full else []
    return ", ".join([*waits, *([f"{downloading} downloading"] if downloading else [])]) or "nothing to do"


def _wrong(pulse: Pulse) -> list[str]:
    grave = [one for one in pulse.conditions if one.severity is not Severity.NOTICE]
    told = [f"{one.severity.value}: {_briefly(one.ailment.value, one.subject)}" for one in grave[:_SHOWN]]
    return [*told, *([f"and {len(grave) - _SHOWN} more"] if len(grave) > _SHOWN else [])]


def _briefly(ailment: str, subject: str) -> str:
    words = ailment.replace("-", " ")
    return f"{words} ({subject})" if subject else words
