"""What is set above a title, or behind it as its subtitle, and says that the file is a paper about the work. Pure.

A decision letter, a checklist or a teaching note bears the work's title and people as the work does. Only its head
tells: kinds that are known by name are refused, and a head that nobody knows is for a person where the file shows
nothing else of its own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import takewhile
from typing import Final

from dl_lit.core.model import Work, WorkType
from dl_lit.core.ports import PdfFacts
from dl_lit.core.reasons import Reason
from dl_lit.matching.normalise import plain_text, squash, text_key
from dl_lit.matching.proof.front import Front, Leaf, Row, joined, letters_of
from dl_lit.matching.proof.signs import Sign
from dl_lit.matching.proof.titles import Stand

_ROWS_ABOVE: Final = 12  # of the title's page, in which a head may stand
_ROWS_BELOW: Final = 2  # of the title, in which the kind may stand
_HEAD_WORDS: Final = 10  # of a row that is a head
_HEAD_LETTERS: Final = 4  # at least
_SLIDE_WORDS: Final = 90  # on a page: more are running text
_FEWEST_SLIDES: Final = 5
_SUBTITLE_WORDS: Final = 12  # of an added subtitle

_KIND = re.compile(
    r"^\W*(?:"
    r"(?:(?:editor(?:ial|'s|s)?|acceptance) )?(?:decision|acceptance|cover(?:ing)?) letters?|"
    r"editor'?s'? (?:evaluation|assessment|decision|summary)|elife (?:assessment|digest)|"
    r"(?:author'?s?'?|authors') (?:responses?|rebuttal|reply|replies|comments?)|"
    r"(?:point[- ]by[- ]point )?(?:responses?|repl(?:y|ies)|rebuttal)(?: letter)?"
    r"(?: to (?:the )?(?:reviewers?|referees?|editors?)\b.*)?|"
    r"(?:(?:transparent|open) )?peer[- ]review(?:er)?s?"
    r"(?: (?:file|reports?|history|information|comments|record|process file))?|"
    r"(?:anonymous )?(?:reviewers?|referees?)'?s?'? (?:comments?|reports?|remarks?)\b.*|reviewer #? ?\d.*|"
    r"(?:rebuttal|referee report|review history|revision history|version history)|"
    r"(?:(?:nature|life sciences|nature research|nature portfolio) )?reporting summary|"
    r"(?:\S+ ){0,4}(?:check-?list)(?: (?:of|for) .*)?|"
    r"(?:data )?(?:dictionary|code-?book)(?: (?:and|&) (?:data )?(?:code-?book|dictionary))?|"
    r"(?:statistical )?analysis plan|read ?me\b.*|"
    r"(?:press|news|media) release\b.*|for immediate release\b.*|embargo(?:ed)?(?: until)?\b.*|"
    r"dear (?:(?:dr|prof|professor|editors?|sirs?|sir or madam|madam|reviewers?|colleagues?|members?)\b.*)|"
    r"(?:conflicts? of interest|icmje|copyright transfer|licen[cs]e to publish|author|consent|order|reprint)"
    r"(?: \w+){0,2} (?:form|agreement|declaration)\b.*"
    r")\W*$",
    re.IGNORECASE,
)
"""Heads that no article has: what is written around one."""

_SECTION = re.compile(
    r"^\W*(?:"
    r"(?:teaching|instructors?'?|lecture|case|study) (?:notes?|guides?|manual)|(?:discussion|reading|reader'?s) guide|"
    r"(?:research|policy|issue|evidence|practice|project|science) "
    r"(?:brief|briefing|summary|highlights?|digest|snapshot)s?(?: paper)?|in brief|fact ?sheet|infographic|"
    r"(?:q ?(?:&|and|\+) ?a|questions? (?:and|&) answers?)\b.*|(?:an )?interview(?: with .*)?|transcript\b.*|"
    r"(?:study|trial|clinical trial|research|review) protocols?|protocol|executive summary|"
    r"journal club\b.*|(?:\S+ ){0,2}(?:workbook|worksheet|exercises|handouts?|slides)|lecture|"
    r"project (?:proposal|description)|"
    r"grant (?:application|proposal)|(?:\S+ ){0,2}proposal|pre-?registration|registered report protocol"
    r")\W*$",
    re.IGNORECASE,
)
"""Heads that some journals use for articles, too: they say nothing where the file bears the journal's imprint."""

