"""`dl-lit explain ID`: the whole story of one source, entry or work."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.candidate_table import tell_candidates, tell_judgement
from dl_lit.cli.explain_contexts import tell_contexts
from dl_lit.cli.explain_kin import tell_kin
from dl_lit.cli.explain_prospects import tell_prospects
from dl_lit.cli.explain_trail import tell_attempt
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.paragraphs import page_width, tell, tell_field
from dl_lit.cli.printing import heading, line, moment, print_document, shown
from dl_lit.core.clock import SystemClock
from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.items import MatchedAs
from dl_lit.core.model import StageName
from dl_lit.core.reasons import Reason
from dl_lit.exports.reading_text import reading_text
from dl_lit.exports.reason_text import REASON_TEXT

if TYPE_CHECKING:
    from db.reading.candidates import Candidate
    from db.reading.explain import Attempt, Explanation, Story
    from db.reading.places import EntryView, Failure, Waiting, WorkView
    from db.reading.sources import SourceFacts
    from dl_lit.core.model import Name, Reference


_NAMES = {"container_title": "in", "arxiv_id": "arXiv"}
_REVIEWABLE = frozenset({Reason.AMBIGUOUS_MATCH, Reason.VETOED})


@click.command(
    epilog="""\b
Examples:
  dl-lit explain 12                  entry 12, as e12
  dl-lit explain w34                 work 34 and everybody who cites it
  dl-lit explain s5                  source 5 and its entries
  dl-lit explain 10.1000/182         what has this DOI
  dl-lit explain ~/inbox/paper.pdf   the source read from this file"""
)
@click.argument("name", metavar="ID")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, name: str, as_json: bool) -> None:
    """Tell the whole story of one source, entry or work: what is printed, what was tried, and what came of it."""
    from db.reading.explain import explain  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.opening import reading  # noqa: PLC0415

    with reading(invocation.settings.database) as connection:
        found = explain(connection, name)
    if as_json:
        print_document("dl-lit/explain/1", _document(found))
        return
    for number, story in enumerate(found.stories):
        if number:
            line()
        _tell(story)
    if found.found > len(found.stories):
        line(f"\n… and {found.found - len(found.stories)} more")


def _document(found: Explanation) -> dict[str, Any]:
    """The stories, and what every reason in them means and asks of the user."""
    slugs = dict.fromkeys(slug for story in found.stories for slug in _reasons(story))
    texts = {slug: REASON_TEXT.get(Reason(slug)) for slug in slugs}
    reasons = {slug: {"what": text.what, "to_do": text.advice or None} for slug, text in texts.items() if text}
    return {"stories": found.stories, "found": found.found, "reasons": reasons}


def _reasons(story: Story) -> list[str]:
    """Why the things of a story failed, are put off, or were tried in vain."""
    work = story.work or (story.entry.work if story.entry else None)
    held = [one for one in (story.source, story.entry, work) if one]
    failed = [one.failure.reason for one in held if one.failure]
    waiting = [one.waiting.last_reason for one in held if one.waiting and one.waiting.last_reason]
    tried = [one.reason for one in story.attempts]
    locations = [tried.reason for one in story.attempts if one.trail for tried in one.trail.tried]
    return [slug for slug in (*failed, *waiting, *tried, *locations) if slug in set(Reason)]


def _tell(story: Story) -> None:
    kind = {"e": "entry", "w": "work", "s": "source"}[story.id[0]]
    heading(f"{kind} {story.id}")
    if story.is_pinned:
        line("  pinned: it goes before everything else (dl-lit unpin lets it wait its turn)")
    if story.entry:
        _entry(story.entry)
    for file in story.brought:
        came = f"{file.handed_in}: {file.detail}".rstrip(": ") if file.handed_in else "waits until the work is known"
        tell_field("came with", f"{file.path} ({came})")
    if story.source:
        _source(story.source)
    if story.work:
        _work(story.work, has_trail=any(one.trail and one.trail.tried for one in story.attempts))
    if story.entry or story.work:
        tell_kin(story)
    if story.cited_by:
        line("entries:" if kind == "source" else "cited by:")
        for entry in story.cited_by:
            _brief(entry)
    if story.attempts:
        line("tried:")
    told = _told_above(story)
    for one in story.attempts:
        tell_attempt(one, story.entry.reference if story.entry and one is not told else None)


def _told_above(story: Story) -> Attempt | None:
    """The attempt whose candidates stand beside the failure already."""
    failure = story.entry.failure if story.entry else None
    if failure is None or not _candidates(failure):
        return None
    return next((one for one in reversed(story.attempts) if one.stage is StageName.ENRICHMENT), None)


def _entry(entry: EntryView) -> None:
    reference = entry.reference
    where = f"entry {reference.position}" + (f", page {reference.page}" if reference.page else "")
    label = f", printed as {shown(reference.label)}" if reference.label else ""
    section = f', under "{shown(reference.section, width=60)}"' if reference.section else ""
    tell_field("printed", reference.raw)
    line(f"  where: {where} of s{entry.source_id}{label}{section}")
    for name, value, sure in _read(reference):
        tell_field(f"read as {name}", f"{value}{'' if sure is None else f' (confidence {sure:.2f})'}")
    if reference.confidence:
        line(f"  confidence of the reading: {reference.confidence:.2f}")
    if reference.model_reading:
        tell_field("model", reading_text(reference.model_reading))
    if reference.supposed:
        named = ", ".join(f"{kind} {value}" for kind, value in reference.supposed)
        tell_field("not in print", f"{named}: named by a language model, looked up before it counts for anything")
    tell_contexts(entry.contexts)
    line(f"  now: {entry.place.value.replace('_', ' ')}{f' ({entry.why})' if entry.why else ''}")
    _waits(entry.waiting)
    if entry.failure:
        _failed(entry.failure, entry)
        _choice(entry, entry.failure)
    if entry.matched_by and entry.work:
        score = "" if entry.match_score is None else f", score {entry.match_score:.2f}"
        part = ", the book it is in" if entry.matched_as is MatchedAs.CONTAINER else ""
        line(f"  recognised as: w{entry.work.id}{part} by {entry.matched_by}{score}")
    if entry.duplicate:
        number = entry.duplicate.merge_id
        undo = f" (dl-lit unmerge {number} tells them apart)" if number is not None else ""
        line(f"  duplicate: of w{entry.duplicate.existing_work_id}, by {entry.duplicate.matched_on}{undo}")


def _read(reference: Reference) -> list[tuple[str, str, float | None]]:
    """The fields that were read, each with how sure the reader is of it; None where it cannot judge."""
    fields = {
        "type": reference.type.value,
        "authors": _people(reference.authors),
        "editors": _people(reference.editors),
        "title": reference.title,
        "container_title": reference.container_title,
        "publisher": reference.publisher,
        "year": reference.year,
        "volume": reference.volume,
        "issue": reference.issue,
        "pages": reference.pages,
        "doi": reference.doi,
        "arxiv_id": reference.arxiv_id,
        "pmid": reference.pmid,
        "pmcid": reference.pmcid,
        "isbn": reference.isbn,
        "openalex_id": reference.openalex_id,
        "url": reference.url,
    }
    sure = dict(reference.field_confidence)
    return [(_NAMES.get(name, name), str(value), sure.get(name)) for name, value in fields.items() if value]


def _people(names: Sequence[Name]) -> str:
    return "; ".join(", ".join(filter(None, (name.sort_key, name.given))) for name in names)


def _source(source: SourceFacts) -> None:
    line(f"  source s{source.id}: {shown(source.path)} ({source.state})")
    if source.level:
        of = f", the PDF of w{source.from_work_id}" if source.from_work_id else ""
        line(f"    found: level {source.level}{of}")
    if source.cut_references:
        line(f"    left out: {source.cut_references} references beyond what is set (snowball.max_references)")
    if source.title or source.doi:
        tell(f"is: {shown(source.title)} {source.doi or ''}".rstrip(), indent=4)
    if source.authors or source.year or source.arxiv_id:
        people = "; ".join(", ".join(filter(None, (name.sort_key, name.given))) for name in source.authors)
        arxiv = f", arXiv {source.arxiv_id}" if source.arxiv_id else ""
        tell(f"by: {shown(people) or '?'} ({source.year or 'n. d.'}){arxiv}", indent=4)
    if source.found_references is not None:
        promised = source.expected_references
        more = f" of {promised} that its numbering promises" if promised else ""
        said = coverage_sentence(source.coverage) if source.coverage else f"{source.found_references} entries{more}"
        tell(
            f"bibliography: {shown(said)}; {source.page_count or '?'} page{'' if source.page_count == 1 else 's'}",
            indent=4,
        )
        if source.short_forms:
            line(f"    short forms: {len(source.short_forms)} ('ibid.' and the like)")
    _waits(source.waiting)
    if source.failure:
        _failed(source.failure)
        _evidence(source.failure)


def _work(work: WorkView, *, has_trail: bool) -> None:
    facts = work.work
    people = ", ".join(name.sort_key for name in (facts.authors or facts.editors)[:3])
    tell(f"work w{work.id}: {shown(people)} ({facts.year or 'n. d.'}): {shown(facts.title)}")
    ids = {
        "doi": facts.doi,
        "OpenAlex": facts.openalex_id,
        "arXiv": facts.arxiv_id,
        "pmid": facts.pmid,
        "in": facts.container_title,
    }
    for name, value in ids.items():
        tell_field(name, value, indent=4)
    line(f"    described by: {shown(facts.metadata_source)}")
    for one in work.locations:
        what = f"{'PDF' if one.is_pdf else 'page'}, {one.version or 'version unknown'}, by {one.found_by}"
        tell(f"open copy: {shown(one.url)} ({what})", indent=4)
    _waits(work.waiting)
    if work.failure:
        _failed(work.failure)
        if not has_trail:
            _evidence(work.failure)
    if work.file:
        file = work.file
        pages = f"{file.page_count} page{'' if file.page_count == 1 else 's'}"
        facts_of = f"{file.status}, {pages}, licence {file.licence or 'unknown'}"
        tell(f"file: {shown(file.path)} ({facts_of})", indent=4)
        tell(f"from: {shown(file.url)} on {file.at}, found by {file.found_by}", indent=4)
    tell_prospects(work)


def due(at: float | None, now: float) -> str:
    """When a thing's turn comes; both in epoch seconds, None: at once."""
    if at is None:
        return "ready now"
    return f"put off until {moment(at)}" if at > now else f"ready since {moment(at)}"


