"""How the library's files are named, from the settings."""

from __future__ import annotations

from functools import partial

from dl_lit.core.key_pattern import KeyPattern
from dl_lit.core.naming import NameTemplate
from dl_lit.exports.keys import bare_key
from dl_lit.library.names import Naming
from dl_lit.settings import Settings


def naming(settings: Settings) -> Naming:
    """As set; `{key}` is the citation key that exports give a work alone."""
    return Naming(
        template=NameTemplate.parse(settings.files.name),
        ascii_only=settings.files.ascii,
        max_name_bytes=settings.files.max_name_bytes,
        key=partial(bare_key, pattern=KeyPattern.parse(settings.export.citation_key)),
    )
