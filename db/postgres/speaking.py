"""What is said to SQLite, said to PostgreSQL: each statement is put into the other's words once, and remembered.

The tables, and nearly all statements, are the same for both. The differences are of three kinds. Functions and
operators that PostgreSQL lacks are made there (`functions.sql`). What is written otherwise is rewritten here: places
of parameters, `OR IGNORE`, `IS` between values, casts. And what cannot be said alike is said so that both understand
it, where it stands. A value of `json_each` is taken for a whole number unless it is cast to text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import lru_cache

from dl_lit.core.values import dataclass


@dataclass(frozen=True, slots=True)
class Said:
    """A statement in PostgreSQL's words."""

    sql: str
    order: tuple[int, ...] | None  # which parameter stands where; None: as they are given

    def parameters(self, given: Sequence[object]) -> Sequence[object]:
        """The parameters in the order of their places."""
        return given if self.order is None else [given[place] for place in self.order]


_PIECES = re.compile(r"'(?:[^']|'')*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/|\?\d*|[^'\"?/-]+|.", re.DOTALL)
_PLACE = re.compile(r"\?(\d*)")

_WORDS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"\bIS\s+NOT\s+(?!NULL\b|DISTINCT\b|TRUE\b|FALSE\b)", re.IGNORECASE), "IS DISTINCT FROM "),
    (re.compile(r"\bIS\s+(?!NOT\b|NULL\b|DISTINCT\b|TRUE\b|FALSE\b)", re.IGNORECASE), "IS NOT DISTINCT FROM "),
    (re.compile(r"%s(\s+IS\s+(?:NOT\s+)?NULL\b)", re.IGNORECASE), r"%s::text\1"),  # else of no type
    (re.compile(r"\bSELECT value FROM json_each\(", re.IGNORECASE), "SELECT value::bigint FROM json_each("),
    (re.compile(r"\bjson_array\(", re.IGNORECASE), "json_build_array("),
    (re.compile(r"\bjson_object\(", re.IGNORECASE), "json_build_object("),
    (re.compile(r"\bgroup_concat\(", re.IGNORECASE), "string_agg("),
    (re.compile(r"\bINDEXED BY \w+", re.IGNORECASE), ""),
    (re.compile(r"\bNOT INDEXED\b", re.IGNORECASE), ""),
    (
        re.compile(r"([\w.]+)\s*=\s*([\w.]+|%s)\s+COLLATE\s+NOCASE\b", re.IGNORECASE),
        r'lower(\1) = lower(\2 COLLATE "C")',
    ),
    (re.compile(r"([\w.]+(?:\([^()]*\))?)\s+COLLATE\s+NOCASE\b", re.IGNORECASE), r"lower(\1)"),
    (re.compile(r"\|\|\s*\(([^()]*(?:<>|\bIS NOT NULL)[^()]*)\)"), r"|| (\1)::integer::text"),
    (re.compile(r"\bCROSS\s+JOIN\s+(\w+\s+AS\s+\w+\s+ON)\b", re.IGNORECASE), r"JOIN \1"),
    (re.compile(r"\bLIKE\b", re.IGNORECASE), "ILIKE"),
    (re.compile(r"\bLIMIT\s+%s", re.IGNORECASE), "LIMIT nullif(%s, -1)"),
)
_WITHIN = re.compile(r"\b(?:FROM|JOIN)\s*\(\s*(?=SELECT\b|WITH\b|VALUES\b)", re.IGNORECASE)
_UNNAMED = re.compile(
    r"\s*(?:$|[),;]|(?:WHERE|GROUP|ORDER|LIMIT|ON|JOIN|LEFT|CROSS|INNER|UNION|HAVING|WINDOW|EXCEPT)\b)", re.IGNORECASE
)
_UPSERT = re.compile(r"\bDO\s+UPDATE\s+SET\b", re.IGNORECASE)
_INTO = re.compile(r"\bINSERT\s+(?:OR\s+\w+\s+)?INTO\s+(\w+)", re.IGNORECASE)
_SET = re.compile(r"(?:^|,)\s*(\w+)\s*=")
_BEHIND_SET = re.compile(r"\b(?:WHERE|RETURNING)\b|;", re.IGNORECASE)
_ROWS = re.compile(r"\bjson_each\(%s\) AS j\b")
_CELL = re.compile(r"\bj\.value ->> (\d+)")
_OTHER_USE = re.compile(r"\bj\.(?!value ->> \d)")
_IGNORE = re.compile(r"\bINSERT OR IGNORE INTO\b", re.IGNORECASE)
_CAST = re.compile(r"\bCAST\(", re.IGNORECASE)
_GROUPED = re.compile(r"\bjson_group_array\(", re.IGNORECASE)
_TYPES = {"INTEGER": "dl_integer({})", "REAL": "({})::double precision", "TEXT": "({})::text"}
_AS = re.compile(r"^(.*)\sAS\s+(INTEGER|REAL|TEXT)\s*$", re.IGNORECASE | re.DOTALL)