def _waits(waiting: Waiting | None) -> None:
    if waiting is None:
        return
    until = due(waiting.due_at, SystemClock().time())
    detail = f" ({shown(waiting.last_detail)})" if waiting.last_detail else ""
    why = f" because {waiting.last_reason}{detail}" if waiting.last_reason else ""
    tries = f"; failed attempts so far: {waiting.attempts}" if waiting.attempts else ""
    tell(f"waits for {waiting.stage.value}: {until}{why}{tries}")
    if waiting.last_reason:
        _advice(waiting.last_reason)


def _failed(failure: Failure, entry: EntryView | None = None) -> None:
    what = "needs a decision" if failure.needs_review else "failed"
    detail = f" {shown(failure.detail)}" if failure.detail else ""
    tell(f"{what} in {failure.stage.value}: {failure.reason}{detail}")
    if entry is not None and _is_rejected(failure):
        tell_field("that is", "Somebody said in review that it is none of the records found.", indent=4)
        tell_field("to do", f"Nothing; dl-lit retry e{entry.id} looks for it again.", indent=4)
    else:
        _advice(failure.reason, entry)


def _is_rejected(failure: Failure) -> bool:
    """Whether a person said that it is none of the candidates."""
    from db.reviewing import REJECTED  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load

    return failure.detail == REJECTED