_PROTOCOL = re.compile(r"\b(?:protocol|registration)\b", re.IGNORECASE)  # articles themselves, of another kind

_ADDED = re.compile(
    r"\b(?:(?:study|trial|research|review) protocol|protocol (?:for|of)|statistical analysis plan|design and rationale|"
    r"rationale and design|extended abstract|(?:a )?(?:reply|response|rejoinder|comment|supplement|appendix|erratum|"
    r"summary|teaching note|codebook|checklist|interview|press release|executive summary|policy brief|research brief|"
    r"slides|book review|review essay|user'?s? (?:guide|manual)|study guide|companion|workbook|solutions? manual))\b",
    re.IGNORECASE,
)
"""Kinds that a subtitle may name which the record does not have."""

# What stands above titles in articles. One such word tells that the head says where the article is printed …
_PRINTED_IN = re.compile(
    r"\b(?:open access|special issue|issue|chapter|chap|cap[ií]tulo|chapitre|kapitel|symposium|conference|workshop|"
    r"congress|congreso|proceedings?|proc|session|series|collection|volume|vol|n[°º]|tome|band|heft|pages?|pp|journal|j|"
    r"revista|revue|zeitschrift|bulletin|annals|annales|anais|archives?|arch|transactions|trans|acta|quarterly|magazine|"
    r"memoirs?|thesis|dissertation|pre-?prints?|post-?prints?|(?:working|discussion) papers?|technical report|accepted|"
    r"received|submitted|published|(?:author|accepted|submitted|draft)(?:'s)? (?:manuscript|version)|institut[eo]?|"
    r"universit\w+|universidad\w*|college|faculty|department|dept|laborator\w+|academy|society|press|verlag|foundation|"
    r"association|ministry|ltd|inc|copyright|rights reserved|licen[cs]ed?|downloaded|edited by|editors?|"
    r"lecture notes in|central|publishing|publishers?)\b",
    re.IGNORECASE,
)
# … and a head of nothing but such words names a kind of article or a subject.
_SECTION_WORDS: Final = """
a an and of in on the to for de da do del der die und et y e en la le el i ii iii iv v new our article articles
paper papers artikel artigo artigos artículo artículos articulo articulos articolo aufsatz beitrag original
originais originales originale originalarbeit full length long short brief rapid regular invited contributed
research pesquisa investigación investigacion recherche forschung scientific científico cientifico review reviews
revisão revisao revisión revision mini systematic literature critical übersicht übersichtsarbeit communication
communications comunicação comunicación letter letters editor report reports relato caso case study studies essay
essays ensaio ensayo comment commentary opinion perspective perspectives viewpoint viewpoints editorial preface
foreword introduction hypothesis hypotheses note notes nota technical tech method methods methodology methodological
resource resources tool tools software data dataset descriptor application applications theory theoretical
experimental clinical basic applied feature featured focus special topic topics theme thematic section part lecture
tutorial survey discovery discoveries insight insights advance advances frontiers science sciences education
educational health public collective saúde saude salud medicine medical history economics finance law politics
political social society culture arts philosophy linguistics language languages literary sociology anthropology
archaeology geography geology biology biological physics chemistry mathematics statistics computing computer
engineering ecology evolution environment environmental conservation psychology psychiatry genetics genomics
neuroscience immunology microbiology virology cell molecular biochemistry plant animal human marine agriculture
nursing surgery cancer oncology cardiology pediatrics epidemiology pharmacology veterinary zoology botany
systematics teaching learning artificial intelligence machine
"""
_SECTIONS: Final = frozenset(_SECTION_WORDS.split())
_RUN_TOGETHER: Final = frozenset(
    {"researcharticle", "originalarticle", "originalpaper", "reviewarticle", "casereport", "shortcommunication",
     "research", "article", "review", "shortreport", "originalresearch", "researchpaper",
     "methodologyarticle", "editorial"}
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+")
_FURNITURE = re.compile(
    r"https?:|www\.|@|\bdoi\b|\bissn\b|\bisbn\b|\d{3}|©|®|™|\d+\s*\(\d+\)|\.(?:com|org|net|edu)\b", re.IGNORECASE
)


def head_signs(front: Front, work: Work, stand: Stand | None, *, is_where_it_appeared: bool) -> list[Sign]:
    """What the file calls itself above the work's title, right below it, or in a subtitle of its own.

    `is_where_it_appeared`: whether the file bears the journal's name with volume or page, as an article does.
    """
    if stand is None or not stand.is_heading:
        return []
    found = []
    own = text_key(work.title)
    for row in (*_above(front, stand), *stand.leaf.rows[stand.last + 1 : stand.last + 1 + _ROWS_BELOW]):
        text = row.text.replace("\u2019", "'").strip()
        if len(text.split()) > _HEAD_WORDS or text_key(text) in own:
            continue
        if _KIND.match(text):
            found.append(Sign(_calls(text), Reason.WRONG_WORK, is_sure=not is_where_it_appeared))
        elif _SECTION.match(text) and not is_where_it_appeared:
            is_sure = bool(work.container_title) and not _PROTOCOL.search(text)
            found.append(Sign(_calls(text), Reason.WRONG_WORK, is_sure=is_sure))
    if added := _added_kind(stand, work):
        found.append(Sign(f"its title adds “{added}”", Reason.WRONG_WORK, is_sure=False, is_weak=True))
    return found


def unknown_head(front: Front, work: Work, stand: Stand) -> str | None:
    """A head above the title that is neither the journal's, nor a kind of article, nor people's, nor a note."""
    own, container = squash(text_key(plain_text(work.title))), squash(text_key(work.container_title or ""))
    names = [letters for name in (*work.authors, *work.editors) if (letters := letters_of(name.sort_key))]
    for row in _above(front, stand):
        letters, text = row.letters, row.text.strip()
        if not row.is_larger or len(letters) < _HEAD_LETTERS or len(text.split()) > _HEAD_WORDS:
            continue
        if letters in own or own in letters or (container and (letters in container or container in letters)):
            continue
        if _is_of_articles(text, letters) or _FURNITURE.search(text) or any(name in letters for name in names):
            continue
        return text
    return None


def _is_of_articles(text: str, letters: str) -> bool:
    """Whether a head says where an article is printed, or names a kind of article or a subject; letterspaced, too."""
    words = _WORD.findall(text.lower())
    return bool(_PRINTED_IN.search(text)) or all(word in _SECTIONS for word in words) or letters in _RUN_TOGETHER


def slide_signs(front: Front, facts: PdfFacts, work: Work) -> list[Sign]:
    """Upright pages of few words each: slides, or their handout. Books open with such pages, too."""
    if work.type in {WorkType.BOOK, WorkType.THESIS}:
        return []
    pages = [leaf.page.words for leaf in front.leaves] + ([facts.last.words] if facts.last else [])
    if len(pages) < _FEWEST_SLIDES or max(pages) >= _SLIDE_WORDS:
        return []
    return [Sign("pages of few words and no running text", Reason.SUPPLEMENT_ONLY, is_sure=False)]


def _above(front: Front, stand: Stand) -> Iterator[Row]:
    """The rows before the title, on its page and on the title pages before it."""
    for leaf in front.leaves[: stand.leaf.index]:
        if leaf.is_thin:
            yield from leaf.rows[:_ROWS_ABOVE]
    yield from _before(stand.leaf, stand.first)


def _before(leaf: Leaf, first: int) -> Iterator[Row]:
    """The rows that stand higher than row `first`: reading order is no measure where heads stand beside."""
    height = leaf.rows[first].line.height
    for row in leaf.rows[: first + _ROWS_ABOVE]:
        if row.line.height > height or (row.line.height == height and row in leaf.rows[:first]):
            yield row


def _added_kind(stand: Stand, work: Work) -> str | None:
    """The kind that the printed title adds to the work's: "…: study protocol"."""
    rows = stand.leaf.rows
    size = rows[stand.first].line.size
    behind = takewhile(lambda row: abs(row.line.size - size) < 0.6 and bool(row.letters), rows[stand.last + 1 :][:2])
    text = joined([*rows[stand.first : stand.last + 1], *(behind if stand.is_larger else ())])
    own = text_key(" ".join([work.title, *(alias.title for alias in work.aliases)]))
    extra = text_key(text).removeprefix(text_key(stand.title))
    if extra == text_key(text) or len(extra.split()) > _SUBTITLE_WORDS:
        return None
    match = _ADDED.search(extra)
    return match.group() if match and text_key(match.group()) not in own else None


def _calls(text: str) -> str:
    return f"it calls itself “{text[:60]}”"
