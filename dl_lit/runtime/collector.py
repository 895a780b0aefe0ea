"""The garbage collector in a process that runs for months."""

from __future__ import annotations

import gc

from dl_lit.runtime import heap


def calm() -> None:
    """Let it look less often, and not at what start-up made, which stays.

    The values that travel are freed by their reference counts; measured on the engine alone, looking for cycles among
    them took a twentieth of the time. What start-up threw away stays as well: a hundred kilobytes, less than it costs
    to look for them. Only the first time in a process, since what several runs threw away would gather for ever.
    """
    heap.share()
    if gc.get_freeze_count() == 0:
        gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def sweep() -> None:
    """Free what holds itself: answers of services, and failures with their tracebacks, some thirty objects each.

    By itself the calmed collector lets tens of thousands of them gather first: ten megabytes more, in a soak. What is
    free then goes back to the system. Costs a few milliseconds.
    """
    gc.collect()
    heap.trim()
