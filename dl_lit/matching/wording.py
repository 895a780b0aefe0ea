"""Whether two titles that are nearly letter by letter one differ in a word that makes them two. Pure.

"Birds of the eastern coast" and "birds of the western coast" are two texts, "birds of the eastem coast" is a misprint
of the first. A word is the other misprinted where few of its letters differ; opposites differ in few letters as well
and are known by name, or by what they begin or end with.
"""

from __future__ import annotations

from difflib import SequenceMatcher
from functools import lru_cache
from typing import Final

from rapidfuzz.distance import OSA

WORDS_MIN: Final = 3  # words of a title below which one other word makes it another title in any case
MISPRINT_SHARE: Final = 0.34  # of a word's letters that may be misprinted
MISPRINTS_MIN: Final = 2  # letters, likewise, of a word of four letters and more
OPPOSED_MIN: Final = 2  # letters that two words must share besides the beginnings or endings that oppose them


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    """The pairs of words that `text` writes with a stroke between the two."""
    parted = (pair.partition("/") for pair in text.split())
    return tuple((one, other) for one, _, other in parted)


_OPPOSITES: Final = frozenset(
    map(
        frozenset,
        _pairs(
            "east/west eastern/western north/south northern/southern northeast/northwest southeast/southwest "
            "northeastern/northwestern southeastern/southwestern northeast/southeast northwest/southwest "
            "northeastern/southeastern northwestern/southwestern male/female males/females man/woman men/women "
            "boys/girls mother/father mothers/fathers maternal/paternal vitro/vivo pre/post with/without before/after "
            "past/future old/new young/old early/late first/second second/third first/third upper/lower left/right "
            "high/low higher/lower positive/negative acute/chronic benign/malignant primary/secondary inner/outer "
            "internal/external import/export imports/exports increase/decrease increased/decreased increases/decreases "
            "increasing/decreasing long/short large/small urban/rural public/private adult/child adults/children "
            "human/animal summer/winter spring/autumn hot/cold warm/cold wet/dry light/dark black/white day/night "
            "major/minor maximum/minimum maximal/minimal cause/effect active/passive open/closed hard/soft strong/weak "
            "rich/poor ancient/modern singular/plural anterior/posterior dorsal/ventral proximal/distal alpha/beta "
            "beta/gamma alpha/gamma methyl/ethyl sodium/potassium"
        ),
    )
)
# What words begin with that are otherwise one and mean two things.
_BEGINNINGS: Final = _pairs(
    "pre/post ante/post hyper/hypo macro/micro inter/intra endo/exo over/under intro/extro sub/super anti/pro "
    "mono/poly mono/di di/tri mono/bi uni/multi homo/hetero in/ex im/ex extra/intra para/meta ortho/para ortho/meta "
    "nano/micro milli/micro cis/trans north/south east/west meth/eth eth/prop prop/but"
)
_DENIALS: Final = ("un", "in", "im", "ir", "non", "dis", "anti")
# What words end with, of substances.
_ENDINGS: Final = _pairs("ate/ite ane/ene ene/yne ane/yne ide/ite ide/ate less/ful")
_ENDED_MIN: Final = 4  # letters before an ending
_DENIED_MIN: Final = 5  # letters of a word that can be denied
_SMALL: Final = frozenset(
    word
    for pair in _pairs(
        "the/of and/for on/in a/an de/la le/les des/der die/das und/et en/y e/del di/della to/by from/at as/or du/da "
        "do/os um/zu zur/zum im/am its/his her/their el/los las/il i/o al/au"
    )
    for word in pair
)


@lru_cache(maxsize=4096)
def another_word(one: str, other: str) -> tuple[str, str] | None:
    """The one word in which two title keys differ, or one of their opposites; `None` where nothing tells them apart.

    Words that are missing, run together or broken tell nothing, nor do small words and misprints.
    """
    mine, yours = one.split(), other.split()
    if mine == yours:
        return None
    changed = [
        pair
        for tag, first, last, start, end in SequenceMatcher(None, mine, yours, autojunk=False).get_opcodes()
        if tag == "replace" and last - first == end - start
        for pair in zip(mine[first:last], yours[start:end], strict=True)
    ]
    telling = [pair for pair in changed if not (set(pair) & _SMALL) and not is_misprint(*pair)]
    opposed = next((pair for pair in changed if are_opposites(*pair)), None)
    if opposed:
        return opposed
    return telling[0] if len(telling) == 1 and min(len(mine), len(yours)) >= WORDS_MIN else None


def is_misprint(one: str, other: str) -> bool:
    """Whether one word may be the other with a slip of the pen or of the eye: neither opposites nor numbers."""
    if any(character.isdigit() for character in one + other):
        return True  # numbers are told apart elsewhere, and scans put figures into words
    if are_opposites(one, other):
        return False
    length = max(len(one), len(other))
    allowed = max(MISPRINTS_MIN if length > MISPRINTS_MIN + 1 else 1, round(length * MISPRINT_SHARE))
    return OSA.distance(one, other) <= allowed


def are_opposites(one: str, other: str) -> bool:
    """Whether two words are known opposites, by name or by what they begin or end with."""
    return (
        frozenset((one, other)) in _OPPOSITES
        or _is_opposed(one, other)
        or _is_opposed(other, one)
        or _is_denied(one, other)
        or _is_denied(other, one)
    )


def _is_opposed(one: str, other: str) -> bool:
    for mine, yours in _BEGINNINGS:
        stem = one.removeprefix(mine)
        if stem != one and len(stem) >= OPPOSED_MIN and other == yours + stem:
            return True
    for mine, yours in _ENDINGS:
        stem = one.removesuffix(mine)
        if stem != one and len(stem) >= _ENDED_MIN and other == stem + yours:
            return True
    return False


def _is_denied(one: str, other: str) -> bool:
    """Whether one word is the other with "un" or its like before it."""
    return len(other) >= _DENIED_MIN and any(one == denial + other for denial in _DENIALS)
