"""The live screen: looks again every second, listens to keys, and gives the terminal back as it was."""

from __future__ import annotations

import os
import select
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.live import Live

from dl_lit.cli.live.drawing import PAGES, Room, drawn
from dl_lit.cli.live.history import History
from dl_lit.cli.live.lines import Lines
from dl_lit.core.errors import DlLitError

if TYPE_CHECKING:
    from dl_lit.app.now.snapshot import Snapshot

_LOOK_S = 1.0
_LISTEN_S = 0.2  # how soon a changed size is noticed
_LINE_S = 5.0
_KEYS = "tab next   q quit"
_ENDS = ("q", "Q", "\x1b", "\x03", "\x04")


class View:
    """What is on the screen: the latest snapshot, drawn for the terminal's present size."""

    def __init__(self, console: Console, *, keys: str = _KEYS) -> None:
        """`keys` is what the foot says of them; "" where nobody listens."""
        self._console = console
        self._keys = keys
        self._history = History()
        self._now: Snapshot | None = None
        self.page = PAGES[0]
        self.trouble = ""

    def take(self, now: Snapshot) -> None:
        """Show this from now on."""
        self._now = now
        self.trouble = ""
        self._history.add(now)

    def turn(self, key: str) -> bool:
        """Act on a key; whether it meant something here."""
        if key == "\t":
            self.page = PAGES[(PAGES.index(self.page) + 1) % len(PAGES)]
        elif key.isdecimal() and 1 <= int(key) <= len(PAGES):
            self.page = PAGES[int(key) - 1]
        else:
            return False
        return True

    def show(self, live: Live) -> None:
        """Draw it."""
        if self._now is None:
            return
        width, height = self._console.size
        plain = self._console.options.ascii_only
        live.update(
            drawn(
                self._now,
                Room(width, height, plain),
                page=self.page,
                history=self._history,
                keys=self._keys,
                trouble=self.trouble,
            ),
            refresh=True,
        )


def watch_it(take: Callable[[], Snapshot]) -> None:
    """Show what `take` gives until q or Ctrl-C; a line every few seconds where there is no terminal for more."""
    with suppress(KeyboardInterrupt):  # the usual way to end it
        _watch(take)


def _watch(take: Callable[[], Snapshot]) -> None:
    console = Console()
    if not console.is_terminal or console.is_dumb_terminal:
        _print_lines(take)
        return
    view = View(console)
    view.take(take())  # what is wrong from the start is an error of the command
    with listening() as wait_for_key, Live(console=console, screen=True, auto_refresh=False) as live:
        while True:
            view.show(live)
            if _is_over(view, live, wait_for_key):
                return
            try:
                view.take(take())
            except DlLitError as error:
                view.trouble = str(error)


def _is_over(view: View, live: Live, wait_for_key: Callable[[float], str]) -> bool:
    """Listen until it is time to look again; whether somebody asked for the end."""
    until, size = time.monotonic() + _LOOK_S, live.console.size
    while (rest := until - time.monotonic()) > 0:
        key = wait_for_key(min(rest, _LISTEN_S))
        if key in _ENDS:
            return True
        if (key and view.turn(key)) or live.console.size != size:
            size = live.console.size
            view.show(live)
    return False


def _print_lines(take: Callable[[], Snapshot]) -> None:
    lines = Lines()
    while True:
        for text in lines.of(take()):
            click.echo(text)
        time.sleep(_LINE_S)


@contextmanager
def listening() -> Iterator[Callable[[float], str]]:
    """A function that waits so many seconds for a key and gives it, or ""; without a keyboard it only waits."""
    if not sys.stdin.isatty():
        yield _only_wait
        return
    import termios  # noqa: PLC0415 - only where there is a terminal
    import tty  # noqa: PLC0415

    file = sys.stdin.fileno()
    before = termios.tcgetattr(file)
    tty.setcbreak(file)

    def wait(seconds: float) -> str:
        ready, _, _ = select.select([file], [], [], seconds)
        if not ready:
            return ""
        typed = os.read(file, 64).decode(errors="replace")
        return "q" if not typed else typed[0] if len(typed) == 1 else typed[:1] if typed[0] != "\x1b" else "?"

    try:
        yield wait
    finally:
        termios.tcsetattr(file, termios.TCSADRAIN, before)


def _only_wait(seconds: float) -> str:
    time.sleep(seconds)
    return ""
