"""The names in a list of names whose ends are known, in whatever order and style they are printed."""

from __future__ import annotations

import re
from collections.abc import Sequence

from dl_lit.core.model import Name
from dl_lit.core.values import dataclass
from dl_lit.pdf.name_patterns import BODY_WORDS, EDITORS, ET_AL, PARTICLE_WORDS, REPEATED, U
from dl_lit.pdf.repetition import is_mark

_AND = re.compile(
    r"\s*,?\s*(?:&|\b(?:and|und|u\.|et(?!\s*al)|y|e|и|en|i|oraz|och|og|sowie)(?=\s))\s*(?=\S)|"
    r"\s*(?:…|\.\s?\.\s?\.)\s*,?\s*&?\s*"
)
_ONLY_INITIALS = re.compile(
    rf"(?:[{U}][a-zа-я]{{0,2}}\.[\s\-‐–]{{0,2}}|[{U}](?:[\s\-‐–]{{1,2}}|$)){{1,6}}(?:[a-z]{{2,3}}\.?)?|[{U}]{{1,3}}"
)
_SUFFIX = re.compile(r"^(?:Jr|Sr|II|III|IV|2nd|3rd|Filho|Neto|Júnior|FILHO|NETO|JÚNIOR)\.?$")
_LEAD = re.compile(
    r"^[\s,.;:]*(?:(?:in|by|par|von|edited by|ed\. by|eds?\.(?=\s)|hrsg\. v(?:on|\.)|hg\. v(?:on|\.)|a cura di|"
    r"sous la dir(?:ection|\.) de|with|red\.|pod red\.|под ред\.|dir\.)\s+)+",
    re.IGNORECASE,
)
_BARE_INITIALS = re.compile(rf"[{U}](?:[\-‐–]?[{U}]){{0,3}}\.?")
_EXPANSION = re.compile(r"(?<=[A-ZÄÖÜ]{3})\s*[(\[][^()\[\]]{8,}[)\]]?\s*$")  # "WHO [World Health Organization]"
# What a name is given behind it in brackets: "(@ConanOBrien)", "(Übers.)", "[Jeremy York, pseud.]".
_BRACKETED = re.compile(r"\s[(\[](?:@\w+|(?:Bearb|Übers|Red|Trans|Transl|Tłum)\.?|[^()\[\]]{2,40}\bpseud\.?)[)\]]")
_MARKS = re.compile(r"[*†‡§¶]|(?<=[a-z])\d{1,2}(?=[,;]|$)")

_EMPTY = re.compile(r"[\s,;:]*")  # control characters may stand between two commas, too


@dataclass(frozen=True, slots=True)
class People:
    """Names in printed order."""

    names: tuple[Name, ...]
    order: str  # "family-first", "given-first", "" where they do not tell
    complete: bool = True  # False: "et al."


def read_people(text: str, order: str | None = None) -> People:
    """The names in `text`, which holds nothing else.

    `order` is what the rest of the list does, where that is plain: "family-first" or "given-first".
    """
    bare = _LEAD.sub("", _MARKS.sub("", _EXPANSION.sub("", _BRACKETED.sub("", text.lstrip(" –—•·")))))
    bare = re.sub(EDITORS.pattern + r"\s*[.,:]?\s*$", "", bare, flags=re.IGNORECASE).strip(" ,;:")
    if REPEATED.fullmatch(bare + " ") or not re.search(r"[^\W\d_]", bare):
        return People((), "")
    complete = True
    if et_al := ET_AL.search(bare):
        complete = False
        bare = bare[: et_al.start()] if et_al.start() > 1 else bare
    if _is_one_body(bare):
        return People((Name(literal=bare.strip(" .")),), "", complete)
    pieces = [piece for piece in _pieces(bare) if not _EMPTY.fullmatch(piece)]
    named = [_name(piece, order) for piece in pieces]
    plainly = sum(kind == "family-first" and "," not in piece for piece, (_, kind) in zip(pieces, named, strict=True))
    if 0 < plainly >= 0.5 * len(pieces):
        # "Wang Ai-wu, Liu Y": who is not abbreviated keeps the order of those who are.
        named = [_turned(piece, name, kind) for piece, (name, kind) in zip(pieces, named, strict=True)]
    orders = [kind for _, kind in named if kind]
    plain = max(set(orders), key=orders.count) if orders else ""
    return People(tuple(name for name, _ in named if not is_mark(name)), plain, complete)


