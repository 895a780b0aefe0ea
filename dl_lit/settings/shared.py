"""The settings of what several hosts share: where sources are for all, and what is asked of object stores."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from dl_lit.core.object_address import ObjectPlace
from dl_lit.core.values import dataclass
from dl_lit.settings.kinds import Megabytes, SomeSeconds

KeepSources = Literal["until-read", "always"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SharedSettings:
    """What hosts that work one database share beside it."""

    sources: Path | ObjectPlace | None = None  # PDFs that are to be read are put there too; None: all see one disk
    keep_sources: KeepSources = "until-read"  # how long they stay there
    copies_mb: Megabytes = 2_048  # local copies of what lies on object stores and of others' sources, together at most
    timeout_s: SomeSeconds = 300.0  # for one object in or out
