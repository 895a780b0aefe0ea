"""What runs beside the daemon's pipeline by settings of its own, and is begun anew when these have changed."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Self

import structlog

from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Ailment
from dl_lit.core.errors import DlLitError
from dl_lit.settings import Settings

log = structlog.get_logger("dl_lit.watch")


class Companion:
    """Begun on entering, where what it raises is raised; begun anew by `renew`, where that is told instead."""

    def __init__(
        self,
        name: str,
        shop: Workshop,
        begin: Callable[[], AbstractContextManager[object]],
        *,
        goes_by: Callable[[Settings], object],
    ) -> None:
        """`begin` is entered each time; `goes_by` gives the part of the settings that matters to it."""
        self._name = name
        self._shop = shop
        self._begin = begin
        self._goes_by = goes_by
        self._began_with: object = None
        self._opened = ExitStack()

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        self._opened.close()

    def renew(self) -> str | None:
        """Begin anew if the settings it goes by are others now; what kept it from that, in one line.

        Then it is not there until the next reload, and a condition says so; the pipeline works on.
        """
        if self._goes_by(self._shop.settings) == self._began_with:
            return None
        try:
            self._opened.close()
            self._start()
        except DlLitError as error:
            self._began_with = None
            log.error("companion_failed", name=self._name, detail=str(error))  # noqa: TRY400 - an expected ending
            self._shop.complaints.make(
                Ailment.RELOAD_FAILED,
                self._name,
                says=f"The {self._name} cannot go by the new settings and has ended: {error}.",
                remedy="Mend them and reload again.",
            )
            return f"the {self._name} has ended: {error}"
        self._shop.complaints.settle(Ailment.RELOAD_FAILED, self._name)
        return None

    def _start(self) -> None:
        self._began_with = self._goes_by(self._shop.settings)
        self._opened.enter_context(self._begin())
