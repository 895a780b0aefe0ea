"""What a robots.txt forbids, as the replica judges it: RFC 9309, independent of how dl_lit reads it. Pure.

https://www.rfc-editor.org/rfc/rfc9309 (read 2026-11-23): the most specific of the matching rules decides, of two as
specific the one that allows; `*` and `$` are special; the group of our own name counts, else that of `*`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote


@dataclass(slots=True)
class _Group:
    agents: list[str] = field(default_factory=list)
    rules: list[tuple[bool, str]] = field(default_factory=list)  # (is allowed, path pattern)
    delay_s: float | None = None


def forbids(robots: str, user_agent: str, target: str) -> bool:
    """Whether `robots` forbids a client of this User-Agent header to ask for `target` (path and query)."""
    path = unquote(target)
    best = (0, True)
    for group in _groups_for(robots, user_agent):
        for is_allowed, pattern in group.rules:
            if pattern and _matches(pattern, path):
                best = max(best, (len(pattern), is_allowed))
    return not best[1]


def crawl_delay_s(robots: str, user_agent: str) -> float | None:
    """Seconds between two requests that it asks this client for; None where it says nothing.

    No standard knows the line, and many sites have it.
    """
    told = [group.delay_s for group in _groups_for(robots, user_agent) if group.delay_s is not None]
    return max(told, default=None)


def _groups_for(robots: str, user_agent: str) -> list[_Group]:
    product = user_agent.partition("/")[0].strip().lower()
    groups = _groups(robots)
    ours = [group for group in groups if any(agent != "*" and _is_named(agent, product) for agent in group.agents)]
    return ours or [group for group in groups if "*" in group.agents]


def _is_named(agent: str, product: str) -> bool:
    """A hyphen and an underscore are one here: product tokens may only have the latter."""
    return agent.replace("-", "_") == product.replace("-", "_")


def _groups(robots: str) -> list[_Group]:
    groups: list[_Group] = []
    is_head = False
    for line in robots.splitlines():
        name, _, value = (part.strip() for part in line.partition("#")[0].partition(":"))
        name = name.lower()
        if name == "user-agent":
            if not is_head:
                groups.append(_Group())
            groups[-1].agents.append(value.lower())
            is_head = True
        elif groups and name in {"allow", "disallow"}:
            groups[-1].rules.append((name == "allow", unquote(value)))
            is_head = False
        elif groups and name == "crawl-delay":
            groups[-1].delay_s = _seconds(value)
            is_head = False
    return groups


def _seconds(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _matches(pattern: str, path: str) -> bool:
    body, end = (pattern[:-1], "$") if pattern.endswith("$") else (pattern, "")
    return re.match(".*".join(re.escape(part) for part in body.split("*")) + end, path) is not None
