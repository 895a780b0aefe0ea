"""What a file says it is besides a work: a supplement, a preview, a notice, a review, front matter, slides. Pure.

Only what stands where a heading or a label stands counts: articles speak of their supplements, too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from dl_lit.core.model import Work, WorkType
from dl_lit.core.ports import PdfFacts
from dl_lit.core.printed import PrintedPage
from dl_lit.core.reasons import Reason
from dl_lit.core.values import dataclass
from dl_lit.matching.normalise import plain_text, text_key
from dl_lit.matching.proof.front import Front
from dl_lit.matching.proof.titles import Stand
from dl_lit.matching.vetoes import notice_words

_LABEL_WORDS: Final = 14  # of a line that may be a label
_NEAR: Final = 3  # rows around the title that may be its labels
_TOP: Final = 0.8  # of the page's height, above which labels stand where no title is found
_NOTICE_PAGES: Final = 4  # of a notice or a review at most; a retracted article has more
_REVIEW_PAGES: Final = 8
_PREVIEW_PAGES: Final = 3
_SLIDE_WORDS: Final = 130  # on a slide
_POSTER_POINTS: Final = 1_600.0  # the length of a poster's longer side: A2 and more
_CONTENTS_ROWS: Final = 6  # of a table of contents
_FRONT_MATTER_SHARE: Final = 3  # times the file's pages: where its table of contents leads

_SUPPLEMENT = re.compile(
    r"^\W*(?:(?:electronic|online|digital)\s+)?(?:supplement(?:ary|al|s)?|supporting)(?:\s+(?:online|web))?\s+"
    r"(?:information|materials?|data|appendi(?:x|ces)|text|methods?|notes?|figures?|tables?|files?|documents?|"
    r"discussion|results|content)\b(?P<rest>.*)|"
    r"^\W*(?:online|web|internet|technical|electronic)\s+(?:appendix|supplement)\b(?P<rest2>.*)|"
    r"^\W*additional file\s*\d+\b(?P<rest3>.*)|"
    r"^\W*supplement(?:ary)?(?:\s+\w+)?\s+(?:to|for)\b(?P<rest4>.*)|"
    r"^\W*(?:appendix|appendices|annex)(?:\s+[A-Z\d])?(?:\s*(?:to|for|of)\b(?P<rest5>.*)|\s*[:.]?\s*$)|"
    r"^\W*(?:zusatzmaterial|ergänzende(?:s)? (?:material|informationen)|mat[eé]riel suppl[eé]mentaire|"
    r"material suplementari?o)\b(?P<rest6>.*)|"
    r"^\W*esm\s*\d*\s*$",
    re.IGNORECASE,
)
_ONLY_TOLD = re.compile(
    r"\b(?:available|can be found|is at|are at|accompan\w+|associated|click|see|download|online at|https?:|"
    r"the online version|contains)\b",
    re.IGNORECASE,
)
_NOTICE = re.compile(
    r"^\W*(?:(?:author|authors'?|publishers?'?s?)\s+)?(?:corrections?|corrigend(?:um|a)|errat(?:um|a)|addend(?:um|a)|"
    r"amendments?|retractions?(?: notice| note| statement)?|notice of retraction|expressions? of concern|"
    r"withdrawal(?: notice)?|"
    r"berichtigung|korrigendum|rectificatif|publisher'?s? note|fe de erratas?|errata corrige)\b\W*"
    r"(?:(?:to|for|of|on|in|zu|zum|zur|à|au|aux|a|al|de|del|di)\b.*|[:–—-].*)?$",
    re.IGNORECASE,
)
_ABOUT = re.compile(
    r"\b(?:comments?|commentary|reply|replies|response|rejoinder|discussion|remarks?|critique|review|book review|"
    r"essay review|"
    r"rezension|compte rendu|recensione?|rese[nñ]a|note|letter|correction|corrigendum|erratum|addendum|errata|"
    r"supplement|guide|introduction|summary|companion|answers?|objections?|data|code|slides|poster|abstract|"
    r"retraction|appendix)\s+(?:on|to|of|about|concerning|regarding|for|zu|de|di|zum|zur)\s*(?:the (?:article|paper|"
    r"book)\s*)?"
    r"[:\s\"“”‘’'«„]*$",
    re.IGNORECASE,
)
_REVIEWED = re.compile(
    r"^\W*(?:book reviews?|reviewed by|review essay|reviewed works?|rezensionen?|buchbesprechung|comptes? rendus?|"
    r"recensioni?|rese[nñ]as?)\b",
    re.IGNORECASE,
)
_PREVIEW = re.compile(
    r"\b(?:this is an? (?:free )?(?:preview|sample|excerpt)|preview of (?:the|this)|(?:free )?sample (?:chapter|"
    r"pages?)|"
    r"look inside|leseprobe|inhaltsverzeichnis und leseprobe|page[- ]one preview|first[- ]page preview|"
    r"preview (?:page|only|version|copy)|end of preview|"
    r"(?:to (?:read|access|continue)|get|buy|purchase) (?:the )?(?:full|whole|complete)[- ](?:text|article|paper|"
    r"chapter|"
    r"book|version|document)|buy this (?:book|article|chapter)|"
    r"(?:this|the following) (?:is an )?(?:excerpt|extract) (?:from|of)|you have reached the end of|"
    r"not included in this (?:preview|sample)|pages? .{1,20} (?:is|are) not (?:shown|included|part of this)|"
    r"full[- ]text (?:is )?(?:only )?available (?:to|for) (?:subscribers|purchase|members)|"
    r"full[- ]text (?:of this \w+ |of the \w+ )?is (?:currently )?(?:not (?:yet )?available|under embargo)|"
    r"access to the (?:full|complete)|extrait gratuit|vista previa|uncorrected (?:sample|excerpt))\b",
    re.IGNORECASE,
)
# In place of the file, while an embargo lasts or for who may not see it.
_HELD_BACK = re.compile(
    r"\b(?:(?:full[- ]text|item|file|document|content|paper|thesis|article)\b.{0,60}\b(?:is|are) (?:not|"
    r"currently not|no longer|"
    r"only|un|temporarily )\s?(?:yet )?(?:un)?available|under (?:an )?embargo|embargoed until|restricted access|"
    r"access (?:is|to this \w+ is) restricted|removed (?:at the request|for copyright))",
    re.IGNORECASE,
)
_HELD_BACK_WORDS: Final = 150  # on all pages of what is sent in place of a file
_PREVIEW_LABEL = re.compile(r"^\W*(?:preview|excerpt|extract|sample|leseprobe|extrait|auszug)\W*$", re.IGNORECASE)
_ABSTRACT_ONLY = re.compile(
    r"^\W*(?:graphical abstract|visual abstract|extended abstract|abstract only|meeting abstracts?|"
    r"(?:poster|oral) (?:presentation|abstract)s?|conference abstracts?|plain language summary|lay summary)\W*$",
    re.IGNORECASE,
)
_SLIDES = re.compile(
    r"^\W*(?:outline|agenda|overview|questions\?|thank you\W*|slides?(?: \d+)?|lecture \d+)\W*$", re.IGNORECASE
)
_POSTER = re.compile(r"^\W*poster(?: (?:no\.?|number|session|presentation)\b.*)?\W*$", re.IGNORECASE)
_S_PAGE = re.compile(r"^\W*(?:page\s*)?[Ss][-‐–]?(\d{1,2})\W*$")
_CONTENTS = re.compile(
    r"^\W*(?:table of contents|contents|brief contents|inhalt(?:sverzeichnis)?|table des mati[eè]res|sommaire|"
    r"[ií]ndice|sum[aá]rio|indice|in this issue|оглавление|содержание)\W*$",
    re.IGNORECASE,
)
_TO_PAGE = re.compile(r"(?:^|[.\s·…_]{2,}|\s)(\d{1,4})\s*$")
_THESIS = re.compile(
    r"\b(?:(?:a|this) (?:thesis|dissertation)|(?:ph\.?\s?d\.?|doctoral|master'?s?|bachelor'?s?|m\.?sc\.?) (?:thesis|"
    r"dissertation)|"
    r"in partial fulfil+ment|submitted (?:for|to|in) .{0,60}degree of|inaugural-?dissertation|zur erlangung|"
    r"th[eè]se (?:de doctorat|pr[eé]sent[eé]e)|tesis (?:doctoral|de)|tese de doutorado|disserta[cç][aã]o de mestrado|"
    r"tesi di (?:laurea|dottorato)|masterarbeit|bachelorarbeit|diplomarbeit|habilitationsschrift|proefschrift)\b",
    re.IGNORECASE,
)
_TRANSLATED = re.compile(
    r"\b(?:translated (?:from the .{3,20} )?by|[uü]bersetzt von|aus dem .{4,20} von|traduit (?:de|par)|"
    r"traducid[oa] (?:del|por)|traducci[oó]n de|tradu[cç][aã]o de|tradotto da|перевод с)\b",
    re.IGNORECASE,
)


_PERMISSION = re.compile(
    r"licen[cs]ed content (?:title|publication|publisher|author)|licen[cs]e number|licen[cs]e terms and conditions|"
    r"rightslink|copyright clearance cent",
    re.IGNORECASE,
)
_PERMISSIONS: Final = 2  # different ones that make a permission to reuse, which names a work in full


@dataclass(frozen=True, slots=True)
class Sign:
    """Something that says the file is not the work itself."""

    told: str  # for people
    reason: Reason  # were it refused for that
    is_sure: bool  # False: only a person can say
    is_weak: bool = False  # says nothing where the file bears the work's identifier, or its journal and volume


def signs(front: Front, facts: PdfFacts, work: Work, stand: Stand | None) -> list[Sign]:
    """All signs that the file is something else than `work`, the surest first."""
    labels = list(_labels(front, stand))
    found = [
        *_supplement(front, facts, work, labels),
        *_notice(front, facts, work, stand, labels),
        *_review(facts, work, stand, labels),
        *_permission(front),
        *_preview(front, facts, work, labels),
        *_contents(front, facts, work, stand),
        *_pictures(front, facts, work, labels),
        *_thesis(front, facts, work),
        *_translation(front, work),
    ]
    return sorted(found, key=lambda sign: not sign.is_sure)


def _labels(front: Front, stand: Stand | None) -> Iterator[str]:
    """What stands where labels do: above the title and right below it, in large type, or at the top of the page."""
    leaf = stand.leaf if stand is not None and stand.is_heading else front.opening
    if leaf is None:
        return
    for earlier in front.leaves[: leaf.index]:
        if earlier.is_thin:
            yield from (row.text for row in earlier.rows)
    near = range(stand.first - _NEAR, stand.last + _NEAR + 1) if stand and stand.leaf is leaf else range(0)
    edge = leaf.rows[stand.first].line.height if stand and stand.leaf is leaf and stand.is_heading else _TOP
    for number, row in enumerate(leaf.rows):
        is_above = row.line.height >= edge if row.line.height != 0.5 else number < 2 * _NEAR
        if (is_above or number in near or row.is_larger) and len(row.text.split()) <= _LABEL_WORDS:
            yield row.text


def _supplement(front: Front, facts: PdfFacts, work: Work, labels: list[str]) -> Iterator[Sign]:
    if _is_supplement(work.title):
        return
    candidates = [*labels, *(title for title in (facts.title, facts.stated_title) if title)]
    label = next((text for text in candidates if _is_supplement(text)), None)
    if label is not None:
        yield Sign(f"it calls itself “{label.strip()[:60]}”", Reason.SUPPLEMENT_ONLY, is_sure=True)
    elif not (work.pages or "").strip().lower().startswith("s") and _is_paged_by_s(front, facts.last):
        yield Sign("its pages are numbered S1, S2, …", Reason.SUPPLEMENT_ONLY, is_sure=True)


def _stands_in(label: str, work: Work) -> bool:
    """Whether a label is a part of the work's own title."""
    return text_key(label) in text_key(work.title)


