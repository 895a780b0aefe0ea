"""The same function for many values at once, the answers in order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

A = TypeVar("A")
B = TypeVar("B")


def together(function: Callable[[A], B], values: Iterable[A], workers: int) -> Iterator[B]:
    """`function` of each of `values`, up to `workers` at a time, in the order of `values`."""
    with ThreadPoolExecutor(workers) as pool:
        yield from pool.map(function, values)
