"""Server-sent events: everybody who listens is told the same, and nothing is looked at while nobody does.

https://html.spec.whatwg.org/multipage/server-sent-events.html (read 2026-11-23).
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable

import msgspec
import structlog
from starlette.responses import Response, StreamingResponse

from dl_lit.core.errors import DlLitError
from dl_lit.web.contract import Event, Following, Hands, Refused

LOOK_S = 1.0
"""How often it is looked whether something has happened, while somebody listens."""

HEARTBEAT_S = 15.0
"""A comment is sent when there was nothing to tell for so long, so that nobody on the way takes us for gone."""

TROUBLE_S = 5.0
"""How often it is looked again, and told, while the database cannot be read."""

HELD = 512
"""Events that wait for one listener; one that falls behind further begins again with a snapshot."""

log = structlog.get_logger("dl_lit.control")


class _Listener:
    """One who listens, and what it has not been sent yet."""

    def __init__(self) -> None:
        self.news: deque[Event] = deque()
        self.woken = asyncio.Event()
        self.fell_behind = False

    def tell(self, events: list[Event]) -> None:
        if len(self.news) + len(events) > HELD:
            self.news.clear()
            self.fell_behind = True
        else:
            self.news.extend(events)
        self.woken.set()


class Hub:
    """All who listen, and the one who looks for them. For one event loop."""

    def __init__(self, follow: Callable[[], Following], hands: Hands, *, most: int) -> None:
        """Nothing is opened before somebody listens."""
        self._follow = follow
        self._hands = hands
        self._most = most
        self._listeners: set[_Listener] = set()
        self._following: Following | None = None
        self._looking: asyncio.Task[None] | None = None
        self._entering = asyncio.Lock()
        self._is_closed = False

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)

    async def listen(self, last: str | None) -> Response:
        """The stream for one more; `last` is its Last-Event-ID. Raises `Refused` where too many listen already."""
        if self._is_closed or len(self._listeners) >= self._most:
            raise Refused(503, "too-many-listeners", "too many listen already", after_s=30)
        listener = _Listener()
        async with self._entering:
            self._listeners.add(listener)
            try:
                following = await self._begun()
                first = [following.snapshot()]
                if last is not None and last.isascii() and last.isdigit() and len(last) < 19:
                    first += await self._hands.do(lambda: list(following.since(int(last))))
            except BaseException:
                await self._leave(listener)
                raise
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(self._stream(listener, first), media_type="text/event-stream", headers=headers)

    def close(self) -> None:
        """End all streams."""
        self._is_closed = True
        for listener in self._listeners:
            listener.woken.set()

    async def _begun(self) -> Following:
        """What follows the database; opened for the first who listens."""
        if self._following is None:
            following = await self._hands.do(self._follow)
            try:
                await self._hands.do(following.look)
            except BaseException:
                await self._hands.do(following.close)
                raise
            self._following = following
            self._looking = asyncio.create_task(self._look())
        return self._following

    async def _look(self) -> None:
        """Look again and again, and tell everybody; everything anew when trouble is over."""
        was_in_trouble = False
        while self._following is not None and not self._is_closed:
            await asyncio.sleep(TROUBLE_S if was_in_trouble else LOOK_S)
            try:
                events = list(await self._hands.do(self._following.look))
            except DlLitError as error:
                was_in_trouble, events = True, [Event("trouble", {"error": str(error)})]
            else:
                if was_in_trouble:
                    was_in_trouble, events = False, [self._following.snapshot(), *events]
            if events:
                for listener in self._listeners:
                    listener.tell(events)

    async def _leave(self, listener: _Listener) -> None:
        self._listeners.discard(listener)
        if self._listeners or self._following is None:
            return
        following, self._following = self._following, None
        if self._looking is not None:
            self._looking.cancel()
        # The look that may be under way is done in the same hands before.
        await asyncio.shield(self._hands.do(following.close))

    async def _stream(self, listener: _Listener, first: list[Event]) -> AsyncIterator[bytes]:
        try:
            yield b"retry: 3000\n\n" + b"".join(map(_encoded, first))
            while not self._is_closed:
                if listener.fell_behind and self._following is not None:
                    listener.fell_behind = False
                    yield _encoded(self._following.snapshot())
                if listener.news:
                    news = list(listener.news)
                    listener.news.clear()
                    yield b"".join(map(_encoded, news))
                    continue
                listener.woken.clear()
                try:
                    async with asyncio.timeout(HEARTBEAT_S):
                        await listener.woken.wait()
                except TimeoutError:
                    yield b": still here\n\n"
        finally:
            await asyncio.shield(self._leave(listener))


def _encoded(event: Event) -> bytes:
    number = b"" if event.id is None else b"id: %d\n" % event.id
    return b"%sevent: %s\ndata: %s\n\n" % (number, event.kind.encode(), msgspec.json.encode(event.data))
