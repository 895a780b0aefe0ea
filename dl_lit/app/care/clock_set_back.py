"""A clock that was set back: what was put off until some time would wait for longer by as much."""

from __future__ import annotations

from db.connect import connect
from db.set_back import SetBack, bring_forward
from dl_lit.core.database_address import is_elsewhere
from dl_lit.core.errors import DatabaseFull, DatabaseUnusable
from dl_lit.settings import Settings


def make_up(settings: Settings, set_back: SetBack) -> None:
    """Bring forward what waits in the database, if the clock was set back and the database can be written to now.

    Not on a server: there other hosts, whose clocks were right, have put things off as well.
    """
    behind_s = set_back.seconds()
    if not behind_s or is_elsewhere(settings.database):
        return
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        bring_forward(engine, behind_s)
    except (DatabaseFull, DatabaseUnusable):
        return  # not now: the next look does it
    finally:
        engine.dispose()
    set_back.made_up()
