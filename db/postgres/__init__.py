"""The database on PostgreSQL. Its driver is an extra: whoever imports from here without it is told how to get it."""

from __future__ import annotations

from dl_lit.core.errors import NeedsConfiguration

HOW_TO_INSTALL = "scripts/setup --postgres in a checkout, pip install 'dl-lit[postgres]' elsewhere"
"""In words."""

try:
    import psycopg  # noqa: F401 - whether it is there
except ImportError as missing:
    raise NeedsConfiguration(
        f"a database on PostgreSQL needs the extra postgres (psycopg): {HOW_TO_INSTALL}"
    ) from missing
