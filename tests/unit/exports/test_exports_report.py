"""The HTML reports: every entry in printed order, nothing from outside runs, plain words for every reason."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from selectolax.lexbor import LexborHTMLParser

from dl_lit.core.model import (
    CitationContext,
    Coverage,
    ModelReading,
    Name,
    Notice,
    NoticeKind,
    RelationKind,
    Version,
    Work,
)
from dl_lit.core.reasons import Reason
from dl_lit.exports.reading_text import reading_text
from dl_lit.exports.reason_text import REASON_TEXT
from dl_lit.exports.record import ItemState, Relative
from dl_lit.exports.report import STATE_NAMES, STATE_SIGNS, VERSION_NAMES, index_report, source_report
from dl_lit.exports.report_model import EntryReport, IndexRow, SourceReport

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
WORK = Work(title="A <b>work</b>", authors=(Name("Müller", "Ada"),), year=2001, doi="10.1234/a<b>c", is_retracted=True)


def report(*entries: EntryReport, **more) -> SourceReport:
    return SourceReport(file_name="paper.pdf", generated_at=NOW, entries=entries, **more)


def test_every_reason_has_plain_words() -> None:
    assert set(REASON_TEXT) == set(Reason)
    for text in REASON_TEXT.values():
        assert text.what.endswith(".")
        assert text.advice == "" or text.advice.endswith(".")
    assert len({text.what for text in REASON_TEXT.values()}) > len(Reason) * 0.9


def test_every_state_and_version_has_a_name() -> None:
    assert set(STATE_NAMES) == set(STATE_SIGNS) == set(ItemState)
    assert set(VERSION_NAMES) == set(Version)


def test_the_standing_of_a_work_and_its_other_versions_are_shown() -> None:
    doubted = Work(title="Doubted", notices=(Notice(kind=NoticeKind.CONCERN, date="2012"),))
    relative = Relative(kind=RelationKind.VERSION, key="k", title="<Draft>", doi="10.1/d", state=ItemState.DOWNLOADED)
    entries = (
        EntryReport(position=1, raw="One", state=ItemState.FAILED, work=doubted, relatives=(relative,)),
        EntryReport(position=2, raw="Two", state=ItemState.FAILED, work=WORK),
    )
    one, two = LexborHTMLParser(source_report(report(*entries))).css(".entry")
    assert [node.text() for node in one.css(".standing")] == [
        "Expression of concern: 2012",
        "Other version: <Draft>, 10.1/d (downloaded)",
    ]
    assert one.css(".retracted") == []
    assert [node.text() for node in two.css(".retracted")] == ["Retracted"]


def test_a_language_models_part_is_told_as_such() -> None:
    """In the reading, and in the recognition; text of the model's name stays text."""
    entry = EntryReport(
        position=1, raw="One", state=ItemState.FAILED, work=WORK, matched_by="judge", score=0.6,
        read_by=reading_text(ModelReading(model="ollama/<b>x</b>", is_its_find=True)),
    )  # fmt: skip
    page = LexborHTMLParser(source_report(report(entry)))
    assert page.css_first(".what > .detail").text() == "ollama/<b>x</b> found the entry; its text stands in print"
    assert page.css_first(".how").text() == "recognised by a language model's judgement, 60 %"


@pytest.mark.parametrize(
    ("reading", "said"),
    [
        (ModelReading(model="m", fields=("container_title", "doi")), "m told container, DOI; each stands in the pri"),
        (ModelReading(model="m", is_its_find=True, is_checked=False), "m found the entry on a page without text: noth"),
    ],
)
def test_it_is_said_against_what_a_models_words_were_checked(reading: ModelReading, said: str) -> None:
    assert reading_text(reading).startswith(said)


def test_the_book_of_a_chapter_is_called_that() -> None:
    entry = EntryReport(position=1, raw="One", state=ItemState.FAILED, work=Work(title="Shores"), is_book_around=True)
    page = LexborHTMLParser(source_report(report(entry)))
    assert page.css_first(".work .title").text() == "The book it is in: Shores"


def test_how_sure_a_file_is_and_when_what_is_looked_for_again_is_told() -> None:
    day = date(2027, 2, 1)
    draft = EntryReport(
        position=1, raw="One", state=ItemState.DOWNLOADED, work=WORK, file="a.pdf", identity_score=0.934, look_again=day
    )
    closed = EntryReport(position=2, raw="Two", state=ItemState.FAILED, work=WORK, look_again=day, times_looked=2)
    page = source_report(report(draft, closed))
    assert "identity 0.93" in page
    assert "A better version is looked for on 2027-02-01." in page
    assert "It is looked for on 2027-02-01, after 2 looks in vain." in page


