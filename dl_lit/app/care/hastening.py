"""Another try at once, at a start, for what may have been mended meanwhile."""

from __future__ import annotations

from db.connect import connect
from db.retrying import hasten
from dl_lit.core.reasons import Reason
from dl_lit.settings import Settings

_MENDED = (
    *(Reason.SERVICE_DOWN, Reason.BAD_ANSWER, Reason.DNS_ERROR, Reason.TIMEOUT_CONNECT, Reason.CONNECTION_RESET),
    *(Reason.DISK_FULL, Reason.WRITE_ERROR, Reason.OFFLINE, Reason.NOT_SET_UP),
)
"""What a missing network, setting or disk and a full disk look like: whoever starts again may have mended them."""


def hasten_what_was_mended(settings: Settings) -> None:
    """Try again at once what was put off for want of network or disk; whoever asked for rest is given it."""
    engine = connect(settings.database, synchronous=settings.synchronous)
    try:
        hasten(engine, _MENDED)
    finally:
        engine.dispose()
