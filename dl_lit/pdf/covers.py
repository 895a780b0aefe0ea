"""Cover sheets: pages that archives, repositories and publishers put before a work when it is downloaded.

They name a work, its citation and its version, and say nothing about what lies behind them.
"""

from __future__ import annotations

import re
from typing import Final

MOST_WORDS: Final = 750  # on a cover sheet; those that reprint the abstract come near
_MOST_WORDS_HINTED: Final = 450  # on one that is known by hints alone
_HINTS: Final = 3  # that make a page a cover sheet together

# One is enough. The wording is that of the services' own sheets, seen in files downloaded from them.
_SIGNS: Final[dict[str, tuple[str, ...]]] = {
    "jstor": (
        r"stable url\s*:?\s*(?:https?://)?(?:www\.)?jstor\.org",
        r"your use of the jstor archive indicates",
    ),
    "hal": (
        r"\bhal id\s*:\s*\S+",
        r"hal is a multi-?disciplinary open access",
        r"l'archive ouverte pluridisciplinaire hal",
    ),
    "researchgate": (r"see discussions, stats,? and author profiles for this publication",),
    "taylor-francis": (r"full terms & conditions of access and use can be found at",),
    "sage": (r"the online version of this article can be found at", r"additional services and information for"),
    "iop": (
        r"view the article online for updates and enhancements",
        r"this content was downloaded from ip address",
        r"please scroll down to see the full text article",
    ),
    "aip": (r"articles you may be interested in",),
    "acm": (r"latest updates\s*:?\s*https?://dl\.acm\.org",),
    "emerald": (r"users who downloaded this article also downloaded",),
    "muse": (r"for additional information about this article", r"access provided by .{2,80}\(\d{1,2} \w+ \d{4}"),
    "erudit": (r"document g[eé]n[eé]r[eé] le\s?:? ?\d",),
    "persee": (r"pers[eé]e \(minist[eè]re", r"ce document a [eé]t[eé] g[eé]n[eé]r[eé] le"),
    "econstor": (r"make your publications visible", r"standard-nutzungsbedingungen"),
    "ssoar": (r"empfohlene zitierung / suggested citation", r"nutzungsbedingungen: dieser text wird"),
    "repository": (
        r"(?:this|the) version (?:of the \w+ )?is available (?:at|from|in)",
        r"citation for (?:the )?(?:published|original published) (?:version|paper|item)",
        r"follow this and additional works at",
        r"users may download and print one copy",
        r"this (?:item|document|file|paper|article) (?:was|is|has been) downloaded from",
        r"this is a self-archiv(?:ed|ing)",
        r"open access repository (?:that|which) collects",
        r"is an open access (?:institutional )?repository",
        r"(?:research|institutional|academic) repository",
        r"this is the author(?:'s|s'|s)?.{0,40}version of (?:a|the) (?:work|paper|article|manuscript)",
        r"provided by the author\(s\)",
        r"this (?:full-?text|pdf|file) (?:was|is) (?:downloaded|hosted)",
        r"pdf hosted at the",
        r"explore bristol research",
        r"cover ?sheet",
        r"reuse of this item",
        r"link to (?:publication|published version)",
        r"(?:link|publication) record in",
        r"this (?:postprint|preprint) (?:was|is) (?:originally )?published",
        r"archived (?:version|at)\b",
    ),
}
# Two of them, on a page of few words.
_HINTED: Final[tuple[tuple[str, ...], ...]] = (
    (
        r"\bto (?:cite|link to) this (?:article|version|document|paper)\b",
        r"\bplease cite (?:the )?(?:original|published)",
        r"\bcitation\s*:",
        r"\b(?:suggested|recommended) citation",
    ),
    (r"\btake ?down (?:policy|notice)", r"\bgeneral rights\b", r"\bterms (?:and conditions|of use)", r"\bre-?use\b"),
    (r"\bdeposited in\b", r"\beprints?\b", r"\bdepot institutionnel\b", r"\bdspace\b"),
    (
        r"\b(?:document|publication|article|manuscript) version\b",
        r"\bversion\s*:",
        r"\b(?:accepted|published|submitted) version\b",
        r"\bpost-?print\b",
        r"\bpeer[- ]review status",
    ),
    (r"\bdownload(?:ed)? (?:from|on|by|date)\b", r"\bt[eé]l[eé]charg[eé]"),
    (r"\boriginally published in\b", r"\bpublisher'?s version\b", r"\blink to (?:the )?publi"),
    (r"\bsubmit your article\b", r"\barticle views\b", r"\bview (?:related|crossmark) ", r"\bpublished online\s*:"),
)

_SIGN_PATTERNS = {name: re.compile("|".join(signs), re.IGNORECASE) for name, signs in _SIGNS.items()}
_HINT_PATTERNS = tuple(re.compile("|".join(hints), re.IGNORECASE) for hints in _HINTED)
_BODY = re.compile(
    r"^\s*(?:\d{1,2}\.?\s+|[ivx]+\.\s+)?(?:introduction|background|einleitung|introducci[oó]n|introdu[cç][aã]o|"
    r"materials? and methods|references)\s*$",
    re.IGNORECASE | re.MULTILINE,
)
_ABSTRACT = re.compile(
    r"^\s*(?:abstract|summary|keywords|zusammenfassung|r[eé]sum[eé])\s*:?\s*$", re.IGNORECASE | re.MULTILINE
)
# A banner above an article that begins on the same page, not a sheet.
_BANNERED: Final = ("repository", "muse", "sage", "iop", "aip")


def cover_of(text: str, words: int, *, is_alone: bool = False) -> str | None:
    """Whose cover sheet a page with this text is ("jstor", "repository", ...); None where it is a page of a work.

    `words` are those of the whole page. That other pages follow is for the caller to see; where none does (`is_alone`)
    only a page that can be nothing else is called one: the page may be a short work under a repository's banner.
    """
    if words > MOST_WORDS:
        return None
    flat = " ".join(text.split()).replace("\u2019", "'")
    hints = sum(1 for pattern in _HINT_PATTERNS if pattern.search(flat))
    is_hinted = hints >= _HINTS and words <= _MOST_WORDS_HINTED and not _BODY.search(text)
    if is_alone:
        return "repository" if is_hinted and not _ABSTRACT.search(text) else None
    for name, pattern in _SIGN_PATTERNS.items():
        if pattern.search(flat):
            return None if name in _BANNERED and _is_banner(text, words, hints) else name
    return "repository" if is_hinted else None


def _is_banner(text: str, words: int, hints: int) -> bool:
    """Whether the work itself begins on the page, below the sign."""
    if _BODY.search(text) or (words > _MOST_WORDS_HINTED and hints < _HINTS):
        return True
    return hints < _HINTS - 1 and _ABSTRACT.search(text) is not None