def _is_supplement(text: str) -> bool:
    match = _SUPPLEMENT.match(text)
    if match is None:
        return False
    rest = next((group for group in match.groups() if group), "")
    return not _ONLY_TOLD.search(rest)


def _is_paged_by_s(front: Front, last: PrintedPage | None) -> bool:
    """Whether pages are numbered "S1", "S2" from the first on."""
    pages: list[PrintedPage] = [leaf.page for leaf in front.leaves]
    numbers = []
    for page in [*pages, *([last] if last else [])]:
        in_margin = (line.text for line in page.lines if not 0.1 < line.height < 0.9)
        numbers += [int(match.group(1)) for text in in_margin if (match := _S_PAGE.match(text))][:1]
    return len(numbers) > 1 and numbers[0] <= 2 and numbers == sorted(set(numbers))


def _notice(front: Front, facts: PdfFacts, work: Work, stand: Stand | None, labels: list[str]) -> Iterator[Sign]:
    if _NOTICE.match(work.title):  # "Peer review in decline" is no notice, though there is a notice's word in it
        return
    is_short = facts.page_count - len(front.covers) <= _NOTICE_PAGES
    title = facts.title or ""
    if title and (words := notice_words(title)) and text_key(words) not in text_key(work.title):
        yield Sign(f"its title says “{words}”", Reason.WRONG_WORK, is_sure=True)
    elif label := next((text for text in (title, *labels) if _NOTICE.match(text) and not _stands_in(text, work)), None):
        yield Sign(f"it calls itself “{label.strip()[:60]}”", Reason.WRONG_WORK, is_sure=is_short)
    if stand is not None:
        above = " ".join(row.text for row in stand.before)
        if match := _ABOUT.search(above):
            yield Sign(f"its title is “{match.group().strip()} …”", Reason.WRONG_WORK, is_sure=True)


