"""Where entries begin in Chinese, Japanese and Korean lists, whose words have no capitals for the model to go by."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.pdf.document import Line
from dl_lit.pdf.splitting.features import fills

_IDEOGRAPH = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_SHARE = 0.3  # of the letters
_ENDED = re.compile(r"(?:[.。．\]］〕)）]|[頁页年]\s?[.。．]?|https?://\S+)\s*$")
_OPEN = re.compile(r"[,，、;；::「『《（(・-]\s*$")
_GOES_ON = re.compile(r"[a-z0-9)）」』》、，。:：;；]|https?:|doi", re.IGNORECASE)
_FULL = 0.96  # of the column's width: a line that runs so far ended where the page made it


def is_without_capitals(lines: Sequence[Line]) -> bool:
    """Whether a good part of the letters of `lines` belong to scripts without capitals."""
    letters = sum(character.isalpha() for line in lines for character in line.text)
    return sum(len(_IDEOGRAPH.findall(line.text)) for line in lines) > _SHARE * max(letters, 1)


def odds_without_capitals(lines: Sequence[Line]) -> list[float]:
    """Natural logarithm of the odds that each line begins an entry, judged by how the line before it ended."""
    found = [5.0] if lines else []
    shares = fills(lines)
    for index in range(1, len(lines)):
        before, text = lines[index - 1].text, lines[index].text
        if _OPEN.search(before) or not _ENDED.search(before):
            found.append(-4.0)
            continue
        value = 3.0 if shares[index - 1] < _FULL else 1.0
        found.append(value - 3.5 if _GOES_ON.match(text) else value)
    return found
