"""Reading the settings again while the daemon works: what can change at once does, the rest is named.

Settings are values that nobody changes. What works by them is made anew and put in the old one's place
(`Workshop.renew`), so that no part ever works by half of the old settings and half of the new.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import structlog

from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Ailment
from dl_lit.core.errors import DlLitError
from dl_lit.core.values import dataclass
from dl_lit.settings import Loaded
from dl_lit.settings.check_llm import require_model
from dl_lit.settings.check_serve import require_control
from dl_lit.settings.resolve import resolved

NEEDS_RESTART = (
    *(
        "database",
        "database_pool_size",
        "library",
        "state_folder",
        "cache_folder",
        "local_index",
        "synchronous",
    ),  # files held open
    *(
        "engine.stages",
        "engine.lease_s",
        "engine.queue_size",
        "engine.poll_s",
        "engine.stall_s",
        "engine.outage_s",
    ),  # the stages' structure
    *("files.*", "hand_in.*", "pdf.*"),  # the library's names; children at work
    *("cache.max_mb", "ledger.*"),
)
"""The settings that a reload leaves as they are; "section.*" stands for all of a section."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Reloaded:
    """What reading the settings again came to."""

    changed: tuple[str, ...] = ()  # settings that hold from now on
    needs_restart: tuple[str, ...] = ()  # settings that were changed, too, and wait for a restart
    trouble: str | None = None  # why nothing was changed

    @property
    def says(self) -> str:
        """In one line."""
        if self.trouble is not None:
            return f"settings not taken over: {self.trouble}"
        changed = f"settings taken over: {_named(self.changed)}" if self.changed else "settings as before"
        return f"{changed}; wait for a restart: {_named(self.needs_restart)}" if self.needs_restart else changed


def needs_restart(name: str) -> bool:
    """Whether a change of the setting waits for a restart."""
    return name in NEEDS_RESTART or f"{name.partition('.')[0]}.*" in NEEDS_RESTART


class Reloading:
    """The settings in force, and how they become others."""

    def __init__(
        self,
        shop: Workshop,
        now: Loaded,
        load: Callable[[], Loaded],
        *,
        take: Callable[[Loaded], None] = lambda _loaded: None,
    ) -> None:
        """`load` reads the settings anew; `take` is told of those that are in force, before they are."""
        self._shop = shop
        self._now = now
        self._load = load
        self._take = take

    def reload(self) -> Reloaded:
        """Read the settings, and work by them; where they cannot be used, all stays as it was."""
        try:
            wanted = self._load()
            changed = tuple(name for name, one in wanted.values.items() if one.value != self._now.values[name].value)
            later = tuple(name for name in changed if needs_restart(name))
            values = {**wanted.values, **{name: self._now.values[name] for name in later}}
            loaded = replace(wanted, values=values)
            if later:
                loaded = replace(loaded, settings=resolved({name: one.value for name, one in values.items()}))
            require_model(loaded.settings)
            require_control(loaded.settings)
            self._take(loaded)
        except DlLitError as error:
            return self._failed(str(error))
        if len(changed) > len(later):
            self._shop.renew(loaded.settings)
        self._now = loaded
        return self._succeeded(Reloaded(tuple(name for name in changed if name not in later), later))

    def _failed(self, trouble: str) -> Reloaded:
        log.error("reload_failed", detail=trouble, says="the settings are as they were")
        self._shop.complaints.make(
            Ailment.RELOAD_FAILED,
            says=f"The settings were read again and cannot be used: {trouble}.",
            remedy="Mend them (`dl-lit config` tells whether they can be read) and reload again.",
        )
        return Reloaded(trouble=trouble)

    def _succeeded(self, reloaded: Reloaded) -> Reloaded:
        log.info("reloaded", changed=reloaded.changed, needs_restart=reloaded.needs_restart)
        if reloaded.needs_restart:
            self._shop.complaints.make(
                Ailment.RESTART_NEEDED,
                says=f"Changed, but only to hold after a restart: {_named(reloaded.needs_restart)}.",
                remedy="Restart the daemon when it suits you: nothing is lost.",
            )
        else:
            self._shop.complaints.settle(Ailment.RESTART_NEEDED)
        self._shop.complaints.settle(Ailment.RELOAD_FAILED)
        return reloaded


def _named(names: tuple[str, ...]) -> str:
    shown = ", ".join(names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
