"""Entries made `Reference`s: a sequence model and rules read each, the list's habits decide where they differ."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from dl_lit.core.model import Name, Reference, WorkType
from dl_lit.core.values import dataclass
from dl_lit.core.volume_and_pages import tidy_issue, tidy_pages, tidy_volume
from dl_lit.pdf.arbitration import Candidate, Habits, alike, best, common_habits, position_of
from dl_lit.pdf.certainty import Certainty, certainty
from dl_lit.pdf.fields.labels import Label
from dl_lit.pdf.fields.tagger import Tagger, default_tagger
from dl_lit.pdf.identifying import Identifiers, identifiers, mended, without_addresses
from dl_lit.pdf.name_patterns import EDITORS
from dl_lit.pdf.names import STYLES_OF, Heads, order_of, read_names
from dl_lit.pdf.parts import Part, Parts, parts_of
from dl_lit.pdf.people import People, read_people
from dl_lit.pdf.repetition import Repetition, begins_with_bullet, repeated_from, repetition_at_head
from dl_lit.pdf.ruled import Ruled, read_by_rules
from dl_lit.pdf.splitting import Entry
from dl_lit.pdf.titles import tidy_title
from dl_lit.pdf.venue import Venue, read_numbers, work_type

_LONGEST = 4_000  # characters; more is no entry
_DATED = re.compile(r"[\s.,:]*[(\[]\s*(?:1[5-9]|20)\d\d[a-z]?[^)\]]{0,20}[)\]]")
_HOSTED = re.compile(
    r"(?:^|[\s.,?!“”\"»])(?:[Ii]n|[Ee]n|[Dd]ans|[Ee]m|[Ww]|[Вв]):?\s"
    r"(?:[^.]{0,3}|.{2,110}\((?:Hrsg|Hg|Hgg|[Ee]ds?|Orgs?|red|dir|a cura di)[^)]{0,6}\)[:,.]?\s*)$"
)
_YEAR = re.compile(r"(?<!\d)(?:1[5-9]\d\d|20[0-4]\d)(?!\d)")
_STOP = re.compile(r"\.\s+")
_BEGINS_INITIALLY = re.compile(r"(?:[^\W\d_]\.[\s-]?)+[^\W\d_]{2}")
_WORDS_BEHIND_INITIALS = re.compile(
    r",\s(?:[^\W\d_]\.[\s-]?)*[^\W\d_]\.\s([^\W\d_]{2,}(?:\s\w+){0,6}\s[^\W\d_A-ZÀ-Þ]\w{2,})$"
)
_IMPRINT = (Label.PLACE, Label.PUBLISHER, Label.EDITION, Label.REPORT)
_SURE = 0.6  # confidence from which a part of the model leaves its place to nothing else
_SURER = 0.9  # the same against what rules plainly see
_CREDIBLE = 0.35  # confidence from which a part of the model is believed against the rules' silence


@dataclass(frozen=True, slots=True)
class _Seen:
    """An entry as both readers see it."""

    entry: Entry
    text: str
    ruled: Ruled
    parts: Parts
    people: People  # of the model's span of authors, or of editors where they stand in the authors' place
    order: str | None  # of the names in its list
    mark: Repetition | None  # stands for the names of the entry before


def parse_entries(entries: Sequence[Entry], first_position: int = 1, tagger: Tagger | None = None) -> list[Reference]:
    """The fields of all entries of one list, which is set in one style where that is plain to see."""
    seen = _see(entries, tagger or default_tagger())
    habits = common_habits(_agreed(seen))
    references: list[Reference] = []
    for position, one in enumerate(seen, start=first_position):
        reference = _reference(one, position, habits)
        if one.mark:
            reference = repeated_from(references[-1] if references else None, reference, one.mark)
        references.append(reference)
    return references


def parse_entry(entry: Entry, position: int) -> Reference:
    """The fields of `entry` as far as it alone lets them be read."""
    return parse_entries([entry], position)[0]


def _see(entries: Sequence[Entry], tagger: Tagger) -> list[_Seen]:
    texts = [mended(entry.text[:_LONGEST]) for entry in entries]
    bodies = [without_addresses(text) for text in texts]
    parts = [parts_of(text, tagged) for text, tagged in zip(texts, tagger.tag(texts), strict=True)]
    has_bullets = bool(texts) and begins_with_bullet(texts[0])
    marks = [repetition_at_head(body, has_bullets=has_bullets) for body in bodies]
    parts = [
        _unnamed(text, one, mark) if mark and not mark.with_others else one
        for text, one, mark in zip(texts, parts, marks, strict=True)
    ]
    heads = [
        _marked(body, mark) if mark and not mark.with_others else read_names(body)
        for body, mark in zip(bodies, marks, strict=True)
    ]
    order = order_of([head.style for head, mark in zip(heads, marks, strict=True) if not mark])
    if order is None:
        order = _common_order([read_people(part.text).order for one in parts if (part := _authors_part(one))])
    seen = []
    for entry, text, body, one, head, mark in zip(entries, texts, bodies, parts, heads, marks, strict=True):
        part = _authors_part(one)
        people = read_people(part.text, order) if part else People((), "")
        keeps_order = order is None or mark or head.style in STYLES_OF[order]
        ruled = read_by_rules(body, head if keeps_order else read_names(body, order))
        seen.append(_Seen(entry, text, ruled, one, people, order, mark))
    return seen


def _marked(body: str, mark: Repetition) -> Heads:
    """The head of an entry that has a mark in the place of names; a comma behind it is the list's style."""
    bare = body[: mark.end].rstrip()
    return Heads((), len(bare) - 1, "given") if bare.endswith(",") else Heads((), mark.end, "none")


