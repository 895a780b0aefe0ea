"""Names as services write them, made `Name`s."""

from __future__ import annotations

import re

from dl_lit.core.model import Name
from dl_lit.core.particles import PARTICLES

_SUFFIXES = frozenset({"jr", "jr.", "sr", "sr.", "ii", "iii", "iv"})
_BODY = re.compile(
    r"\b(?:collaboration|consortium|group|organi[sz]ation|institute|university|association|society|committee|council|"
    r"agency|ministry|department|team|network|project|foundation|center|centre|commission|developers)\b",
    re.IGNORECASE,
)
_INITIALS = re.compile(r"[A-ZÀ-Þ]{1,4}(?:-[A-ZÀ-Þ])?")

LANGUAGES = {
    "eng": "en", "fre": "fr", "fra": "fr", "ger": "de", "deu": "de", "spa": "es", "ita": "it", "por": "pt", "rus": "ru",
    "chi": "zh", "zho": "zh", "jpn": "ja", "kor": "ko", "pol": "pl", "dut": "nl", "nld": "nl", "swe": "sv", "nor": "no",
    "dan": "da", "fin": "fi", "cze": "cs", "ces": "cs", "hun": "hu", "tur": "tr", "gre": "el", "ell": "el", "lat": "la",
    "ara": "ar", "heb": "he", "per": "fa", "fas": "fa", "ukr": "uk", "rum": "ro", "ron": "ro", "hrv": "hr", "srp": "sr",
    "bul": "bg", "slo": "sk", "slk": "sk", "slv": "sl", "cat": "ca",
}  # fmt: skip
"""ISO 639-2 codes, bibliographic and terminological, as ISO 639-1: https://www.loc.gov/standards/iso639-2/."""


def initialled(name: str) -> Name:
    """Split "van der Lee MA" (PubMed's way: initials last, without points); bodies and single words stay whole."""
    family, _, initials = " ".join(name.split()).rpartition(" ")
    if not family or not _INITIALS.fullmatch(initials) or _BODY.search(name):
        return Name(literal=" ".join(name.split()))
    return Name(family=family, given=" ".join(f"{letter}." for letter in initials.replace("-", "")))


def person(full: str) -> Name:
    """Split "Given van Family" or "Family, Given"; bodies and single words stay whole (`literal`)."""
    text = " ".join(full.split()).strip(" ,;")
    family, comma, given = text.partition(",")
    if comma and given.strip():
        return Name(family=family.strip(), given=given.strip())
    words = text.split()
    if len(words) < 2 or _BODY.search(text):
        return Name(literal=text)
    end = len(words) - (1 if words[-1].lower() in _SUFFIXES and len(words) > 2 else 0)
    start = end - 1
    while start > 1 and words[start - 1].lower() in PARTICLES:
        start -= 1
    return Name(family=" ".join(words[start:]), given=" ".join(words[:start]))
