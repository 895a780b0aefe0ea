"""Beside the watching daemon: what has ended is looked at again, a little at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from dl_lit.app.care.rechecking import Rechecks
from dl_lit.app.roles import keeps_library
from dl_lit.app.run import Stop
from dl_lit.app.workshop import Workshop
from dl_lit.runtime.repeating import Repeating

RECHECK_S = 10.0
"""How often it is asked whether a work is to be looked at again."""


@contextmanager
def looking_again(shop: Workshop, stop: Stop, wake: Callable[[], None]) -> Iterator[None]:
    """Look again at what has ended while entered; at the end what is under way is cut off."""
    if not keeps_library(shop.settings):  # what comes of it goes into the library
        yield
        return
    rechecks = Rechecks(shop)

    def again() -> None:
        looked = rechecks.once(stop.should_stop)
        if looked.put_back or looked.entries:
            wake()

    with ExitStack() as beside:
        beside.callback(rechecks.close)
        beside.enter_context(Repeating("rechecks", RECHECK_S, [again], give_up=shop.give_up))
        beside.callback(shop.abort)  # the pipeline has stopped by then
        yield
