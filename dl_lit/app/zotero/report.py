"""What a push came to, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, field

_MOST_TOLD = 100
"""Failures that are kept in words; of more only how many they are."""


@dataclass(slots=True)
class PushReport:
    """Counts of works, children and files; filled while a push goes on."""

    target: str = ""  # for people
    interface: str = ""
    dry_run: bool = False
    works: int = 0
    created: int = 0
    updated: int = 0
    linked: int = 0
    unchanged: int = 0
    removed: int = 0  # people took them away; they are left so
    failed: int = 0
    collections: int = 0  # made
    notes: int = 0  # made, changed or taken back
    files_sent: int = 0
    files_unchanged: int = 0
    files_left: int = 0  # people have one of their own there, or took ours away
    files_failed: int = 0
    quota: str = ""  # why files were not taken any more: the storage is full, or none may be stored
    remarks: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        """Whether all that was to be pushed is there."""
        return not (self.failed or self.files_failed or self.quota)

    def fail(self, says: str) -> None:
        """One work, or part of it, was refused."""
        self.failed += 1
        self._tell(says)

    def fail_file(self, says: str) -> None:
        """One file did not get there."""
        self.files_failed += 1
        self._tell(says)

    def remark(self, says: str) -> None:
        """What people should know, once."""
        if says not in self.remarks:
            self.remarks.append(says)

    def _tell(self, says: str) -> None:
        if len(self.failures) < _MOST_TOLD:
            self.failures.append(says)
