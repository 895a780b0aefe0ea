"""Whether the control surface may listen where it is told to; looked at before anything starts, as `check_llm` is.

Not when settings are read: the token may be a credential that the daemon alone is given.
"""

from __future__ import annotations

from pathlib import Path

from dl_lit.core.control_address import Address, Reach, TcpAddress, address_of
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings.model import Settings


def require_control(settings: Settings) -> None:
    """Raise `NeedsConfiguration` where the daemon may not listen at `serve.address`."""
    if (lacking := lacking_for_control(settings)) is not None:
        raise NeedsConfiguration(lacking)


def lacking_for_control(settings: Settings) -> str | None:
    """What keeps the daemon from listening at `serve.address`; None where nothing does."""
    address = address_of(settings.serve.address, Path("/"))
    return None if address is None else lacking_at(address, settings)


def lacking_at(address: Address, settings: Settings) -> str | None:
    """What is lacking where others can reach the address: a token that somebody has set for them."""
    if address.reach is not Reach.ANYBODY or settings.serve.token:
        return None
    where = address.host if isinstance(address, TcpAddress) else str(address.path)
    return f"others can reach {where}: set a token (serve.token, DL_LIT_SERVE_TOKEN, the credential serve_token)"
