"""Tools of a workshop that others have come for, while something may still be under way with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dl_lit.app.network import Network
from dl_lit.core.values import dataclass
from stages.download import DownloadStage

if TYPE_CHECKING:
    from dl_lit.app.language.opened import Language


@dataclass(frozen=True, slots=True)
class PutAside:
    """Tools whose place others have taken, while something may still be under way with them."""

    until: float  # monotonic: by then whatever began with them has ended
    network: Network
    language: Language | None
    put_by: tuple[DownloadStage, ...]  # stages that may hold files for later visits

    def close(self) -> None:
        """Nobody works with them any more."""
        self.network.retire()
        for stage in self.put_by:
            stage.close()
