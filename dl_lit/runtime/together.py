"""The same function for many values at once, the answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def together(
    function: Callable[[A], B], values: Iterable[A], workers: int, *, give_up: Callable[[], None] | None = None
) -> Iterator[B]:
    """`function` of each of `values`, up to `workers` at a time, in the order of `values`.

    Where that ends early, by an error or because nobody wants the rest, `give_up` is to end the calls that run.
    """
    with ThreadPoolExecutor(workers) as pool:
        try:
            yield from pool.map(function, values)
        except BaseException:
            if give_up is not None:
                give_up()
            raise
