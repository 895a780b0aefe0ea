"""How citation keys are made: patterns such as "{author}{year}" or "{author:lower}{year}{veryshorttitle}". Pure.

The words are those of JabRef and Better BibTeX where these mean the same:
https://docs.jabref.org/setup/citationkeypatterns, https://retorque.re/zotero-better-bibtex/citing/ (read 2026-11-23).
"""

from __future__ import annotations

import re

from dl_lit.core import braces
from dl_lit.core.values import dataclass

FIELDS = (
    *("author", "lastauthor", "authors", "year", "shortyear", "title", "shorttitle", "veryshorttitle"),
    *("title_words", "container", "volume", "firstpage", "type"),
)
"""What may stand in braces; docs/exports.md says what each is."""

CHANGES = ("lower", "upper", "capitalize", "abbr")
"""What may be done to a field, after a colon each and in this order of writing."""

OF_WORDS = frozenset({"authors", "title_words"})
"""Fields whose number counts words or names; that of every other counts letters."""

MAX_KEPT_LENGTH = 200
"""Characters of a key that people or their files bring."""

MAX_NUMBER = 50
MAX_PATTERN_LENGTH = 200

_LITERAL = re.compile(r"[A-Za-z0-9._:+/-]*")
# What breaks a key for BibTeX or biber: https://ctan.org/pkg/biblatex, manual, "Entry keys" (from version 3.20).
_FORBIDDEN = re.compile(r"""[\s"#%'(),={}~\\]""")
_INSTEAD = re.compile(r"\(([A-Za-z0-9._+/-]{1,40})\)")


@dataclass(frozen=True, slots=True)
class KeyPart:
    """A part of a key that the work fills in."""

    name: str  # of FIELDS
    number: int | None = None  # at most so many names or words (`OF_WORDS`), or letters
    changes: tuple[str, ...] = ()  # of CHANGES, in their order
    instead: str = ""  # what stands there where the work has nothing of it


@dataclass(frozen=True, slots=True)
class KeyPattern:
    """The parts of a citation key: text as it is, and what the work fills in."""

    parts: tuple[str | KeyPart, ...]

    @classmethod
    def parse(cls, text: str) -> KeyPattern:
        """Read a pattern; raises `ValueError` with what is wrong, for whoever wrote it."""
        if len(text) > MAX_PATTERN_LENGTH:
            raise ValueError(f"a pattern has at most {MAX_PATTERN_LENGTH} characters")
        found = tuple(braces.parts(text, _literal, _part))
        if not any(isinstance(part, KeyPart) for part in found):
            raise ValueError(f"{text!r} makes every key the same: put one of {braces.choice(FIELDS)} into it")
        return cls(found)


DEFAULT_PATTERN = KeyPattern((KeyPart("author"), KeyPart("year")))
"""{author}{year}"""


def fault_of(key: str) -> str | None:
    """Why `key`, which somebody brings, cannot be a citation key, in words; None where it can."""
    if not key or len(key) > MAX_KEPT_LENGTH:
        return f"a citation key has 1 to {MAX_KEPT_LENGTH} characters"
    if found := _FORBIDDEN.search(key):
        return f"{found[0]!r} cannot be in a citation key"
    if not key.isprintable():
        return "a citation key has no characters that cannot be seen"
    return None


def _literal(text: str) -> str:
    if not _LITERAL.fullmatch(text):
        wrong = next(char for char in text if not _LITERAL.fullmatch(char))
        raise ValueError(f"{wrong!r} cannot be in a citation key everywhere: ASCII letters, digits and . _ : + / - can")
    return text


def _part(name: str, spec: str, conversion: str | None) -> KeyPart:
    if name not in FIELDS:
        raise ValueError(f"{{{name}}} is nothing a key can be made of; there are {braces.choice(FIELDS)}")
    if conversion:
        raise ValueError(f"write {{{name}}}, or {{{name}:lower}}: there is nothing with an exclamation mark")
    number: int | None = None
    changes: list[str] = []
    instead = ""
    for word in spec.split(":") if spec else ():
        if word in CHANGES:
            changes.append(word)
        elif word.isascii() and word.isdigit() and 1 <= int(word) <= MAX_NUMBER:
            number = int(word)
        elif found := _INSTEAD.fullmatch(word):
            instead = found[1]
        else:
            allowed = ", ".join(CHANGES)
            raise ValueError(
                f"{word!r} in {{{name}:{spec}}} is none of {allowed}, a number up to {MAX_NUMBER}, "
                "or (text) for what is missing"
            )
    return KeyPart(name, number, tuple(changes), instead)