def test_entries_stand_in_printed_order_with_their_labels() -> None:
    entries = [
        EntryReport(position=i, raw=f"Entry number {i}.", label=f"[{i}]", state=ItemState.WAITING) for i in range(1, 61)
    ]
    page = LexborHTMLParser(source_report(report(*entries)))
    assert [node.text(strip=True) for node in page.css(".entry .raw")] == [f"Entry number {i}." for i in range(1, 61)]
    assert [node.text(strip=True) for node in page.css(".entry .label")] == [f"[{i}]" for i in range(1, 61)]


def test_a_downloaded_entry_links_its_file_work_licence_and_origin() -> None:
    entry = EntryReport(
        position=1,
        raw="Müller 2001",
        state=ItemState.DOWNLOADED,
        reason=Reason.OK_ACCEPTED_VERSION,
        work=WORK,
        file="library/Müller 2001 #1.pdf",
        licence="CC BY 4.0",
        version=Version.ACCEPTED,
        location_url="https://repository.example/1.pdf",
    )
    page = LexborHTMLParser(source_report(report(entry)))
    links = [node.attributes["href"] for node in page.css(".entry a")]
    assert "library/M%C3%BCller%202001%20%231.pdf" in links
    assert "https://doi.org/10.1234/a%3Cb%3Ec" in links
    assert "https://repository.example/1.pdf" in links
    text = page.css_first(".entry").text()
    for piece in ("CC BY 4.0", "accepted manuscript", "Ada Müller", "Retracted", "A <b>work</b>"):
        assert piece in text


@pytest.mark.parametrize("reason", Reason)
def test_a_failure_says_what_happened_and_what_to_do(reason) -> None:
    entry = EntryReport(position=1, raw="x", state=ItemState.FAILED, reason=reason, detail="HTTP 403 & more")
    text = LexborHTMLParser(source_report(report(entry))).css_first(".entry").text()
    assert REASON_TEXT[reason].what in text
    assert REASON_TEXT[reason].advice in text
    assert reason.value in text
    assert "HTTP 403 & more" in text


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", " https:evil", "//evil.example", "http://[", None]
)
def test_only_web_addresses_become_links(url) -> None:
    entry = EntryReport(position=1, raw="x", state=ItemState.FAILED, reason=Reason.HTTP_404, location_url=url)
    work = EntryReport(position=2, raw="x", state=ItemState.WAITING, work=Work(title="t", url=url))
    page = LexborHTMLParser(source_report(report(entry, work)))
    assert {node.attributes["href"] for node in page.css(".entry a")} == {"#entry-1", "#entry-2"}


def test_a_file_name_cannot_name_a_scheme() -> None:
    entry = EntryReport(position=1, raw="x", state=ItemState.DOWNLOADED, file="javascript:alert(1)")
    [link] = LexborHTMLParser(source_report(report(entry))).css("a.file")
    assert link.attributes["href"] == "javascript%3Aalert%281%29"


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=80))
def test_text_from_outside_never_becomes_markup(text) -> None:
    hostile = f"<script>alert(1)</script>{text}"
    entry = EntryReport(
        position=1, raw=hostile, label=hostile, detail=hostile, state=ItemState.FAILED, reason=Reason.NO_MATCH
    )
    page = LexborHTMLParser(source_report(report(entry, title=hostile)))
    assert page.css("script") == []
    assert page.css_first(".raw").text().startswith("<script>alert(1)</script>")


def test_a_report_asks_for_nothing_from_outside() -> None:
    html = source_report(report(EntryReport(position=1, raw="x", state=ItemState.WAITING)))
    assert "default-src 'none'" in html
    assert not re.search(r"<(script|img|link|iframe)|url\(|@import|\bon\w+=", html)


def test_filters_are_offered_for_the_states_there_are() -> None:
    entries = [
        EntryReport(position=i, raw="x", state=state)
        for i, state in enumerate((ItemState.WAITING, ItemState.FAILED), 1)
    ]
    html = source_report(report(*entries))
    page = LexborHTMLParser(html)
    assert [node.attributes["id"] for node in page.css(".filter input")] == ["show-all", "show-waiting", "show-failed"]
    for state in ItemState:
        assert f"main:has(#show-{state.value}:checked) .entry:not(.{state.value})" in html


def test_coverage_is_shown_and_missing_entries_are_said() -> None:
    html = source_report(report(EntryReport(position=1, raw="x", state=ItemState.WAITING), expected=3))
    assert "goes up to 3, but only 1 entries" in re.sub(r"\s+", " ", html)