def _pieces(text: str) -> list[str]:
    """The text of each name, family and given name parted by a comma where they are printed so."""
    if ";" in text:
        parts = [piece.strip(" ,") for part in text.split(";") for piece in _AND.split(part) if piece.strip(" ,.")]
        return [piece for part in parts for piece in _apart(part)]
    if " / " in text or re.search(r"[\w.]/\s?[^\W\d_]", text):
        return [piece for part in re.split(r"\s*/\s*", text) if part.strip(" ,.") for piece in _pieces(part)]
    parts = [part.strip(" ,") for part in _AND.split(text)]
    groups = [
        _without_suffixes([piece.strip() for piece in part.split(",") if piece.strip(" .")]) for part in parts if part
    ]
    flat = [piece for group in groups for piece in group]
    pieces: list[str] = []
    for group in groups:
        pieces += _grouped(group, alone=len(flat) == 2 and len(groups) == 1)
    return pieces


def _without_suffixes(group: Sequence[str]) -> list[str]:
    """The pieces of a group but "Jr." and what is like it, set off by a comma: "Lucas, Robert E., Jr."."""
    return [
        piece
        for at, piece in enumerate(group)
        if not (at and _SUFFIX.match(piece) and (piece[1:2] == "r" or (at == 2 and len(group[1]) > 3)))
    ]


def _apart(part: str) -> list[str]:
    """A piece between semicolons: one name, or several that commas part ("Siewert M, Dressman J")."""
    pieces = [piece.strip() for piece in part.split(",") if piece.strip(" .")]
    if len(pieces) >= 2 and all(_is_family_with_initials(piece) for piece in pieces):
        return pieces
    return [part]


def _is_one_body(text: str) -> bool:
    """Whether the whole is one body, commas and conjunctions in its name allowed for."""
    parts = _AND.split(text)
    # "Sociaal en Cultureel Planbureau": no list of names joins a single word to a body's name.
    is_joined = len(parts) == 2 and "," not in text and len(parts[0].split()) == 1 < len(parts[1].split())
    if ";" in text or not (is_joined or BODY_WORDS.search(text)):
        return False
    pieces = [piece.strip() for part in parts for piece in part.split(",")]
    return not any(_ONLY_INITIALS.fullmatch(piece) or _is_family_with_initials(piece) for piece in pieces)


def _grouped(group: Sequence[str], *, alone: bool) -> list[str]:
    """Pieces between commas put together where the comma parts family and given name."""
    if not group:
        return []
    if _is_first_reversed(group):
        return [f"{group[0]}, {group[1]}", *group[2:]]
    initials = [bool(_ONLY_INITIALS.fullmatch(piece)) or bool(_BARE_INITIALS.fullmatch(piece)) for piece in group]
    if any(initials):
        return _paired(group, initials)
    if (
        len(group) % 2 == 0
        and all(_is_given_like(piece) for piece in group[1::2])
        and _are_families(group[0::2], alone=alone)
    ):
        return [f"{family}, {given}" for family, given in zip(group[0::2], group[1::2], strict=True)]
    if len(group) == 2 and len(group[0].split()) == 1 and re.search(rf"\s[{U}]\.$", group[1]):
        return [f"{group[0]}, {group[1]}"]  # "Lucas, Robert E." before "and Nancy L. Stokey"
    return list(group)


def _is_first_reversed(group: Sequence[str]) -> bool:
    """Whether the first name alone is turned round: "Hlatky, Mark A., Derek Boothroyd, Eric Vittinghoff"."""
    if len(group) < 3:
        return False
    family, given, *others = group
    words = [word for word in family.split() if word not in PARTICLE_WORDS]
    return (
        len(words) == 1
        and len(words[0].strip(".")) > 1
        and _is_given_like(given)
        and not _ONLY_INITIALS.fullmatch(given)
        and not _ONLY_INITIALS.fullmatch(words[0])
        and not any(_is_initial(word) and not word.endswith(".") for word in given.split()[-1:])
        and all(len(piece.split()) > 1 for piece in others)
        and not any(_is_initial(piece.split()[-1]) for piece in others)
    )