def _review(facts: PdfFacts, work: Work, stand: Stand | None, labels: list[str]) -> Iterator[Sign]:
    if work.type is not WorkType.BOOK or facts.page_count > _REVIEW_PAGES:
        return
    near = [row.text for row in (*stand.before, *stand.after)] if stand else []
    if label := next((text for text in (*labels, *near) if _REVIEWED.match(text)), None):
        yield Sign(f"a review of the book: “{label.strip()[:60]}”", Reason.WRONG_WORK, is_sure=True)


def _permission(front: Front) -> Iterator[Sign]:
    """What a clearing house sends with the permission to reuse a part of a work."""
    found = {match.group().lower() for leaf in front.leaves for match in _PERMISSION.finditer(leaf.page.text)}
    if len(found) >= _PERMISSIONS:
        yield Sign("a permission to reuse the work", Reason.WRONG_WORK, is_sure=True)


def _preview(front: Front, facts: PdfFacts, work: Work, labels: list[str]) -> Iterator[Sign]:
    length = facts.page_count - len(front.covers)
    pages = [leaf.page for leaf in front.leaves] + ([facts.last] if facts.last else [])
    text = " ".join(" ".join(page.text.split()) for page in pages)
    match = _PREVIEW.search(text)
    if match and text_key(match.group()) not in text_key(work.title):
        is_in_label = any(_PREVIEW.search(label) for label in labels)
        is_sure = length <= _PREVIEW_PAGES or is_in_label or _is_in_margin(pages, match.group())
        yield Sign(f"it says “{match.group()}”", Reason.PREVIEW_ONLY, is_sure=is_sure)
    elif length <= _PREVIEW_PAGES and front.words <= _HELD_BACK_WORDS and (match := _HELD_BACK.search(text)):
        yield Sign(f"it says “{match.group()}”", Reason.PREVIEW_ONLY, is_sure=True)
    elif label := next((text for text in labels if _PREVIEW_LABEL.match(text)), None):
        yield Sign(f"it calls itself “{label.strip()}”", Reason.PREVIEW_ONLY, is_sure=length <= _PREVIEW_PAGES)
    elif label := next((text for text in labels if _is_abstract_only(text, work)), None):
        yield Sign(f"it calls itself “{label.strip()}”", Reason.PREVIEW_ONLY, is_sure=False)


