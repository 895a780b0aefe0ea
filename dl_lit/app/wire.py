"""What stands between a run and the network: nothing, what keeps its exchanges, or what gives them again."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from hashlib import blake2b
from pathlib import Path

from db.exchanges import ExchangeFile, KeptExchanges
from dl_lit.core.clock import Clock
from dl_lit.core.errors import DatabaseAway
from dl_lit.core.exchanges import Known
from dl_lit.core.memory import AnswerCache, Kept, ToKeep
from dl_lit.net.recording import RecordingTransport, ReplayTransport, Through, as_repeated, hidden
from dl_lit.settings import Settings
from dl_lit.settings.model import MB

RUNS_KEPT = 20
"""The latest runs of one database whose exchanges are kept."""


class Wire:
    """Nothing at all: the network itself."""

    through: Through | None = None

    def memory_of(self, cache: AnswerCache | None) -> AnswerCache | None:
        """What remembers answers, given what does so by itself."""
        return cache

    def belongs_to(self, run_id: int) -> None:
        """The run has a number now."""

    def close(self, path_of_content: Callable[[str], str | None]) -> None:
        """Nothing comes any more; `path_of_content` tells the library's file of a SHA-256."""


class KeepingWire(Wire):
    """Keeps a run's exchanges in the state folder."""

    def __init__(self, settings: Settings) -> None:
        """Nothing is opened before something is kept."""
        self._folder = exchanges_folder(settings.state_folder, settings.database)
        self._file = ExchangeFile(self._folder / f"begun-{os.getpid()}.db", max_bytes=settings.runs.record_mb * MB)
        keyed = {name: one.key for name, one in settings.services.items() if one.key}
        secrets = [*keyed.values(), *([settings.contact_email] if settings.contact_email else [])]
        secrets += settings.access.secrets
        self.through = lambda inner: RecordingTransport(inner, self._file, secrets)
        self._secrets = as_repeated(secrets)
        self._about: dict[str, object] = {
            "keyed": sorted(keyed),
            "has_contact": settings.contact_email is not None,
        }

    def memory_of(self, cache: AnswerCache | None) -> AnswerCache | None:
        """The cache, and what is found in it or put there is kept."""
        return None if cache is None else _KeepingCache(cache, self._file, self._secrets)

    def belongs_to(self, run_id: int) -> None:
        """Give the file its name; the oldest ones go, and what runs left that were killed before they had a number.

        Nobody else works the database meanwhile, so that the nameless ones are nobody's.
        """
        self._file.tell(self._about)
        self._file.belongs_to(self._folder / f"{run_id}.db")
        with suppress(OSError):
            numbered = sorted((int(one.stem), one) for one in self._folder.glob("*.db") if one.stem.isdecimal())
            gone = [one for _, one in numbered[:-RUNS_KEPT]] + list(self._folder.glob("begun-*.db"))
            for old in gone:
                for name in (old.name, f"{old.name}-wal", f"{old.name}-shm", f"{old.name}-journal"):
                    old.with_name(name).unlink(missing_ok=True)

    def close(self, path_of_content: Callable[[str], str | None]) -> None:
        """PDFs that are in the library are not kept twice; all are where nobody can tell which these are."""
        is_away = False

        def is_in_library(sha256: str) -> bool:
            nonlocal is_away
            if not is_away:
                try:
                    return path_of_content(sha256) is not None
                except DatabaseAway:
                    is_away = True
            return False

        self._file.close(is_in_library)


class ReplayWire(Wire):
    """Gives a run's exchanges again, and asks nobody."""

    def __init__(self, kept: KeptExchanges, clock: Clock) -> None:
        """`missing` gathers what is asked and not there."""
        self.missing: list[str] = []
        self._known = {(one.service, one.key): one.body for one in kept.known()}
        self._clock = clock
        self.through = lambda _inner: ReplayTransport(kept, self.missing.append)

    def memory_of(self, cache: AnswerCache | None) -> AnswerCache | None:
        """What the run remembered at its end, and nothing besides."""
        del cache
        return _KnownCache(self._known, self._clock)


class _KeepingCache:
    """A cache (`core.memory.AnswerCache`) of which is kept what it gave and what it was given."""

    def __init__(self, inner: AnswerCache, file: ExchangeFile, secrets: Sequence[bytes]) -> None:
        self._inner = inner
        self._file = file
        self._secrets = secrets

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        found = self._inner.get_many(service, keys)
        self._keep(service, [(key, one.body) for key, one in found.items()])
        return found

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        self._keep(service, [(one.key, one.body) for one in answers])
        self._inner.put_many(service, answers)

    def _keep(self, service: str, bodies: Sequence[tuple[str, bytes | None]]) -> None:
        secrets = self._secrets
        self._file.know([Known(service, key, None if body is None else hidden(body, secrets)) for key, body in bodies])

    def flush(self) -> None:
        self._inner.flush()

    def close(self) -> None:
        self._inner.close()


class _KnownCache:
    """A cache in memory."""

    def __init__(self, known: dict[tuple[str, str], bytes | None], clock: Clock) -> None:
        self._known = known
        self._clock = clock

    def get_many(self, service: str, keys: Sequence[str]) -> Mapping[str, Kept]:
        now = self._clock.time()
        return {key: Kept(self._known[service, key], now) for key in keys if (service, key) in self._known}

    def put_many(self, service: str, answers: Sequence[ToKeep]) -> None:
        self._known |= {(service, one.key): one.body for one in answers}

    def flush(self) -> None:
        pass

    def close(self) -> None:
        pass


def exchanges_folder(state: Path, database: Path) -> Path:
    """Where the exchanges of this database's runs are."""
    return state / "runs" / blake2b(str(database.absolute()).encode(), digest_size=8).hexdigest()
