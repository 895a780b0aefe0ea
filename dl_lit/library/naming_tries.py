"""A file gets the first of its names that is free."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from dl_lit.core.errors import FetchError
from dl_lit.core.items import Downloaded
from dl_lit.core.model import Work
from dl_lit.core.reasons import Reason
from dl_lit.library.names import Naming


def first_free(naming: Naming, work: Work, facts: Downloaded, put: Callable[[Downloaded], bool]) -> Downloaded:
    """Put the file under the first name that is its own; `facts.path` is the folder, `put` says if the name was free.

    Raises `FetchError` where all of them are taken.
    """
    name = ""
    for name in naming.candidates(work, facts.sha256):
        named = replace(facts, path=facts.path + name)
        if put(named):
            return named
    raise FetchError(Reason.WRITE_ERROR, f"every name for the file is taken: {name}")