def _paired(group: Sequence[str], initials: Sequence[bool]) -> list[str]:
    pieces: list[str] = []
    for piece, is_initials in zip(group, initials, strict=True):
        if is_initials and pieces and "," not in pieces[-1] and not _is_family_with_initials(pieces[-1]):
            pieces[-1] += ", " + piece
        elif not (_SUFFIX.match(piece) and pieces):
            pieces.append(piece)
    return pieces


def _is_given_like(piece: str) -> bool:
    words = piece.split()
    return len(words) <= 3 and all(word[:1].isupper() or word.lower() in PARTICLE_WORDS for word in words)


def _are_families(pieces: Sequence[str], *, alone: bool) -> bool:
    """Whether `pieces` are family names without given ones."""
    most = 3 if alone else 2
    words = [
        [word for word in piece.split() if word.isupper() or word.lower() not in PARTICLE_WORDS] for piece in pieces
    ]
    return all(1 <= len(piece) <= most for piece in words) and sum(len(piece) == 1 for piece in words) >= 0.6 * len(
        words
    )


def _is_family_with_initials(piece: str) -> bool:
    """Whether a piece is a whole name with initials: "Knuth DE", "D. E. Knuth", "Knuth D. E."."""
    words = piece.replace(".", ". ").split()
    if len(words) < 2:
        return False
    ends = _BARE_INITIALS.fullmatch(words[-1]) or _ONLY_INITIALS.fullmatch(words[-1])
    begins = _ONLY_INITIALS.fullmatch(words[0])
    return bool(ends or begins)


def _name(piece: str, order: str | None) -> tuple[Name, str]:
    """One name, and which of its parts stands first."""
    piece = re.sub(r"\s+", " ", piece).strip(" ,;:")
    family, comma, given = (part.strip() for part in piece.partition(","))
    if comma:
        return Name(family=_trimmed(family), given=given.strip(" ,") or None), "family-first"
    words = re.sub(r"\.(?=\w)", ". ", piece).split()
    words = [word for at, word in enumerate(words) if not (at and _SUFFIX.match(word))] or words
    if len(words) == 1 or (BODY_WORDS.search(piece) and not _is_family_with_initials(piece)):
        return Name(literal=piece.strip(" .")), ""
    if piece[:4].lower() == "the " or len(words) > 6:
        return Name(literal=piece.strip(" .")), ""
    particles: list[str] = []
    while len(words) > 2 and words[-1] in PARTICLE_WORDS and _is_initial(words[-2]):
        particles.insert(0, words.pop())  # "Iersel CA van"
    words[:0] = particles
    at = len(words)
    while at > 1 and _is_initial(words[at - 1]):
        at -= 1
    leads = _is_initial(words[0])
    if at < len(words) and not (leads and order != "family-first"):
        return Name(family=" ".join(words[:at]), given=" ".join(words[at:])), "family-first"
    if order == "family-first" and not leads:
        capitals = [word for word in words if word.isupper() and len(word) > 2]
        if capitals and not words[-1].isupper():
            cut = max(index for index, word in enumerate(words) if word.isupper()) + 1
            return Name(family=" ".join(words[:cut]), given=" ".join(words[cut:]) or None), "family-first"
    if words[0].isupper() and len(words[0]) > 2 and not leads and not words[-1].isupper():
        cut = next(index for index, word in enumerate(words) if not word.isupper())
        return Name(family=" ".join(words[:cut]), given=" ".join(words[cut:])), "family-first"
    cut = len(words) - 1
    while cut > 1 and words[cut - 1].lower() in PARTICLE_WORDS:
        cut -= 1
    return Name(family=_trimmed(" ".join(words[cut:])), given=" ".join(words[:cut])), "given-first"


def _turned(piece: str, name: Name, kind: str) -> tuple[Name, str]:
    words = piece.split()
    if kind != "given-first" or len(words) != 2 or _is_family_with_initials(piece):
        return name, kind
    return Name(family=words[0], given=words[1]), "family-first"


def _is_initial(word: str) -> bool:
    return bool(_BARE_INITIALS.fullmatch(word) or _ONLY_INITIALS.fullmatch(word)) and len(word.strip(".-")) <= 4


def _trimmed(family: str) -> str:
    return family.strip(" .,;")