def test_what_is_missing_is_named() -> None:
    coverage = Coverage(
        found=1,
        expected=3,
        missing_labels=("2", "3"),
        markers=4,
        unanswered_markers=("[2]", "Foo <b> (1999)"),
        score=0.3333,
    )
    one = report(EntryReport(position=1, raw="x", state=ItemState.WAITING), expected=3, coverage=coverage)
    page = LexborHTMLParser(source_report(one))
    notice = page.css_first(".notice").text()
    assert "1 reference of 3 expected; missing 2, 3; 1 marker in the text without entry: Foo <b> (1999)" in notice
    assert page.css_first(".tiles .short dd").text(strip=True) == "33%"
    row = LexborHTMLParser(index_report([IndexRow("a.html", one)], generated_at=NOW)).css_first("td.short")
    assert row.text() == "1/32 missing, 33 % read"
    assert "missing 2, 3" in (row.attributes["title"] or "")


def test_a_whole_bibliography_needs_no_notice() -> None:
    coverage = Coverage(found=1, expected=None, markers=3, score=1.0)
    one = report(EntryReport(position=1, raw="x", state=ItemState.WAITING), expected=3, coverage=coverage)
    page = LexborHTMLParser(source_report(one))
    assert page.css_first(".notice") is None
    assert "100" in page.css_first(".tiles").text()


def test_the_citing_works_authors_and_year_are_shown() -> None:
    one = report(
        title="T", authors=(Name("Müller", "Ada"), Name(literal="B <Group>")), year=2001, arxiv_id="2101.00001"
    )
    page = LexborHTMLParser(source_report(one))
    assert "Ada Müller, B <Group>" in page.css_first(".facts").text()
    assert "2001" in page.css_first(".facts").text()
    assert page.css_first(".facts a").attributes["href"] == "https://arxiv.org/abs/2101.00001"
    index = LexborHTMLParser(index_report([IndexRow("a.html", one)], generated_at=NOW))
    assert "Ada Müller, B <Group> (2001)" in index.css_first("tbody th").text()


def test_an_unreadable_source_says_why() -> None:
    html = source_report(report(reason=Reason.ENCRYPTED_PDF), index_href="index.html")
    assert REASON_TEXT[Reason.ENCRYPTED_PDF].what in html
    assert 'href="index.html"' in html


def test_the_index_lists_all_sources_in_order_with_totals() -> None:
    done = report(EntryReport(position=1, raw="x", state=ItemState.DOWNLOADED), title="First paper")
    rows = [IndexRow("first paper.html", done), IndexRow("b.html", report(reason=Reason.NO_TEXT_LAYER))]
    page = LexborHTMLParser(index_report(rows, generated_at=NOW, title="My run"))
    assert [node.attributes["href"] for node in page.css("tbody a")] == ["first%20paper.html", "b.html"]
    assert page.css_first(".tiles .downloaded dd").text() == "1"
    assert REASON_TEXT[Reason.NO_TEXT_LAYER].what in page.css_first("tbody").text()


def test_an_empty_run_has_an_index() -> None:
    assert "No sources yet" in index_report([], generated_at=NOW)


def test_the_index_leads_to_the_reports_of_earlier_runs() -> None:
    page = LexborHTMLParser(index_report([], generated_at=NOW, earlier=["last week-1.html", "older-2.html"]))
    links = [node.attributes["href"] for node in page.css("main ul a")]
    assert links == ["last%20week-1.html", "older-2.html"]
    assert "earlier" not in index_report([], generated_at=NOW)


def test_the_places_that_cite_an_entry_are_folded_under_it_with_their_markers() -> None:
    """Hostile text stays text, and the marker is marked."""
    context = CitationContext(positions=(1,), marker="[1]", sentence="See <b>this</b> \u202e[1] now.", page=4)
    entry = EntryReport(position=1, raw="One", state=ItemState.FAILED, contexts=(context,))
    page = LexborHTMLParser(source_report(report(entry)))
    (said,) = page.css(".contexts li")
    assert " ".join(said.text().split()) == "p. 4 See <b>this</b> [1] now."
    assert said.css_first("mark").text() == "[1]"
    assert page.css_first(".contexts > summary").text() == "Cited 1 time in the text"
    assert "open" not in page.css_first(".contexts").attributes


def test_retracted_and_unverifiable_entries_are_named_on_top() -> None:
    """Each with a link to the entry."""
    entries = (
        EntryReport(position=1, raw="One", state=ItemState.DOWNLOADED, work=WORK),
        EntryReport(position=2, raw="Two", state=ItemState.FAILED, reason=Reason.NO_MATCH),
        EntryReport(position=3, raw="Three", state=ItemState.WAITING),
    )
    page = LexborHTMLParser(source_report(report(*entries)))
    named = {
        kind: [one.attributes["href"] for one in page.css(f".flags.{kind} a")] for kind in ("withdrawn", "unverifiable")
    }
    assert named == {"withdrawn": ["#entry-1"], "unverifiable": ["#entry-2"]}