def _advice(reason: str, entry: EntryView | None = None) -> None:
    text = REASON_TEXT.get(Reason(reason))
    if text:
        advice = text.advice or "nothing"
        tell_field("that is", text.what, indent=4)
        tell_field("to do", advice.replace(" ENTRY ", f" e{entry.id} ") if entry else advice, indent=4)


def _choice(entry: EntryView, failure: Failure) -> None:
    """What there is to choose from, side by side, and by what."""
    candidates = _candidates(failure)
    if not candidates:
        _evidence(failure)
        if failure.reason != Reason.NO_MATCH or _is_rejected(failure):  # else the advice above says so
            line(f"  decide: dl-lit review e{entry.id} --doi DOI, if you know it")
        return
    tell_candidates(entry.reference, candidates)
    tell_judgement(failure.evidence, indent=2)
    if failure.reason in _REVIEWABLE:
        vetoed = " --vetoed" if all(one.veto for one in candidates) else ""
        number = next((one.number for one in candidates if vetoed or not one.veto), 1)
        line(f"  decide: dl-lit review e{entry.id} --accept {number}{vetoed} (or --reject, or --doi DOI)")


def _candidates(failure: Failure) -> Sequence[Candidate]:
    from db.reading.candidates import candidates_of  # noqa: PLC0415 - brings msgspec, which --help need not load

    return candidates_of(failure.evidence)


def _evidence(failure: Failure) -> None:
    for one in _listed(failure.evidence):
        tell(f"evidence: {shown(one, width=300)}", indent=4)


def _listed(evidence: Any) -> list[str]:
    if evidence is None:
        return []
    parts = evidence if isinstance(evidence, list) else [evidence]
    return [part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts]


def _brief(entry: EntryView) -> None:
    state = entry.place.value + (f" ({entry.why})" if entry.why else "")
    where = f"  s{entry.source_id} {entry.reference.position:>3}  e{entry.id}  {state}  "
    line(where + shown(entry.reference.raw, width=max(30, page_width() - len(where))))
