"""Every setting of dl_lit: its default, where it may be set, what it was set to and by whom.

Defaults < TOML file < environment `DL_LIT_*` < options. `load` does it; `Settings` is the result.
"""

from __future__ import annotations

from dl_lit.settings.load import Loaded, load
from dl_lit.settings.model import ServiceSettings, Settings
from dl_lit.settings.show import Shown, shown

__all__ = ["Loaded", "ServiceSettings", "Settings", "Shown", "load", "shown"]
