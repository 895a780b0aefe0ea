"""What answers take: tokens, the provider's prompt cache, and what all of it costs."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import field

from dl_lit.core.values import dataclass

_CHARACTERS = 4  # of a token, roughly
_STEP = 128  # tokens by which implicit caches tell prefixes apart
_MOST_PREFIXES = 200_000  # remembered; the oldest go first


def tokens_of(text: str) -> int:
    """How many tokens a text is."""
    return -(-len(text) // _CHARACTERS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prices:
    """US dollars for a million tokens. The figures are of no real model; their proportions are those of many."""

    input: float = 2.0
    cached: float = 0.2  # read from the prompt cache
    written: float = 2.5  # written to it, where the provider counts that
    output: float = 8.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What one answer took."""

    input: int = 0  # all of it, cached and written tokens included
    cached: int = 0
    written: int = 0
    output: int = 0

    def cost(self, prices: Prices) -> float:
        """In US dollars."""
        fresh = self.input - self.cached - self.written
        parts = (
            (fresh, prices.input),
            (self.cached, prices.cached),
            (self.written, prices.written),
            (self.output, prices.output),
        )
        return sum(count * price for count, price in parts) / 1_000_000


@dataclass(slots=True)
class Account:
    """What all answers took."""

    prices: Prices
    answers: int = 0
    input: int = 0
    cached: int = 0
    written: int = 0
    output: int = 0
    cost: float = 0.0  # US dollars

    def add(self, usage: Usage) -> None:
        """Count one answer."""
        self.answers += 1
        self.input += usage.input
        self.cached += usage.cached
        self.written += usage.written
        self.output += usage.output
        self.cost += usage.cost(self.prices)

    def to_json(self) -> dict[str, float | int]:
        """The counts, with the share of the input that came from the prompt cache."""
        return {
            "answers": self.answers,
            "input": self.input,
            "cached": self.cached,
            "written": self.written,
            "output": self.output,
            "cost": self.cost,
            "hit_rate": self.cached / self.input if self.input else 0.0,
        }


@dataclass(frozen=True, slots=True)
class Prefix:
    """The beginning of a prompt."""

    tokens: int
    key: bytes


def prefixes(prompt: str, ends: Sequence[int] | None = None) -> tuple[Prefix, ...]:
    """The beginnings of a prompt up to each of `ends` (characters, rising); None: every so many tokens."""
    if ends is None:
        size = _STEP * _CHARACTERS
        ends = range(size, len(prompt) + 1, size)
    found = []
    digest = hashlib.blake2b(digest_size=16)
    done = 0
    for end in ends:
        digest.update(prompt[done:end].encode())
        done = end
        found.append(Prefix(-(-end // _CHARACTERS), digest.copy().digest()))
    return tuple(found)


@dataclass(slots=True)
class PromptCache:
    """Prefixes of prompts that were answered. What is being answered warms nothing for those who come meanwhile."""

    least: int  # tokens below which no prefix is kept
    keep_s: float  # since a prefix was last seen
    _seen: dict[bytes, float] = field(default_factory=dict)

    def cached(self, prompt: Sequence[Prefix], now: float) -> int:
        """Tokens of the longest of a prompt's prefixes that is known."""
        known = [
            one.tokens for one in prompt if one.tokens >= self.least and self._seen.get(one.key, float("-inf")) > now
        ]
        return max(known, default=0)

    def learn(self, prompt: Sequence[Prefix], now: float) -> int:
        """A prompt has been answered: the tokens of the longest prefix kept of it, 0 where all are too short."""
        longest = 0
        for one in prompt:
            if one.tokens >= self.least:
                self._seen.pop(one.key, None)
                self._seen[one.key] = now + self.keep_s
                longest = max(longest, one.tokens)
        while len(self._seen) > _MOST_PREFIXES:
            del self._seen[next(iter(self._seen))]
        return longest
