"""The snapshot as a line now and then, for what is no terminal; conditions that begin and end have their own lines."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from dl_lit.cli.printing import shown

if TYPE_CHECKING:
    from dl_lit.app.now.snapshot import Snapshot
    from dl_lit.core.conditions import Ailment, Condition


class Lines:
    """Remembers what has been said of conditions."""

    def __init__(self) -> None:
        """Nothing has been said."""
        self._said: dict[tuple[Ailment, str], Condition] = {}

    def of(self, now: Snapshot) -> Iterator[str]:
        """The lines of a moment."""
        yield from self.of_conditions(now.conditions)
        stages = ", ".join(
            f"{one.stage.value} {one.room.done:,}"
            + (f"+{one.failed:,} failed" if one.failed else "")
            + (f" ({one.room.waiting:,} waiting)" if one.room.waiting else "")
            for one in now.stages
        )
        yield f"{datetime.fromtimestamp(now.at, UTC):%H:%M:%S}  {now.health}  {stages}"

    def of_conditions(self, conditions: tuple[Condition, ...]) -> Iterator[str]:
        """What has begun and what is over since the last time."""
        hold = {one.key: one for one in conditions}
        for key, one in hold.items():
            if key not in self._said:
                yield f"{one.severity.value}: {shown(one.says)}" + (f" ({shown(one.remedy)})" if one.remedy else "")
        for key, one in self._said.items():
            if key not in hold:
                yield f"over: {shown(one.says)}"
        self._said = hold
