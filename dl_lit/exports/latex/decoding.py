r"""LaTeX as people and programs write it in .bib files, in Unicode.

Never fails: a command that nobody knows is left out and what it is about stays. Math between dollars stays as it is,
since titles are compared, shown and exported with it, unless it is one sign alone, which Unicode has.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from dl_lit.exports.latex.letters import ACCENTS, LETTERS, MATHS

_TOKEN = re.compile(
    r"\$\$?(?:[^$\\]|\\.)+\$\$?|\\[a-zA-Z@]+\*?\s*|\\.|\{|\}|---?|``|''|\?`|!`|~|[^\\${}~`'?!-]+|.", re.DOTALL
)
_JOINED = {"---": "—", "--": "–", "``": "“", "''": "”", "?`": "¿", "!`": "¡", "~": " "}
_NAMED = (
    {name: sign for sign, name in MATHS.items()}
    | {name: sign for sign, name in LETTERS.items()}
    | {
        "aa": "å", "AA": "Å", "textendash": "–", "textemdash": "—", "dots": "…", "textellipsis": "…", "euro": "€",
        "EUR": "€", "textsterling": "£", "textcopyright": "©", "textdagger": "†", "textdaggerdbl": "‡",
        "textsection": "§", "textparagraph": "¶", "textquotedbl": '"', "textquotesingle": "'", "textasciigrave": "`",
        "guillemetleft": "«", "guillemetright": "»", "textdollar": "$", "textunderscore": "_", "textunderbar": "_",
        "textnumero": "№", "slash": "/", "texttimes": "×", "textpm": "±", "textdiv": "÷", "textrightarrow": "→",
        "texttwosuperior": "²", "textthreesuperior": "³", "textonesuperior": "¹", "TeX": "TeX", "LaTeX": "LaTeX",
        "le": "≤", "ge": "≥", "ne": "≠", "to": "→", "degree": "°", "textminus": "−", "textvisiblespace": "␣",
        "textsuperscript": "", "textsubscript": "", "quad": " ", "qquad": " ", "space": " ", "newline": " ",
        "textquotedblleft": "“", "textquotedblright": "”", "textyen": "¥", "textcent": "¢", "textmu": "µ",
        "texteuro": "€", "textquestiondown": "¿", "textexclamdown": "¡", "textonehalf": "½", "textonequarter": "¼",
        "textthreequarters": "¾", "textordfeminine": "ª", "textordmasculine": "º",
        "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ", "ng": "ŋ", "NG": "Ŋ",
        "textbari": "ɨ", "lq": "‘", "rq": "’", "glqq": "„", "grqq": "“", "flqq": "«", "frqq": "»", "lbrack": "[",
        "rbrack": "]", "lbrace": "{", "rbrace": "}", "backslash": "\\", "cdot": "·", "textohm": "Ω",
        "textcelsius": "℃", "Upsilon": "Υ",
    }
)  # fmt: skip
_SIGNS = {name: sign for sign, name in MATHS.items()}
_MATH_SIGN = re.compile(r"\$\s*\\([a-zA-Z]+)\s*\$")
_FIRST_LEFT_OUT = frozenset({"href", "foreignlanguage", "textcolor", "color", "noopsort", "fontsize", "selectlanguage"})
_SPACES = frozenset(" ,;:/\\\n\t")
_DEEPEST = 100  # braces within braces


def decoded(text: str) -> str:
    """`text` in Unicode on one line, its commands and braces gone, math between dollars as it is."""
    if not any(sign in text for sign in "\\{}~`'-$"):
        return " ".join(text.split())
    read = "".join(_Reader(text).read())
    return " ".join(read.split())


class _Reader:
    """Reads one text from front to end."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)
        self._at = 0
        self._depth = 0

    def read(self) -> list[str]:
        """All of it, with whatever is closed too often."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            parts.append(self._group())
        return parts

    def _group(self) -> str:
        """Up to the brace that closes the group, or to the end."""
        parts: list[str] = []
        while self._at < len(self._tokens):
            token = self._tokens[self._at]
            self._at += 1
            if token == "}":  # noqa: S105 - a brace, no secret
                break
            parts.append(self._read(token))
        return "".join(parts)

    def _read(self, token: str) -> str:
        if token[0] == "{":
            if self._depth >= _DEEPEST:
                return ""
            self._depth += 1
            inner = self._group()
            self._depth -= 1
            return inner
        if token[0] == "\\" and len(token) > 1:
            return self._command(token[1:].rstrip())
        if token[0] == "$" and (sign := _MATH_SIGN.fullmatch(token)):
            return _SIGNS.get(sign[1], token)
        return _JOINED.get(token, token)

    def _command(self, name: str) -> str:
        name = name.rstrip("*") or name
        if name in ACCENTS:
            return _accented(self._argument(), ACCENTS[name])
        if name == "t":
            return _accented(self._argument(), "\u0361")
        if not name:
            return " "
        if not name[0].isalpha():
            return "" if name in {"-", "!", "(", ")", "[", "]", "@"} else " " if name[0] in _SPACES else name
        if name in _FIRST_LEFT_OUT:
            self._argument()
            return ""
        if name in {"enquote", "mkbibquote"}:
            return f"“{self._argument()}”"
        known = _NAMED.get(name)
        return _known_to_others(name) if known is None else known

    def _argument(self) -> str:
        """The group that follows, or the one letter, or the one command."""
        while self._at < len(self._tokens) and self._tokens[self._at].isspace():
            self._at += 1
        if self._at == len(self._tokens):
            return ""
        token = self._tokens[self._at]
        if token == "}":  # noqa: S105 - a brace, no secret
            return ""
        self._at += 1
        if token[0] in "{\\":
            return self._read(token)
        letter, rest = (word := token.lstrip())[0], word[1:]
        if rest:
            self._at -= 1
            self._tokens[self._at] = rest
        return letter


def _accented(text: str, mark: str) -> str:
    """`text` with the accent on its first letter; nothing where there is no letter."""
    if not text:
        return ""
    first = {"ı": "i", "ȷ": "j"}.get(text[0], text[0])
    return unicodedata.normalize("NFC", first + mark) + text[1:]


@cache
def _known_to_others(name: str) -> str:
    """What pylatexenc has for a command that is one sign; nothing for others: they say how something looks."""
    from pylatexenc.latex2text import get_default_latex_context_db  # noqa: PLC0415 - rarely needed, and not small

    spec = get_default_latex_context_db().get_macro_spec(name)
    found = getattr(spec, "simplify_repl", None)
    return found if isinstance(found, str) and "%" not in found else ""
