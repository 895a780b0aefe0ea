"""Boolean searches as OpenAlex reads them: AND, OR, NOT in capitals, parentheses, phrases in quotes, wildcards.

Read 2026-11-23: https://developers.openalex.org/guides/searching. Words between which nothing stands are joined by AND;
an operator that has nothing to work on is left out.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import takewhile

from dl_lit.core.values import dataclass
from dl_lit.replica.records import fold, words

_TOKEN = re.compile(r'"[^"]*"?|[()]|[^\s()"]+')
_DISTANCE = re.compile(r"~\d+$")
_OPERATORS = frozenset({"AND", "OR", "NOT"})

Postings = Callable[[str], Iterable[int]]


@dataclass(frozen=True, slots=True)
class Term:
    """A word, a phrase, or a word with wildcards."""

    words: tuple[str, ...]
    pattern: re.Pattern[str] | None = None

    def candidates(self, postings: Postings) -> set[int] | None:
        """Positions of records that may have it; None: any may."""
        if self.pattern is not None or not self.words:
            return None
        sets = [set(postings(word)) for word in self.words]
        return set.intersection(*sets)

    def stands_in(self, text: Sequence[str]) -> bool:
        """Whether the words of a text have it."""
        if self.pattern is not None:
            return any(map(self.pattern.fullmatch, text))
        size = len(self.words)
        return any(tuple(text[at : at + size]) == self.words for at in range(len(text) - size + 1))


@dataclass(frozen=True, slots=True)
class Joined:
    """Several that must all be there, or one of them."""

    parts: tuple[Expression, ...]
    is_any: bool

    def candidates(self, postings: Postings) -> set[int] | None:
        """As of a `Term`."""
        sets = [part.candidates(postings) for part in self.parts]
        if self.is_any:
            known = [one for one in sets if one is not None]
            return set.union(*known) if len(known) == len(sets) else None
        known = [one for one in sets if one is not None]
        return set.intersection(*known) if known else None

    def stands_in(self, text: Sequence[str]) -> bool:
        """As of a `Term`."""
        return (any if self.is_any else all)(part.stands_in(text) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Without:
    """What must not be there."""

    part: Expression

    def candidates(self, postings: Postings) -> set[int] | None:
        """As of a `Term`: any record may lack it."""
        del postings
        return None

    def stands_in(self, text: Sequence[str]) -> bool:
        """As of a `Term`."""
        return not self.part.stands_in(text)


Expression = Term | Joined | Without


def is_boolean(text: str) -> bool:
    """Whether a search is more than words."""
    return bool(_OPERATORS.intersection(text.split())) or any(mark in text for mark in '"()*?')


def parse_boolean(text: str) -> Expression:
    """What a search asks for. Never raises: what is unbalanced is taken as it stands."""
    return _Parser(_TOKEN.findall(text)).whole()


def positive_words(found: Expression) -> list[str]:
    """The words that count for ranking."""
    if isinstance(found, Term):
        return list(found.words)
    return [word for part in found.parts for word in positive_words(part)] if isinstance(found, Joined) else []


class _Parser:
    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = list(tokens)

    def whole(self) -> Expression:
        parts: list[Expression] = []
        while self._tokens:
            parts.append(self._any())
            while self._tokens and self._tokens[0] == ")":  # one too many
                self._tokens.pop(0)
        return _joined(parts, is_any=False)

    def _any(self) -> Expression:
        parts = [self._all()]
        while self._tokens and self._tokens[0] == "OR":
            self._tokens.pop(0)
            parts.append(self._all())
        return _joined(parts, is_any=True)

    def _all(self) -> Expression:
        parts: list[Expression] = []
        while self._tokens and self._tokens[0] not in {")", "OR"}:
            token = self._tokens.pop(0)
            if token == "AND":  # noqa: S105 - no secret
                continue
            is_not = token == "NOT"  # noqa: S105 - likewise
            part = self._one(self._tokens.pop(0) if is_not and self._tokens else token)
            if part is not None:
                parts.append(Without(part) if is_not else part)
        return _joined(parts, is_any=False)

    def _one(self, token: str) -> Expression | None:
        if token == "(":  # noqa: S105 - likewise
            inner = self._any()
            if self._tokens and self._tokens[0] == ")":
                self._tokens.pop(0)
            return inner
        if token in {*_OPERATORS, ")"}:
            return None
        if any(mark in token for mark in "*?") and not token.startswith('"'):
            pattern = re.escape(fold(token)).replace(r"\*", ".*").replace(r"\?", ".")
            stem = "".join(takewhile(str.isalnum, token))
            return Term(tuple(words(stem)), re.compile(pattern))
        named = words(_DISTANCE.sub("", token).strip('"'))
        return Term(tuple(named)) if named else None


def _joined(parts: Sequence[Expression], *, is_any: bool) -> Expression:
    kept = [part for part in parts if not (isinstance(part, Joined) and not part.parts)]
    return kept[0] if len(kept) == 1 else Joined(tuple(kept), is_any)
