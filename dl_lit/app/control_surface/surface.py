"""The control surface put together: the same in the watching daemon and in `dl-lit serve`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from socket import socket
from types import TracebackType
from typing import Self

from dl_lit.app.answers import Answers
from dl_lit.app.control_surface.orders import TakingOrders
from dl_lit.app.control_surface.search_words import keeping_words
from dl_lit.app.control_surface.serve_token import token_of
from dl_lit.core.clock import Clock
from dl_lit.core.control_address import Address, TcpAddress, address_of
from dl_lit.core.database_address import is_signpost
from dl_lit.core.errors import NeedsConfiguration
from dl_lit.runtime.loop_hands import LoopHands
from dl_lit.settings import Settings
from dl_lit.settings.check_serve import lacking_at
from dl_lit.settings.model import MB
from dl_lit.web.application import Application
from dl_lit.web.contract import Bounds, Crew
from dl_lit.web.door import Rules, names_of
from dl_lit.web.failures import Tally
from dl_lit.web.listening import standing
from dl_lit.web.server import Server

READING_HANDS = 8
ORDERING_HANDS = 2
VITAL_HANDS = 3  # health, metrics and events keep one each busy at most


def control_socket(settings: Settings) -> Path:
    """The Unix socket of `serve.address = "unix"`."""
    return settings.state_folder / "control.sock"


def address_wanted(settings: Settings) -> Address | None:
    """Where the daemon is to listen; None: nowhere. Raises `NeedsConfiguration` where that may not be."""
    address = address_of(settings.serve.address, control_socket(settings))
    if address is not None:
        require_token(address, settings)
    return address


def require_token(address: Address, settings: Settings) -> None:
    """Raise where others can reach the address, and nobody has set a token for them."""
    if (lacking := lacking_at(address, settings)) is not None:
        raise NeedsConfiguration(lacking)


@contextmanager
def tallying(database: Path) -> Iterator[Tally | None]:
    """What counts wrong tokens for all that serve a database on a server; None where only this machine does."""
    if not is_signpost(database):
        yield None
        return
    from db.postgres.fleet.tokens import WrongTokens  # noqa: PLC0415 - its driver is an extra

    with closing(WrongTokens(database)) as tally:
        yield tally


class Surface:
    """All that serves on one address, open while entered.

    Raises `DlLitError` on entering where the database cannot be used, or no token be kept; one that is away is waited
    for by whoever asks.
    """

    def __init__(
        self,
        settings: Settings,
        clock: Clock,
        address: Address,
        *,
        folders: Callable[[], Sequence[Path]] = tuple,
        wake: Callable[[], None] = lambda: None,
    ) -> None:
        """`folders` are those that files may be named in, `wake` tells a pipeline here that work has come."""
        self._settings = settings
        self._clock = clock
        self._address = address
        self._folders, self._wake = folders, wake
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            settings, address = self._settings, self._address
            self._rules = Rules(
                reach=address.reach,
                token=token_of(settings),
                own_names=names_of(address.host if isinstance(address, TcpAddress) else "localhost"),
                other_names=frozenset(name.lower() for name in settings.serve.hosts),
            )
            stack.enter_context(keeping_words(settings))
            at_once = settings.max_concurrent_requests
            self._orders = TakingOrders(settings, self._clock, folders=self._folders, wake=self._wake)
            stack.callback(self._orders.close)
            self._crew = Crew(
                vital=stack.enter_context(LoopHands("control-vital", VITAL_HANDS)),
                reading=stack.enter_context(LoopHands("control-reading", READING_HANDS)),
                ordering=stack.enter_context(LoopHands("control-ordering", ORDERING_HANDS)),
                taking=stack.enter_context(LoopHands("control-taking", at_once)),
            )
            self._tally = stack.enter_context(tallying(settings.database))
            self._bounds = Bounds(
                at_once=at_once,
                waiting_room=settings.serve.waiting_room,
                reading_at_once=READING_HANDS,
                ordering_at_once=ORDERING_HANDS,
                max_upload_bytes=settings.serve.max_upload_mb * MB,
                uploads_per_minute=settings.serve.uploads_per_minute,
            )
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def application(self) -> Application:
        """The application; to be made in the event loop that serves it."""
        queries = Answers(self._settings, self._clock).queries()
        return Application(
            queries=queries,
            orders=self._orders,
            crew=self._crew,
            rules=self._rules,
            clock=self._clock,
            bounds=self._bounds,
            tally=self._tally,
        )

    def server(self, listener: socket) -> Server:
        """A server of it on this socket, which is listened on by now; ends where nobody finds it any more."""
        return Server(self.application, listener, stands=standing(self._address))