def _unnamed(text: str, parts: Parts, mark: Repetition) -> Parts:
    """The parts of an entry in which a mark stands for the names: what the model took for names is none.

    It is the head of the title where that follows: "– Gürtelschnallen, Messerfragment und ein Dominostein".
    """
    title = parts.first(Label.TITLE, Label.CONTAINER, Label.BOOKTITLE)
    heads = [
        part
        for part in parts.all(Label.AUTHOR, Label.EDITOR, Label.COLLABORATION)
        if title is None or part.start < title.start
    ]
    kept = {label: tuple(part for part in found if part not in heads) for label, found in parts.by_label.items()}
    first = next((part for part in heads if part.end > mark.end + 1), None)
    begin = max(first.start, mark.end) if first else 0
    titles = kept.get(Label.TITLE, ())
    if first and titles and not re.search(r"\d|\b[^\W\d_]\.", text[begin : titles[0].start]):
        whole = Part(text[begin : titles[0].end], begin, titles[0].end, first.confidence)
        kept[Label.TITLE] = (whole, *titles[1:])
    return Parts({label: found for label, found in kept.items() if found}, parts.confidence)


def _common_order(orders: Sequence[str]) -> str | None:
    counted = Counter(order for order in orders if order)
    if sum(counted.values()) < 4:
        return None
    order, count = counted.most_common(1)[0]
    return order if count >= 0.75 * sum(counted.values()) else None


def _authors_part(parts: Parts) -> Part | None:
    """Who is named first: the authors, or editors or a collaboration in their place."""
    title = parts.first(Label.TITLE, Label.CONTAINER, Label.BOOKTITLE)
    before = [
        part
        for part in parts.all(Label.AUTHOR, Label.EDITOR, Label.COLLABORATION)
        if title is None or part.start < title.start
    ]
    signing = [part for part in parts.all(Label.PUBLISHER, Label.INSTITUTION) if part.start < 3 and title]
    return next(iter(before or signing), parts.first(Label.AUTHOR, Label.COLLABORATION))


def _agreed(seen: Sequence[_Seen]) -> list[tuple[str, int, int]]:
    """Entries on whose title rules and model agree: text, start, end."""
    return [
        (one.text, part.start, part.end)
        for one in seen
        for part in one.parts.all(Label.TITLE)
        if one.ruled.title and alike(one.ruled.title, tidy_title(part.text) or "")
    ]


def _reference(one: _Seen, position: int, habits: Habits) -> Reference:
    named = identifiers(one.text, one.entry.uris)
    title, title_agreed = _title(one, habits)
    year, year_agreed = _year(one)
    authors, editors, authors_agreed = _people(one, title)
    venue = _venue(one, editors)
    kind = _kind(one, venue, named, are_editors=bool(editors and not authors))
    certain = certainty(one.parts, title=title_agreed, authors=authors_agreed, year=year_agreed)
    reference = Reference(
        position=position,
        raw=one.entry.text[:_LONGEST],
        page=one.entry.page,
        label=one.entry.label,
        type=kind,
        authors=authors,
        editors=editors or venue.editors,
        title=title,
        container_title=venue.container_title,
        publisher=venue.publisher if kind is not WorkType.ARTICLE_JOURNAL else None,
        year=year,
        volume=venue.volume,
        issue=venue.issue,
        pages=venue.pages,
        doi=named.doi,
        arxiv_id=named.arxiv_id,
        pmid=named.pmid,
        isbn=named.isbn,
        url=named.url,
        confidence=certain.entry,
    )
    return _shown(certain, reference)