def _is_abstract_only(text: str, work: Work) -> bool:
    return bool(_ABSTRACT_ONLY.match(text)) and text_key(text) not in text_key(work.title)


def _is_in_margin(pages: list[PrintedPage], words: str) -> bool:
    return any(words in line.text for page in pages for line in page.lines if not 0.12 < line.height < 0.88)


def _contents(front: Front, facts: PdfFacts, work: Work, stand: Stand | None) -> Iterator[Sign]:
    """A table of contents and little behind it; or one in whose midst the work's title stands."""
    leads_to: list[int] = []
    is_headed = False
    for leaf in front.leaves:
        rows = [int(match.group(1)) for row in leaf.rows if (match := _TO_PAGE.search(row.text))]
        is_headed = is_headed or any(_CONTENTS.match(row.text) for row in leaf.rows)
        if is_headed and len(rows) >= _CONTENTS_ROWS:
            leads_to += rows
    if not leads_to:
        return
    rising = sum(1 for one, other in pairwise(leads_to) if other >= one)
    if rising < 0.7 * (len(leads_to) - 1):
        return
    farthest = sorted(leads_to)[-2]
    length = facts.page_count
    starts = min(leads_to)
    if farthest - starts > _FRONT_MATTER_SHARE * length:
        yield Sign(
            f"front matter: its table of contents leads to page {farthest}, it has {length} pages",
            Reason.PREVIEW_ONLY,
            is_sure=True,
        )
    elif work.type not in {WorkType.BOOK, WorkType.THESIS, WorkType.REPORT, WorkType.DOCUMENT} and (
        stand is None or not stand.is_heading
    ):
        yield Sign("a whole volume: it opens with a table of contents", Reason.WRONG_WORK, is_sure=False)


