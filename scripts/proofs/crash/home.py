"""The folder that a run works in, and where in it things are."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from proofs.crash.database import Database, FileDatabase

if TYPE_CHECKING:
    from postgres_server import Server


@dataclass(frozen=True)
class Home:
    """One run's; with a `server` its database is there."""

    path: Path
    server: Server | None = None
    database: Database = field(init=False)

    def __post_init__(self) -> None:
        if self.server is None:
            made: Database = FileDatabase(self.path / "bench.db")  # where `proofs.scene` lets it be
        else:
            from proofs.crash.on_server import ServerDatabase  # noqa: PLC0415 - needs the extra's driver

            made = ServerDatabase(self.server, self.path.name, self.path / "state")
        object.__setattr__(self, "database", made)

    @property
    def settings(self) -> Mapping[str, str]:
        """What the program is told of its database."""
        return self.database.settings

    @property
    def library(self) -> Path:
        """Where `proofs.scene` lets it be."""
        return self.path / "library"

    def beside(self, ending: str) -> Path:
        """What the program keeps beside its database: its name has this ending."""
        return self.database.path.with_name(self.database.path.name + ending)

    @property
    def lock(self) -> Path:
        """Who works the database from here."""
        return self.beside(".lock")

    @property
    def note(self) -> Path:
        """What is in hand."""
        return self.beside(".running")

    @property
    def inbox(self) -> Path:
        """The watched folder."""
        return self.path / "inbox"

    @property
    def log(self) -> Path:
        """What items came to."""
        return self.path / "log.jsonl"

    @property
    def socket(self) -> Path:
        """Where a daemon listens."""
        return self.path / "state" / "control.sock"

    def receipts(self) -> list[int]:
        """The works whose files are, or are about to be, in place without anybody having confirmed their rows."""
        names = (path.name for path in (self.library / ".incoming").glob("work-*.receipt.json"))
        return [int(name.split(".")[0].removeprefix("work-")) for name in names]

    def backups(self) -> list[Path]:
        """Copies made before a migration, drafts of them included."""
        return sorted(self.path.glob("*bench.db.before-*"))


def changed_ns(path: Path) -> int:
    """When a file was written to last; 0 where there is none."""
    with suppress(OSError):
        return path.stat().st_mtime_ns
    return 0