def _title(one: _Seen, habits: Habits) -> tuple[str | None, bool]:
    """The title, and whether rules and model agree on it."""
    ruled = one.ruled.title
    parts = one.parts.all(Label.TITLE) or one.parts.all(Label.SERIES)[:1]
    start, end = position_of(one.text, ruled) if ruled else (-1, -1)
    authors = _authors_part(one.parts)
    # "Ronny Bergmann. Manopt.jl: …": authors that run into what the rules have as the title.
    runs_in = authors and authors.start < start < authors.end - 2 and authors.confidence < _SURER
    overrun = 2.0 if runs_in and one.ruled.title_is_plain else 0.0
    candidates = []
    if parts and authors and (begin := _title_begun(one, authors, parts[0])) is not None:
        whole = tidy_title(one.text[begin : parts[0].end], dated=True)
        return whole, False
    for part in parts:
        modelled = tidy_title(part.text, dated=True)
        if modelled is None:
            continue
        if ruled and alike(ruled, tidy_title(part.text) or ""):
            return modelled, True
        odds = _odds(part.confidence) + _fit(one.parts, part) - overrun - 1.0 * (part is not parts[0])
        if _DATED.match(one.text, part.end) and (part is not parts[-1] or ruled):
            odds -= 2.5  # a body that signs: "European Commission. (2022). Copernicus."
        candidates.append(Candidate(modelled, part.start, part.end, odds))
    if ruled:
        candidates.append(Candidate(ruled, start, end, 0.5 if one.ruled.title_is_plain else -0.5))
    if parts and max(0, parts[0].start) < end and 0 <= start < parts[0].end:
        # "Ute Frevert, Ehrenmänner. Das Duell": a first word of the title that was taken for a name.
        names_end = authors and authors.start < start < authors.end and one.ruled.heads.style in {"given", "initials"}
        for begin, stop, odds in ((parts[0].start, end, -1.0), (start, parts[0].end, 1.0 if names_end else -1.0)):
            between = tidy_title(one.text[begin:stop], dated=True)
            if between and not any(alike(between, other.title) for other in candidates):
                candidates.append(Candidate(between, begin, stop, odds))
    if not candidates:
        book = one.parts.first(Label.BOOKTITLE, Label.REPORT)
        return (tidy_title(book.text) if book else None), False
    people = one.parts.all(Label.AUTHOR, Label.EDITOR, Label.DATE)
    taken = [(part.start, part.end) for part in people if part.confidence >= _SURE and not overrun]
    chosen = best(one.text, candidates, habits, taken)
    return (chosen.title if chosen else None), False


def _fit(parts: Parts, title: Part) -> float:
    """What the other parts say of a title: an imprint right behind it is its end, numbers without a journal are not."""
    behind = next((part for part in parts.all(*Label) if part.start >= title.end), None)
    is_followed = behind is not None and behind.start - title.end <= 4 and behind.confidence >= _SURE
    fit = 1.2 if is_followed and behind in parts.all(*_IMPRINT) else 0.0
    has_host = parts.first(Label.CONTAINER, Label.BOOKTITLE) is not None
    return fit - 1.2 * (not has_host and parts.first(Label.VOLUME) is not None)


def _title_begun(one: _Seen, authors: Part, title: Part) -> int | None:
    """Where a title begins whose first word was taken for a name: "G. Levi, Villaggi. Studi di …"."""
    if (words := _WORDS_BEHIND_INITIALS.search(authors.text)) and one.text[authors.end : title.start] == ": ":
        return authors.start + words.start(1)  # "Martínez, V. Gobierno electrónico: contenidos …"
    comma = authors.text.rfind(", ")
    tail = authors.text[comma + 2 :]
    if comma < 0 or len(tail.split()) > 2 or "." in tail.rstrip(".") or len(tail.rstrip(".")) < 4:
        return None
    if not _STOP.fullmatch(one.text[authors.end - tail.endswith(".") : title.start]):
        return None
    before = authors.text[:comma]
    is_given_first = one.order == "given-first" or _BEGINS_INITIALLY.match(before)
    return authors.start + comma + 2 if is_given_first and len(tail.split()) == 1 else None


def _odds(confidence: float) -> float:
    """How far the model is to be believed where the rules differ: as 0.9 and more has proved right, less mostly not."""
    bounded = min(max(confidence, 0.01), 0.99)
    return 0.5 * math.log(bounded / (1 - bounded)) - 0.6


def _year(one: _Seen) -> tuple[int | None, bool]:
    """The year, and whether rules and model agree on it."""
    dates = one.parts.all(Label.DATE)
    years = [int(match.group()) for part in dates for match in _YEAR.finditer(part.text)]
    ruled = one.ruled.year
    if ruled in years or not years:
        return ruled, ruled in years
    if ruled is None and all(part.confidence < _CREDIBLE for part in dates):
        return None, False
    return years[0], False