@lru_cache(maxsize=4096)
def said(sql: str) -> Said:
    """`sql`, as SQLite is told it, for psycopg."""
    pieces: list[str] = []
    kept: list[str] = []  # texts and names, that stay as they are
    order: list[int] = []
    for piece in _PIECES.findall(sql):
        if piece[0] == "?":
            number = piece[1:]
            order.append(int(number) - 1 if number else len(order))
            pieces.append("%s")
        elif piece[0] in "'\"":
            pieces.append(f"\x00{len(kept)}\x00")
            kept.append(piece.replace("%", "%%"))
        elif piece.startswith(("--", "/*")):
            continue
        else:
            pieces.append(piece.replace("%", "%%"))
    text = "".join(pieces)
    for pattern, words in _WORDS:
        text = pattern.sub(words, text)
    text = _by_cells(text)
    text = _each(text, _GROUPED, lambda inner: f"coalesce(json_agg({inner}), '[]')")
    text = _each(text, _CAST, _cast)
    text = _upserts(_named(text))
    if _IGNORE.search(text):
        text = _IGNORE.sub("INSERT INTO", text).rstrip().rstrip(";") + " ON CONFLICT DO NOTHING"
    text = re.sub("\x00(\\d+)\x00", lambda found: kept[int(found[1])], text)
    return Said(text, None if order == list(range(len(order))) else tuple(order))


_NAMED_PLACE = re.compile(r"('(?:[^']|'')*')|(?<![:\w]):([a-z_]\w*)")


@lru_cache(maxsize=512)
def numbered(sql: str) -> tuple[str, tuple[str, ...]]:
    """`sql`, whose parameters have names, with numbers for them; the names, in the order of the numbers."""
    names: list[str] = []

    def place(found: re.Match[str]) -> str:
        if found[1] is not None:
            return found[1]
        if found[2] not in names:
            names.append(found[2])
        return f"?{names.index(found[2]) + 1}"

    return _NAMED_PLACE.sub(place, sql), tuple(names)


def _by_cells(text: str) -> str:
    """Where all that is asked of the rows `j` are their cells, each row is taken apart once, not once a cell."""
    if not _ROWS.search(text) or _OTHER_USE.search(text):
        return text
    return _ROWS.sub("dl_rows(%s) AS j", _CELL.sub(lambda found: f"j.cell[{int(found[1]) + 1}]", text))


def _upserts(text: str) -> str:
    """Columns on the right of DO UPDATE SET are the table's: there `excluded` has the same names."""
    for found in reversed(list(_UPSERT.finditer(text))):
        table = _INTO.findall(text[: found.start()])[-1]
        end = _ends(text, found.end())
        body = text[found.end() : end]
        names = "|".join(_SET.findall(body))
        qualified = re.sub(rf"(?<![\w.])({names})\b(?!\s*=)", rf"{table}.\1", body)
        text = text[: found.end()] + qualified + text[end:]
    return text


def _ends(text: str, begin: int) -> int:
    """Where the list of assignments from `begin` on ends."""
    found = _BEHIND_SET.search(text, begin)
    return len(text) if found is None else found.start()


def _named(text: str) -> str:
    """Each question within FROM has a name."""
    for number, found in enumerate(reversed(list(_WITHIN.finditer(text)))):
        end = _closing(text, found.end())
        if _UNNAMED.match(text, end):
            text = f"{text[:end]} AS unnamed_{number}{text[end:]}"
    return text


def _closing(text: str, begin: int) -> int:
    """Where the bracket that was opened before `begin` has been closed."""
    depth, end = 1, begin
    while depth and end < len(text):
        depth += {"(": 1, ")": -1}.get(text[end], 0)
        end += 1
    return end


def _each(text: str, opening: re.Pattern[str], put: Callable[[str], str]) -> str:
    """Each call that begins with `opening`, the innermost first, replaced by `put` of what is between its brackets."""
    while found := list(opening.finditer(text)):
        begin = found[-1].end()
        end = _closing(text, begin)
        text = text[: found[-1].start()] + put(text[begin : end - 1]) + text[end:]
    return text


def _cast(inner: str) -> str:
    found = _AS.match(inner)
    if found is None:
        return f"CAST ({inner})"
    return _TYPES[found[2].upper()].format(found[1].strip())
