"""What a line shows of being part of a reference, as the line model sees it.

The features speak of kinds of words, not of words (a sign of an editor is "eds." as well as "Hrsg." or "под ред."), so
that what is learnt from lists in one language holds for those in others. Widely seen signs are counted over the
lines around as well: a year says little, a year in every third line much.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

from dl_lit.pdf.headings import ends_references, is_weak_opening, opens_references
from dl_lit.pdf.lines.facts import LineFacts
from dl_lit.pdf.lines.lexicon import EDITOR_WORDS, PROSE_WORDS, PUBLISHER_WORDS, SMALL_WORDS, VOLUME_WORDS

FEATURES_VERSION = 1  # goes up with every change that a model trained before would not understand
_UPPER = "A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĖĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŹŻŽА-ЯЁІЇЄҐ"
YEAR = re.compile(r"(?<![\d.,–-])(?:1[4-9]|20)\d{2}[a-z]?(?![\d.]\d|\d)")
_FOUR_DIGITS = re.compile(r"[12]\d{3}")
_NO_YEAR = ("n.d.", "n. d.", "o.J.", "o. J.", "s.f.", "s. f.", "in press", "im Druck", "forthcoming")
_YEAR_IN_ROUND = re.compile(r"\((?:[^()]{0,24}\s)?(?:1[4-9]|20)\d{2}[a-z]?(?:[,;/–-][^()]{0,20})?\)")
_YEAR_AT_END = re.compile(r"(?:1[4-9]|20)\d{2}[a-z]?\)?[.,;:]?$")
LABEL = re.compile(
    r"(?:(\[)\s*(\d{1,4})\s*\]|(\[)[A-Z][A-Za-z+]{0,8}\d{2,4}[a-z]?\]|(\()(\d{1,3})\)\s|(\d{1,4})([.)])(?=\s|[^\W\d])|"
    r"(\d{1,3})\s(?=[^\W\d_]))"
)
_AUTHOR = re.compile(
    rf"[\"“„«*•–—-]?\s?(?:[a-z'’]{{1,4}}\s){{0,3}}(?:"
    rf"[{_UPPER}][\w'’´`\-–]+(?:[ \-][{_UPPER}][\w'’\-]+){{0,2}},\s*(?:[{_UPPER}]\.|[{_UPPER}][\w\-]+)"
    rf"|(?:[{_UPPER}]\.[\s-]?){{1,3}}\s?[{_UPPER}][\w'’\-]+"
    rf"|[{_UPPER}][\w'’\-]+\s[{_UPPER}]{{1,3}}[,.:;\s]"
    rf"|(?:—|–|_){{2,}}"
    rf")"
)
_INITIAL = re.compile(rf"(?<![\w.])[{_UPPER}]\.(?=[\s,;:\-–)]|[{_UPPER}]\.|$)")
_PAGES = re.compile(
    r"\d\s?[-–—]\s?[A-Za-z]?\d|\b(?:pp?|S|ss|págs?|pag|blz|стр|с|str|s)\.\s?\d|第\s?\d+\s?[页頁]|\d+\s?[页頁]"
)
_VOLUME = re.compile(r"\d\s?\(\s?\d[\d\s/–-]*\)|(?<![\d.:])\d{1,4}\s?[:;]\s?[A-Za-z]?\d|第\s?\d+\s?[卷巻期号號]|№")
_LINK = re.compile(r"\b10\.\d{4,9}/|https?:|www\.|\bdoi\b|\barxiv\b|\biss?bn\b|\bissn\b|\bpmid\b|\burl\b")
_LINK_HINTS = ("10.", "http", "www.", "doi", "arxiv", "isbn", "issn", "pmid", "url")
_EDITOR_HINTS = (
    *("et al", " in:", " in :", "dans:", "dans :", " en:", "a cura di", " в кн", "//", "u. a.", "u.a.", "и др."),
    *("编", "編", "等.", "等,", "等。"),
)
_PUBLISHER = re.compile(
    r"出版社|大学|大學|学[会會报報]|學[會報]|[杂雜雑][志誌]|论文|論文|书店|書店|书局|書局|書房|紀要|\[[JMCDNPRSA](?:/OL)?\]"
)
_WORD = re.compile(r"[^\W\d_]+")
_PLACE = re.compile(rf"[{_UPPER}][\w.'’\- ]{{2,30}}(?:,\s?[{_UPPER}][\w.]{{1,12}})?\s?:\s?[{_UPPER}]")
_SERIAL = re.compile(r"\b[A-Za-z]+\s\d{1,4}\s?[,(:;]|,\s\d{1,4}\s?,\s")
_AUTHORS_JOINED = re.compile(rf"\.,?\s?(?:&|and|und|et|y|e|i|и|u\.)\s(?:[{_UPPER}]\.|[{_UPPER}][\w\-]+,)")
_DIGIT = re.compile(r"\d")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_PARTICLES = re.compile(r"[的了是在这那我也就并被把其与于對对從从以及而但]|[はがをにたでともへやか]")
_PARTICLE_SHARE = 0.08  # of the characters of running text are particles, at least
_QUOTES = frozenset('"“”„«»‘’「」『』《》')
_FIRST_KINDS = {
    "[": "bracket",
    "(": "round",
    "•": "bullet",
    "-": "dash",
    "–": "dash",
    "—": "dash",
    "_": "dash",
    "*": "bullet",
    "†": "bullet",
}
_NEAR, _WIDE = 4, 14  # lines on either side over which signs are counted


def features(facts: Sequence[LineFacts]) -> list[list[str]]:
    """The features of every line of one stretch of a document, in order; at least one for each line."""
    rows = [_own(fact) for fact in facts]
    passed = [[feature for feature in row if feature in _PASSED] for row in rows]
    numbers = [_number(fact.text) for fact in facts]
    signs = [_signs(row) for row in rows]
    sums = [[0, *accumulate(column)] for column in zip(*signs, strict=True)]
    opened = 10_000  # lines since a heading that opens references
    out: list[list[str]] = []
    count = len(facts)
    for at, (fact, row) in enumerate(zip(facts, rows, strict=True)):
        opened = 0 if "h=open" in row or "h=weak" in row else opened + 1
        line = row.copy()
        line.append("since=" + ("0" if opened == 0 else "few" if opened < 6 else "some" if opened < 60 else "long"))
        near_from, near_to = max(0, at - _NEAR), min(count, at + 1 + _NEAR)
        wide_from, wide_to = max(0, at - _WIDE), min(count, at + 1 + _WIDE)
        for near, behind, ahead, column in zip(_NEAR_NAMES, _BEHIND_NAMES, _AHEAD_NAMES, sums, strict=True):
            line.append(near[_share(column[near_to] - column[near_from], near_to - near_from)])
            line.append(behind[_share(column[at] - column[wide_from], at - wide_from)])
            line.append(ahead[_share(column[wide_to] - column[at + 1], wide_to - at - 1)])
        if numbers[at] is not None and _counts_on(numbers, at):
            line.append("counts")
        if at:
            line += [_BEFORE[feature] for feature in passed[at - 1]]
        if at + 1 < count:
            line += [_AFTER[feature] for feature in passed[at + 1]]
        if fact.opens_page:
            line.append("page")
        out.append(line)
    return out


_COUNTED = ("y", "m", "u", "l", "p")  # years, marks of references, authors first, labels, prose
_NEAR_NAMES, _BEHIND_NAMES, _AHEAD_NAMES = (
    tuple(tuple(f"{name}{place}{share}" for share in range(8)) for name in _COUNTED) for place in "nba"
)
_PASSED = frozenset(
    ("h=open", "h=end", "auth", "label=bracket", "label=stop", "yr", "year", "yend", "pages", "vol", "prose2", "size1",
     "size-1", "bold", "len0", "len1", "end=.", "end=a", "first=lower", "first=upper", "link", "block")
)  # fmt: skip
_BEFORE = {feature: "-" + feature for feature in _PASSED}
_AFTER = {feature: "+" + feature for feature in _PASSED}


def _own(fact: LineFacts) -> list[str]:
    """What the line shows by itself."""
    text = fact.text
    row = ["."]
    add = row.append
    lower = text.casefold()
    if YEAR.search(text) if _FOUR_DIGITS.search(text) else any(sign in text for sign in _NO_YEAR):
        add("year")
        if _YEAR_IN_ROUND.search(text):
            add("yr")
        if _YEAR_AT_END.search(text):
            add("yend")
    label = LABEL.match(text)
    if label:
        kind = label.lastindex or 0
        add("label=" + ("bracket" if kind in {2, 3} else "round" if kind == 5 else "stop" if kind == 7 else "bare"))
    body = text[label.end() :].lstrip() if label else text
    if _AUTHOR.match(body):
        add("auth")
    initials = len(_INITIAL.findall(text))
    if initials:
        add(f"initials{min(initials, 3)}")
    words = set(_WORD.findall(text))
    if not text.isalpha() and _DIGIT.search(text):
        if _PAGES.search(text):
            add("pages")
        if not words.isdisjoint(VOLUME_WORDS) or _VOLUME.search(text):
            add("vol")
        if _SERIAL.search(text):
            add("serial")
    else:
        add("nodigit")
    if any(hint in lower for hint in _LINK_HINTS) and _LINK.search(lower):
        add("link")
    if not words.isdisjoint(EDITOR_WORDS) or any(hint in lower for hint in _EDITOR_HINTS) or lower[:3] == "in:":
        add("editor")
    is_cjk = not text.isascii() and bool(_CJK.search(text))
    if not words.isdisjoint(PUBLISHER_WORDS) or (is_cjk and _PUBLISHER.search(text)):
        add("pub")
    if ":" in text and _PLACE.search(text):
        add("place")
    if "&" in text or _AUTHORS_JOINED.search(text):
        add("joined")
    if not _QUOTES.isdisjoint(text):
        add("quote")
    if is_cjk:
        _add_chinese(row, text)
    else:
        _add_words(row, text)
    _add_shape(row, fact)
    return row


def _add_words(row: list[str], text: str) -> None:
    """How much of running text, of capitals and of punctuation there is."""
    words = text.split()
    count = len(words)
    prose = sum(word in PROSE_WORDS for word in words)
    small = sum(word in SMALL_WORDS for word in words)
    capitals = sum(word[0].isupper() for word in words)
    row.append(f"prose{min(prose, 3)}")
    if prose >= 2:
        row.append("prose2")
    row.append(f"small{min(10 * small // count, 5)}")
    row.append(f"caps{min(10 * capitals // count, 9)}")
    row.append(f"commas{min(text.count(','), 5)}")
    row.append(f"stops{min(text.count('.'), 5)}")
    row.append(f"words{count if count < 4 else 4 if count < 8 else 8}")
    row.append(f"letters{10 * sum(map(str.isalpha, text)) // len(text) // 2}")


def _add_chinese(row: list[str], text: str) -> None:
    """The same of a line in Chinese or Japanese, which has neither spaces nor capitals: judged by its particles."""
    particles = len(_PARTICLES.findall(text))
    if "year" not in row and particles >= _PARTICLE_SHARE * len(text):
        row += ("prose3", "prose2", "small4", "caps0")
    else:
        row += ("prose0", "small1", "caps6")
    row.append(f"commas{min(sum(map(text.count, ',，、')), 5)}")
    row.append(f"stops{min(sum(map(text.count, '.。．')), 5)}")


def _add_shape(row: list[str], fact: LineFacts) -> None:
    """Its length, its ends, its type, whether it is a heading that is known."""
    text = fact.text
    length = len(text)
    row.append(f"len{0 if length < 12 else 1 if length < 30 else 2 if length < 60 else 3}")
    first, last = text[0], text[-1]
    row.append(
        "first="
        + (
            "lower"
            if first.islower()
            else "upper"
            if first.isupper()
            else "digit"
            if first.isdigit()
            else _FIRST_KINDS.get(first, "other")
        )
    )
    row.append("end=" + ("a" if last.isalpha() else "0" if last.isdigit() else last if last in ".,:;-)" else "other"))
    if fact.size_step:
        row.append(f"size{fact.size_step}")
    if fact.bold:
        row.append("bold")
    if fact.opens_block:
        row.append("block")
    if length <= 90:
        if opens_references(text):
            row.append("h=weak" if is_weak_opening(text) else "h=open")
        elif ends_references(text):
            row.append("h=end")
        elif text.isupper():
            row.append("h=upper")


def _signs(row: Sequence[str]) -> tuple[int, int, int, int, int]:
    """Which of the counted signs a line's own features hold."""
    marks = years = authors = labels = prose = 0
    for feature in row:
        if feature in _MARKS:
            marks += 1
            if feature == "year":
                years = 1
            elif feature == "auth":
                authors = 1
        elif feature == "prose2":
            prose = 1
        elif feature[:5] == "label":
            labels = 1
    return years, int(marks >= 2), authors, labels, prose


_MARKS = frozenset(
    ("year", "pages", "vol", "link", "editor", "pub", "place", "serial", "auth", "initials2", "initials3")
)


def _share(part: int, whole: int) -> int:
    """A share in tenths, coarse above a half; 0 where there is nothing to share."""
    if not whole:
        return 0
    tenth = 10 * part // whole
    return tenth if tenth <= 4 else 5 if tenth <= 6 else 7


def _number(text: str) -> int | None:
    """The number that a label at the line's beginning says."""
    match = LABEL.match(text)
    if not match:
        return None
    digits = match.group(2) or match.group(5) or match.group(6) or match.group(8)
    return int(digits) if digits else None


def _counts_on(numbers: Sequence[int | None], at: int) -> bool:
    """Whether the label at `at` continues, or is continued by, one a few lines away."""
    number = numbers[at]
    if number is None:
        return False
    return number - 1 in numbers[max(0, at - 10) : at] or number + 1 in numbers[at + 1 : at + 11]
