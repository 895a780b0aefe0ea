"""A model of a process lets go of everything, whatever fails of it."""

from __future__ import annotations

import random
from pathlib import Path
from types import MethodType

import pytest

from db.language.reading import days_of_use
from dl_lit.app.language.opened import Language
from dl_lit.app.network import Network
from dl_lit.core.clock import SystemClock
from dl_lit.settings import load


def test_closing_goes_on_where_a_part_of_it_fails(tmp_path: Path) -> None:
    """What was counted is written down, and the client closed, although the children cannot be ended."""
    env = {
        "HOME": str(tmp_path), "DL_LIT_LLM_PROVIDER": "compatible", "DL_LIT_LLM_MODEL": "m",
        "DL_LIT_LLM_BASE_URLS": "http://127.0.0.1:9/v1",
    }  # fmt: skip
    settings, clock = load(env=env).settings, SystemClock()

    def fails(_pages: object) -> None:
        raise OSError("no such process")

    with Network(settings, clock=clock, chance=random.Random(1)) as network:
        language = Language(settings, network, clock=clock, chance=random.Random(1))
        object.__setattr__(language.pages, "close", MethodType(fails, language.pages))
        assert language._use.take(clock.time()) is None
        with pytest.raises(OSError, match="no such process"):
            language.close()
    assert language._client.is_closed
    assert days_of_use(settings.state_folder, clock.time(), 1)[0].requests == 1