def _people(one: _Seen, title: str | None) -> tuple[tuple[Name, ...], tuple[Name, ...], bool]:
    """Authors, editors in their place, and whether rules and model agree on the first of them."""
    part = _authors_part(one.parts)
    heads = one.ruled.heads
    ruled, modelled = heads.names, one.people.names
    if part and title and position_of(one.text[part.end :], title)[0] < 0:
        begin = position_of(one.text, title)[0]
        if part.start < begin < part.end - 1:
            modelled = read_people(one.text[part.start : begin]).names
    if ruled and title and alike(ruled[0].sort_key, title):
        ruled = ()
    agreed = bool(ruled and modelled) and alike(ruled[0].sort_key, modelled[0].sort_key)
    are_editors = part is not None and (part in one.parts.all(Label.EDITOR) or _is_marked(one.text, part))
    names = modelled
    if (
        not modelled
        or (part and part.confidence < _CREDIBLE and ruled)
        or (not agreed and ruled and _is_broken(modelled[0]) and not _is_broken(ruled[0]))
    ):
        names, are_editors = ruled, heads.are_editors
    if are_editors or (heads.are_editors and agreed):
        return (), names, agreed
    return names, (), agreed


def _is_marked(text: str, part: Part) -> bool:
    """Whether "(Eds.)" stands behind the names."""
    marker = EDITORS.match(text, part.end)
    return bool(marker and len(marker.group().strip(" ,")) > 1)


def _is_broken(name: Name) -> bool:
    """Whether a name is none: an initial alone, or a text far too long."""
    return len(name.sort_key) < 2 or len(name.sort_key) > 90


def _venue(one: _Seen, editors: tuple[Name, ...]) -> Venue:
    """Where the work appeared, as the model has it; numbers that it overlooks are the rules'."""
    parts = one.parts
    journal, book = parts.first(Label.CONTAINER), parts.first(Label.BOOKTITLE)
    title = parts.first(Label.TITLE)
    publishers = parts.all(Label.PUBLISHER, Label.INSTITUTION)
    if not journal and not book:
        book = _host(one.text, parts)
        publishers = tuple(part for part in publishers if part is not book)
    container = journal or book
    if container is book and book is not None and title is None:
        container = None
    publisher = next((part for part in publishers if part.start > 3), None)
    volume, issue, pages = parts.first(Label.VOLUME), parts.first(Label.ISSUE), parts.first(Label.PAGES)
    numbers = (None, None, None) if volume or pages else read_numbers(one.ruled.rest)
    others = (
        ()
        if editors
        else tuple(
            name
            for part in parts.all(Label.EDITOR)
            if title is None or part.start > title.start
            for name in read_people(part.text).names
        )
    )
    return Venue(
        container_title=_bare(container),
        publisher=_bare(publisher),
        volume=tidy_volume(volume.text) if volume else numbers[0],
        issue=tidy_issue(issue.text) if issue else numbers[1],
        pages=tidy_pages(pages.text) if pages else numbers[2],
        editors=others,
        is_part=journal is None and book is not None,
    )


def _host(text: str, parts: Parts) -> Part | None:
    """The book around a chapter that the model took for something else: what stands behind "In:" and its editors."""
    title = parts.first(Label.TITLE)
    others = parts.all(Label.TITLE, Label.SERIES, Label.PUBLISHER, Label.INSTITUTION)
    for part in others:
        if title and part.start > title.end and _HOSTED.search(text[max(title.end, part.start - 130) : part.start]):
            return part
    return None


def _bare(part: Part | None) -> str | None:
    """The part's text without marks at its edges; a full stop stays behind abbreviations."""
    if part is None:
        return None
    bare = part.text.strip(" ,;:\"“”„«»‘’'()[]")
    return bare if re.search(r"\.\S*\s*\w*\.$|\b\w{1,5}\.$", bare) and "." in bare[:-1] else bare.rstrip(".") or None


def _kind(one: _Seen, venue: Venue, named: Identifiers, *, are_editors: bool) -> WorkType:
    kind = work_type(one.text, venue, has_url=bool(named.url), has_arxiv_id=bool(named.arxiv_id))
    if are_editors and kind in {WorkType.DOCUMENT, WorkType.WEBPAGE}:
        return WorkType.BOOK
    return kind


def _shown(certain: Certainty, reference: Reference) -> Reference:
    """`reference` with how sure each field is that it has."""
    sure = {name: certain.fields[name] for name in certain.fields if getattr(reference, name)}
    if reference.editors and not reference.authors:
        sure["editors"] = certain.fields["authors"]
    return replace(reference, field_confidence=tuple(sure.items()))
