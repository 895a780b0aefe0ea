"""How the library's files are named, from the settings."""

from __future__ import annotations

from dl_lit.core.naming import NameTemplate
from dl_lit.exports.keys import bare_key
from dl_lit.library.names import Naming
from dl_lit.settings.model import FileSettings


def naming(settings: FileSettings) -> Naming:
    """As set; `{key}` is the citation key that exports give a work alone."""
    return Naming(
        template=NameTemplate.parse(settings.name),
        ascii_only=settings.ascii,
        max_name_bytes=settings.max_name_bytes,
        key=bare_key,
    )
