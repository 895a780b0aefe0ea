"""Every statement that is compiled at its first use can be, and has just the parameters that it is given."""

from __future__ import annotations

import pytest
from sqlalchemy import bindparam, select

from db import moves, recording
from db.hot import Hot
from db.rooms import ROOMS
from db.tables import sources

_NAMED = {
    f"{module.__name__}.{name}": one
    for module in (moves, recording)
    for name, one in vars(module).items()
    if isinstance(one, Hot)
} | {
    f"{stage.value}.{name}": getattr(room, name)
    for stage, room in ROOMS.items()
    for name in ("best", "oldest", "due", "suspect", "next_due")
}


def test_there_are_many() -> None:
    assert len(_NAMED) > 30


@pytest.mark.parametrize("name", sorted(_NAMED))
def test_a_statement_has_the_parameters_that_it_names(name: str) -> None:
    assert _NAMED[name].sql.count("?") >= len(_NAMED[name].names)


def test_one_with_other_parameters_is_refused_at_its_first_use() -> None:
    statement = Hot(select(sources.c.id).where(sources.c.id == bindparam("id")), ("name",))
    with pytest.raises(AssertionError, match=r"parameters are \['id'\], not \['name'\]"):
        _ = statement.sql
