"""Opens a place on an object store, or says what is lacking for that."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.object_address import ObjectPlace

if TYPE_CHECKING:
    from dl_lit.library.buckets import Bucket

HOW_TO_INSTALL = "scripts/setup --objects installs what speaks to object stores (obstore)"


def opened(place: ObjectPlace, *, timeout_s: float, is_patient: bool = True) -> Bucket:
    """The place, with the rights that the environment gives. Raises `NeedsConfiguration` where something is lacking."""
    if importlib.util.find_spec("obstore") is None:
        raise NeedsConfiguration(f"{place} needs the extra objects: {HOW_TO_INSTALL}")
    from dl_lit.library.buckets import open_bucket  # noqa: PLC0415 - brings obstore, which folders do without

    return open_bucket(place, timeout_s=timeout_s, is_patient=is_patient)
