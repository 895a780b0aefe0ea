"""What has been taken from a folder, so that it is not read again as long as it looks the same."""

from __future__ import annotations

import threading

from dl_lit.core.values import dataclass
from dl_lit.runtime.watching.settling import Look


@dataclass(frozen=True, slots=True)
class _Known:
    size: int
    changed_ns: int
    touched_ns: int = 0  # 0: not known
    is_refused: bool = False


class Memory:
    """By path, as text. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[str, _Known] = {}

    def recall(self, path: str, size: int, changed_ns: int) -> None:
        """The file was taken in an earlier life, unless this one knows more."""
        with self._lock:
            self._known.setdefault(path, _Known(size, changed_ns))

    def note(self, path: str, look: Look, *, is_refused: bool) -> None:
        """The file has been taken, or could not be read."""
        known = _Known(look.size, look.changed_ns, look.touched_ns, is_refused=is_refused)
        with self._lock:
            self._known[path] = known

    def knows(self, path: str, look: Look, *, exactly: bool) -> bool:
        """Whether the file still is what was taken.

        `exactly`: somebody was at it, or put another there; then the same size and time do not prove the same content.
        """
        with self._lock:
            known = self._known.get(path)
        if known is None or (known.size, known.changed_ns) != (look.size, look.changed_ns):
            return False
        return known.touched_ns == look.touched_ns if exactly or known.is_refused else True

    def paths(self) -> set[str]:
        """Of which files something is known."""
        with self._lock:
            return set(self._known)

    def drop(self, paths: set[str]) -> list[str]:
        """Forget files; which of them were known."""
        with self._lock:
            return [path for path in paths if self._known.pop(path, None) is not None]

    def drop_refused(self) -> None:
        """Files that could not be read are tried again."""
        with self._lock:
            self._known = {path: known for path, known in self._known.items() if not known.is_refused}
