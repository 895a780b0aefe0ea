"""`dl-lit explain ID`: the whole story of one source, entry or work."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from dl_lit.cli.explain_kin import tell_kin
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option
from dl_lit.cli.printing import heading, line, moment, print_document, shown
from dl_lit.core.coverage_text import coverage_sentence
from dl_lit.core.reasons import Reason
from dl_lit.exports.reason_text import REASON_TEXT

if TYPE_CHECKING:
    from db.reading.explain import Story
    from db.reading.places import EntryView, Failure, Waiting, WorkView
    from db.reading.sources import SourceFacts


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
        print_document("dl-lit/explain/1", found)
        return
    for number, story in enumerate(found.stories):
        if number:
            line()
        _tell(story)
    if found.found > len(found.stories):
        line(f"\n… and {found.found - len(found.stories)} more")


def _tell(story: Story) -> None:
    kind = {"e": "entry", "w": "work", "s": "source"}[story.id[0]]
    heading(f"{kind} {story.id}")
    if story.entry:
        _entry(story.entry)
    if story.source:
        _source(story.source)
    if story.work:
        _work(story.work)
    if story.entry or story.work:
        tell_kin(story)
    if story.cited_by:
        line("entries:" if kind == "source" else "cited by:")
        for entry in story.cited_by:
            _brief(entry)
    if story.attempts:
        line("tried:")
    for one in story.attempts:
        why = f"  {shown(one.detail, width=200)}" if one.detail else ""
        what = f"{one.stage.value:<10} #{one.attempt}  {one.outcome} {one.reason} ({one.seconds:.1f} s)"
        line(f"  {one.started_at}  {what}{why}")


def _entry(entry: EntryView) -> None:
    reference = entry.reference
    where = f"entry {reference.position}" + (f", page {reference.page}" if reference.page else "")
    line(f"  printed: {shown(reference.raw)}")
    line(f"  where: {where} of s{entry.source_id}")
    read = {
        "type": reference.type.value,
        "authors": "; ".join(", ".join(filter(None, (n.sort_key, n.given))) for n in reference.authors),
        "title": reference.title,
        "in": reference.container_title,
        "year": reference.year,
        "doi": reference.doi,
        "arXiv": reference.arxiv_id,
        "url": reference.url,
    }
    for name, value in read.items():
        if value:
            line(f"  read as {name}: {shown(value)}")
    line(f"  now: {entry.place.value.replace('_', ' ')}{f' ({entry.why})' if entry.why else ''}")
    _held(entry.waiting, entry.failure)
    if entry.matched_by and entry.work:
        score = "" if entry.match_score is None else f", score {entry.match_score:.2f}"
        line(f"  recognised as: w{entry.work.id} by {entry.matched_by}{score}")
    if entry.duplicate:
        line(f"  duplicate: of w{entry.duplicate.existing_work_id}, by {entry.duplicate.matched_on}")


def _source(source: SourceFacts) -> None:
    line(f"  source s{source.id}: {shown(source.path)} ({source.state})")
    if source.title or source.doi:
        line(f"    is: {shown(source.title)} {source.doi or ''}".rstrip())
    if source.authors or source.year or source.arxiv_id:
        people = "; ".join(", ".join(filter(None, (name.sort_key, name.given))) for name in source.authors)
        arxiv = f", arXiv {source.arxiv_id}" if source.arxiv_id else ""
        line(f"    by: {shown(people) or '?'} ({source.year or 'n. d.'}){arxiv}")
    if source.found_references is not None:
        promised = source.expected_references
        more = f" of {promised} that its numbering promises" if promised else ""
        said = coverage_sentence(source.coverage) if source.coverage else f"{source.found_references} entries{more}"
        line(f"    bibliography: {shown(said)}; {source.page_count or '?'} page{'' if source.page_count == 1 else 's'}")
        if source.short_forms:
            line(f"    short forms: {len(source.short_forms)} ('ibid.' and the like)")
    if source.waiting or source.failure:
        _held(source.waiting, source.failure)


def _work(work: WorkView) -> None:
    facts = work.work
    people = ", ".join(name.sort_key for name in (facts.authors or facts.editors)[:3])
    line(f"  work w{work.id}: {shown(people)} ({facts.year or 'n. d.'}): {shown(facts.title)}")
    ids = {
        "doi": facts.doi,
        "OpenAlex": facts.openalex_id,
        "arXiv": facts.arxiv_id,
        "pmid": facts.pmid,
        "in": facts.container_title,
    }
    for name, value in ids.items():
        if value:
            line(f"    {name}: {shown(value)}")
    line(f"    described by: {shown(facts.metadata_source)}")
    for one in work.locations:
        what = f"{'PDF' if one.is_pdf else 'page'}, {one.version or 'version unknown'}, by {one.found_by}"
        line(f"    open copy: {shown(one.url)} ({what})")
    _held(work.waiting, work.failure)
    if work.file:
        file = work.file
        pages = f"{file.page_count} page{'' if file.page_count == 1 else 's'}"
        facts_of = f"{file.status}, {pages}, licence {file.licence or 'unknown'}"
        line(f"    file: {shown(file.path)} ({facts_of})")
        line(f"    from: {shown(file.url)} on {file.at}, found by {file.found_by}")


def _held(waiting: Waiting | None, failure: Failure | None) -> None:
    if waiting:
        until = "ready now" if waiting.due_at is None else f"put off until {moment(waiting.due_at)}"
        detail = f" ({shown(waiting.last_detail)})" if waiting.last_detail else ""
        why = f" because {waiting.last_reason}{detail}" if waiting.last_reason else ""
        tries = f"; failed attempts so far: {waiting.attempts}" if waiting.attempts else ""
        line(f"  waits for {waiting.stage.value}: {until}{why}{tries}")
    if failure:
        what = "needs a decision" if failure.needs_review else "failed"
        detail = f" {shown(failure.detail)}" if failure.detail else ""
        line(f"  {what} in {failure.stage.value}: {failure.reason}{detail}")
        text = REASON_TEXT.get(Reason(failure.reason))
        if text:
            line(f"    that is: {text.what}")
            line(f"    to do: {text.advice or 'nothing'}")
        for one in _listed(failure.evidence):
            line(f"    evidence: {shown(one, width=300)}")


def _listed(evidence: Any) -> list[str]:
    if evidence is None:
        return []
    parts = evidence if isinstance(evidence, list) else [evidence]
    return [part if isinstance(part, str) else json.dumps(part, ensure_ascii=False) for part in parts]


def _brief(entry: EntryView) -> None:
    state = entry.place.value + (f" ({entry.why})" if entry.why else "")
    printed = shown(entry.reference.raw, width=90)
    line(f"  s{entry.source_id} {entry.reference.position:>3}  e{entry.id}  {state}  {printed}")
