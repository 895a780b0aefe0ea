"""What a process with a network keeps on disk beside its work: services' answers, and what left the machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import cache
from hashlib import blake2b
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import TracebackType
from typing import Self

from db.cache.at_hosts import cache_at
from db.ledger.store import DiskLedger
from dl_lit.core.clock import Clock
from dl_lit.net.remembering import Lifetimes
from dl_lit.runtime.repeating import Repeating
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

_EVERY_S = 0.5
"""How late the files may be: what is noted is on disk within a second."""

_READERS = (
    *(("stages", "answers.py"), ("stages", "notices.py"), ("stages", "sources"), ("stages", "citing")),
    *(("stages", "enrichment/asking.py"), ("dl_lit.core", "model.py"), ("dl_lit.core", "identifiers.py")),
    ("dl_lit.matching", "normalise.py"),
)
"""The code that decides what is read of an answer, and how that is kept: modules and packages."""


class Memory:
    """The cache (None where nothing is to be remembered) and the ledger, written down regularly while entered."""

    def __init__(self, settings: Settings, clock: Clock, *, beat: Callable[[], None] = lambda: None) -> None:
        """Nothing is opened before it is used; `beat` is called as often as things are written down."""
        self._beat = beat
        size = settings.cache.max_mb * MB
        self.cache = cache_at(settings.shared_cache, clock, max_bytes=size) if size else None
        self.ledger = DiskLedger(settings.shared_state, clock, keep_days=settings.ledger.keep_days)
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        self._stack.callback(self.close)
        actions = [self._beat, self.ledger.flush, *([self.cache.flush] if self.cache is not None else [])]
        self._stack.enter_context(Repeating("memory", _EVERY_S, actions))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def close(self) -> None:
        """Write down the rest and let go of both files."""
        self.ledger.close()
        if self.cache is not None:
            self.cache.close()


def lifetimes(settings: Settings) -> Mapping[str, Lifetimes]:
    """How long the answers of each service are remembered."""
    return {
        name: Lifetimes(
            base_url=one.service.base_url, found_days=one.cache_days, absent_days=settings.cache.absent_days
        )
        for name, one in settings.services.items()
    }


@cache
def reading_stamp() -> str:
    """Changes with the code that reads answers: what an older version read of them is not used by a newer one."""
    digest = blake2b(digest_size=8)
    for package, name in _READERS:
        for module in _modules(files(package).joinpath(name)):
            digest.update(module.read_bytes())
    return digest.hexdigest()


def _modules(place: Traversable) -> Iterator[Traversable]:
    """The module itself, or those of the package and of the packages in it, in the order of their names."""
    if place.is_dir():
        for entry in sorted(place.iterdir(), key=lambda one: one.name):
            yield from _modules(entry)
    elif place.name.endswith(".py"):
        yield place