def _pictures(front: Front, facts: PdfFacts, work: Work, labels: list[str]) -> Iterator[Sign]:
    """Slides and posters."""
    del work
    pages = [leaf.page for leaf in front.leaves] + ([facts.last] if facts.last else [])
    sized = [page for page in pages if page.width > 0 and page.length > 0]
    if not sized:
        return
    length = facts.page_count - len(front.covers)
    is_large = max(max(page.width, page.length) for page in sized) >= _POSTER_POINTS
    if length == 1 and (is_large or any(_POSTER.match(label) for label in labels)):
        yield Sign("a poster: one page of that size", Reason.SUPPLEMENT_ONLY, is_sure=is_large)
    are_broad = all(page.width > 1.15 * page.length for page in sized)
    few = sum(page.words for page in sized) < _SLIDE_WORDS * len(sized)
    if are_broad and few and length > 1:
        told = any(_SLIDES.match(row.text) for leaf in front.leaves for row in leaf.rows)
        yield Sign("slides: broad pages of few words", Reason.SUPPLEMENT_ONLY, is_sure=told or length > _REVIEW_PAGES)


def _thesis(front: Front, facts: PdfFacts, work: Work) -> Iterator[Sign]:
    if work.type in {WorkType.THESIS, WorkType.DOCUMENT}:
        return
    text = " ".join(row.text for leaf in front.leaves if leaf.is_thin or leaf.index == 0 for row in leaf.rows)
    if match := _THESIS.search(text[:4_000]):
        is_article = work.type in {WorkType.ARTICLE_JOURNAL, WorkType.PAPER_CONFERENCE, WorkType.CHAPTER}
        is_sure = is_article and facts.page_count >= 40 and not _bears_print(front, work)
        yield Sign(f"a thesis: “{match.group()}”", Reason.WRONG_WORK, is_sure=is_sure)


def _bears_print(front: Front, work: Work) -> bool:
    container = text_key(work.container_title or "")
    return bool(container) and any(container in text_key(row.text) for row in front.margins())


def _translation(front: Front, work: Work) -> Iterator[Sign]:
    text = " ".join(" ".join(leaf.page.text.split()) for leaf in front.leaves[:4] if leaf.is_thin)
    match = _TRANSLATED.search(text)
    if match and not _TRANSLATED.search(plain_text(work.title)) and work.type is WorkType.BOOK:
        yield Sign(f"a translation: “{match.group()}”", Reason.WRONG_WORK, is_sure=False)
