"""What was asked, as a key: the same question gives the same key however it was put. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping

from dl_lit.core.ports import Params

OURS = frozenset({"mailto", "email", "tool", "api_key", "apikey", "key"})
"""Parameters that say who asks, not what."""


def question(base_url: str, path: str, params: Params, headers: Mapping[str, str] | None = None) -> str:
    """The key of a GET. Different addresses of one service (a mirror, a replica) never answer for each other."""
    asked = sorted((name, value) for name, value in params if name.lower() not in OURS)
    accepted = sorted((name.lower(), value) for name, value in (headers or {}).items() if name.lower() == "accept")
    where = f"{base_url.rstrip('/')}/{path.lstrip('/')}"
    return json.dumps(["get", where, asked, accepted], ensure_ascii=False, separators=(",", ":"))


def identified(base_url: str, reading: str, key: str) -> str:
    """The key of what was read of an answer; `reading` changes when the same answer would be read differently."""
    return json.dumps(["read", base_url.rstrip("/"), reading, key], ensure_ascii=False, separators=(",", ":"))
