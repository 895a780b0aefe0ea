"""What runs beside the daemon is begun anew when its settings have changed, and never takes the daemon along."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any, cast

import pytest

from dl_lit.app.companion import Companion
from dl_lit.app.now.lasting import Complaints
from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Ailment
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings import Settings, load


@dataclass
class Shop:
    """As much of a workshop as a companion sees."""

    settings: Settings
    complaints: Complaints = field(default_factory=Complaints)

    def change(self, **watch: Any) -> None:
        self.settings = replace(self.settings, watch=replace(self.settings.watch, **watch))


@pytest.fixture
def shop() -> Shop:
    return Shop(load(env={"HOME": "/home/ada"}).settings)


class Watcher:
    """Notes by which settings it began, and when it ended; refuses a poll of 13 s."""

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        self.life: list[str] = []
        self.companion = Companion(
            "watcher", cast("Workshop", shop), self.begin, goes_by=lambda settings: settings.watch
        )

    @contextmanager
    def begin(self) -> Iterator[None]:
        poll_s = self.shop.settings.watch.poll_s
        if poll_s == 13.0:
            raise NeedsConfiguration("thirteen brings bad luck")
        self.life.append(f"begins {poll_s:g}")
        try:
            yield
        finally:
            self.life.append(f"ends {poll_s:g}")


def test_it_is_begun_anew_where_its_own_settings_are_others(shop: Shop) -> None:
    watcher = Watcher(shop)
    with watcher.companion as companion:
        assert companion.renew() is None
        shop.settings = replace(shop.settings, offline=True)
        assert companion.renew() is None
        assert watcher.life == ["begins 5"]
        shop.change(poll_s=7.0)
        assert companion.renew() is None
    assert watcher.life == ["begins 5", "ends 5", "begins 7", "ends 7"]


def test_one_that_cannot_begin_is_told_until_it_can(shop: Shop) -> None:
    watcher = Watcher(shop)
    with watcher.companion as companion:
        shop.change(poll_s=13.0)
        assert companion.renew() == "the watcher has ended: thirteen brings bad luck"
        assert [(one.ailment, one.subject) for one in shop.complaints.standing] == [(Ailment.RELOAD_FAILED, "watcher")]
        assert companion.renew() is not None  # each reload tries again
        shop.change(poll_s=7.0)
        assert companion.renew() is None
        assert shop.complaints.standing == ()
    assert watcher.life == ["begins 5", "ends 5", "begins 7", "ends 7"]


def test_at_the_start_its_trouble_is_the_daemons(shop: Shop) -> None:
    shop.change(poll_s=13.0)
    with pytest.raises(NeedsConfiguration), Watcher(shop).companion:
        pass
