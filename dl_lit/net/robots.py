"""robots.txt: what a host asks of programs, by RFC 9309. Pure.

https://www.rfc-editor.org/rfc/rfc9309 (read 2026-11-23), and `Crawl-delay`, which it leaves out and many hosts use. Of
the file only the rules for us are kept, so that a site's are small however long its file is.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from dl_lit.core.values import dataclass
from dl_lit.net.url_patterns import matches, normalised

PRODUCT = "dl_lit"
"""Our product token: what a `User-agent` line says to mean us."""

MAX_BYTES = 500 * 1_024
"""As much of the file is read: section 2.5 of the RFC."""

_TOKEN = re.compile(r"[a-z_-]+|\*")
_LINE = re.compile(r"\r\n|\r|\n")
_AGENT = frozenset({"user-agent", "useragent"})
_RULES = frozenset({"allow", "disallow", "crawl-delay"})


@dataclass(frozen=True, slots=True)
class RobotsRules:
    """What programs may fetch at one host. Without rules: everything."""

    rules: tuple[tuple[bool, str], ...] = ()  # (is allowed, pattern), the most specific first
    crawl_delay_s: float | None = None  # asked for between two requests; None where it is not

    def allows(self, path: str) -> bool:
        """Whether `path` (see `url_patterns.path_of`) may be fetched: the longest pattern that matches decides."""
        return next((is_allowed for is_allowed, pattern in self.rules if matches(pattern, path)), True)


EVERYTHING_ALLOWED = RobotsRules()


def read_robots(body: bytes) -> RobotsRules:
    """The rules for us in a robots.txt: those of the groups that name us, else those for everybody.

    Whatever is no rule is passed over, so that a web page sent in its place allows everything.
    """
    ours: list[tuple[str, str]] = []
    everybodys: list[tuple[str, str]] = []
    are_we_named, agents, is_open = False, set[str](), False
    for name, value in _records(body):
        if name in _AGENT:
            agents = agents if is_open else set()
            is_open = True
            if (token := _TOKEN.match(value.lower())) is not None:
                agents.add(token[0].replace("-", "_"))  # the command is called dl-lit
                are_we_named = are_we_named or PRODUCT in agents
        elif name in _RULES:
            is_open = False
            ours += [(name, value)] * (PRODUCT in agents)
            everybodys += [(name, value)] * ("*" in agents)
    return _rules(ours if are_we_named else everybodys)


def _records(body: bytes) -> Iterator[tuple[str, str]]:
    text = body[:MAX_BYTES].removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    for line in _LINE.split(text):
        name, colon, value = line.partition("#")[0].partition(":")
        if colon:
            yield name.strip().lower(), value.strip()


def _rules(records: list[tuple[str, str]]) -> RobotsRules:
    delays = [delay for name, value in records if name == "crawl-delay" and (delay := _seconds(value)) is not None]
    rules = {
        (name == "allow", normalised(value))
        for name, value in records
        if name != "crawl-delay" and value.startswith(("/", "*"))
    }
    # The most octets first; of two as long, the one that allows: section 2.2.2.
    return RobotsRules(
        tuple(sorted(rules, key=lambda rule: (-len(rule[1]), not rule[0], rule[1]))), max(delays, default=None)
    )


def _seconds(value: str) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds >= 0.0 else None
