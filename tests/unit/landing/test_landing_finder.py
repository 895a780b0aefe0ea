"""What the finder answers: techniques, order, what is dropped, what hostile pages come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dl_lit.core.model import Alias, Name, Work
from dl_lit.core.ports import Page, PdfLinks
from dl_lit.core.reasons import Reason
from dl_lit.landing import find_pdf_links

WORK = Work(
    title="On the motion of small particles suspended in liquids at rest",
    doi="10.1002/andp.19053220806",
    authors=(Name(family="Einstein", given="A."),),
    year=1905,
)
URL = "https://j.example/article/7"
META = f'<meta name="citation_title" content="{WORK.title}"><meta name="citation_doi" content="{WORK.doi}">'


def found(html: str, *, url: str = URL, work: Work = WORK, dropped: tuple[str, ...] = ()) -> PdfLinks:
    """What the finder says of a page."""
    return find_pdf_links(Page(url, html, {}), work, dropped)


def urls(html: str, **more: object) -> list[str]:
    """Only the addresses."""
    return [link.url for link in found(html, **more).links]  # type: ignore[arg-type]


ALL_WAYS = (
    f'{META}<link rel=alternate type=application/pdf href=/l.pdf><meta name=citation_pdf_url content="/m.pdf">'
    '<iframe src="/e.pdf"></iframe><a class="obj_galley_link pdf" href="/article/view/7/8">PDF</a>'
    '<a href="/f/x.pdf">PDF</a>'
)


def test_every_way_has_a_name_and_its_place() -> None:
    """The surest first; what keeps failing at a host is left out by that name."""
    assert [(link.url.removeprefix("https://j.example"), link.technique) for link in found(ALL_WAYS).links] == [
        ("/m.pdf", "meta-citation_pdf_url"),
        ("/l.pdf", "link-alternate"),
        ("/e.pdf", "embedded"),
        ("/article/download/7/8", "platform-ojs"),
        ("/f/x.pdf", "anchor"),
    ]
    dropped = ("meta-citation_pdf_url", "embedded", "anchor")
    assert [link.technique for link in found(ALL_WAYS, dropped=dropped).links] == ["link-alternate", "platform-ojs"]


def test_a_refresh_may_stand_in_the_head_of_the_answer() -> None:
    page = Page(URL, "<title>Download</title><p>Your download begins shortly.", {"refresh": "1; url=/f/7.pdf"})
    (link,) = find_pdf_links(page, WORK).links
    assert (link.url, link.technique) == ("https://j.example/f/7.pdf", "meta-refresh")


@pytest.mark.parametrize(
    "link",
    [
        *(
            "javascript:void(0)",
            "",
            "#top",
            "http://[::1",
            "mailto:a@b.example",
            "ftp://h/x.pdf",
            "data:application/pdf,x",
        ),
        *(
            "https://doi.org/10.1/x.pdf",
            URL,
            f"{URL}#page=2",
            "https://user:pw@h.example/x.pdf",
            "http://h.example:99999/x.pdf",
        ),
        *(
            "/files/TitlePage.pdf",
            "/files/item_3.pdf",
            "/files/page-one.pdf",
            "/x/cover.pdf",
            "/x/toc.pdf",
            "x" * 5_000 + ".pdf",
        ),
    ],
)
def test_no_link_at_all(link: str) -> None:
    assert urls(f'{META}<meta name="citation_pdf_url" content="{link}"><a href="{link}">PDF</a>') == []


@pytest.mark.parametrize(
    "name", ["appendix", "poster", "slides", "x-supp", "graphical-abstract", "author_guidelines", "mmc1"]
)
def test_a_file_that_is_named_as_something_else_is_left(name: str) -> None:
    assert urls(f'{META}<a href="/f/{name}.pdf">PDF</a>') == []


def test_a_word_of_the_works_own_title_is_no_objection() -> None:
    work = replace(WORK, title="The vermiform appendix revisited", doi=None)
    html = (
        '<h1>The vermiform appendix revisited</h1><a href="/f/appendix.pdf">PDF of The vermiform appendix revisited</a>'
    )
    assert urls(html, work=work) == ["https://j.example/f/appendix.pdf"]


@pytest.mark.parametrize(
    ("title", "doi", "work", "is_other"),
    [
        (WORK.title, "10.9999/x", WORK, False),  # another version of it
        ("Something else entirely about fish", WORK.doi, WORK, False),  # its own DOI decides
        ("Something else entirely about fish", "10.9999/x", WORK, True),
        ("Something else entirely about fish", "", WORK, True),
        (WORK.title + " II", "10.9999/x", WORK, True),
        ("Über die Bewegung", "", replace(WORK, aliases=(Alias(title="Über die Bewegung"),)), False),
        ("", "", WORK, False),
    ],
)
def test_a_page_of_another_work_gives_no_link(title: str, doi: str, work: Work, is_other: bool) -> None:
    html = f'<meta name=citation_title content="{title}"><meta name=citation_doi content="{doi}">'
    html += '<meta name=citation_pdf_url content="/m.pdf">'
    answer = found(html, work=work)
    assert (not answer.links, answer.why_none is Reason.WRONG_WORK) == (is_other, is_other)


def test_a_translated_title_is_no_other_work() -> None:
    html = (
        '<meta name=citation_title content="Über Teilchen in Ruhe">'
        '<meta name=citation_author content="Einstein, Albert">'
        '<meta name=citation_date content="1905"><meta name=citation_pdf_url content="/m.pdf">'
    )
    assert urls(html) == ["https://j.example/m.pdf"]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("Embargoed until 2027-01-01", date(2027, 1, 1)),
        ("Embargo end date: 31 Dec 2026", date(2026, 12, 31)),
        ("Restricted until March 5, 2027", date(2027, 3, 5)),
        ("Disponible a partir del 3 de mayo de 2028", date(2028, 5, 3)),
        ("embargo until 12/25/2026", date(2026, 12, 25)),
        ("Embargo bis 02.2027", None),
        ("Embargoed until 31.02.2027", None),
        ("Published 2027-01-01", None),
    ],
)
def test_embargoes_are_told_with_their_day(text: str, day: date | None) -> None:
    answer = found(f"{META}<p>{text}</p>")
    assert (answer.open_from, answer.why_none is Reason.EMBARGOED) == (day, day is not None)


def test_an_embargo_that_was_over_when_the_page_was_sent_is_none() -> None:
    headers = {"date": "Mon, 23 Nov 2026 06:00:00 GMT"}
    page = Page(URL, f"{META}<p>Embargoed until 2026-11-23</p>", headers)
    assert find_pdf_links(page, WORK) == PdfLinks(why_none=Reason.NO_PDF_LINK)


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("<p>You do not have access. Add to cart", Reason.BLOCKED_PAYWALL),
        ("<body><div id=root></div><script>app()</script>", Reason.JS_ONLY_PAGE),
        ("<p>Please enable JavaScript to view this page" + " and wait" * 30 + "<script></script>", Reason.JS_ONLY_PAGE),
        ('<meta name="DC.type" content="http://purl.org/dc/dcmitype/Dataset">', Reason.NOT_A_DOCUMENT),
        ("<p>Kein Volltext", Reason.LANDING_ONLY),
        ("<body>Moved", Reason.NO_PDF_LINK),
        ("", Reason.NO_PDF_LINK),
    ],
)
def test_a_page_without_a_link_says_why(html: str, why: Reason) -> None:
    assert found(html).why_none is why


def test_a_link_to_where_we_came_from_is_a_loop() -> None:
    page = Page(
        URL, f'{META}<meta name=citation_pdf_url content="/x.pdf">', {}, (("https://j.example/x.pdf", 302), (URL, 200))
    )
    assert find_pdf_links(page, WORK) == PdfLinks(why_none=Reason.LINK_LOOP)


def test_pmc_is_never_asked_for_files() -> None:
    """Its addresses are changed into the open bucket's, on its own pages and on others."""
    bucket = "https://pmc-oa-opendata.s3.amazonaws.com/PMC12345.1/PMC12345.1.pdf"
    html = f"{META}<a href='https://www.ncbi.nlm.nih.gov/pmc/articles/PMC12345/pdf/x.pdf'>PDF</a>"
    assert [(link.url, link.technique) for link in found(html).links] == [(bucket, "pmc-bucket")]
    assert urls(META, url="https://pmc.ncbi.nlm.nih.gov/articles/PMC12345/") == [bucket]


PIECES = st.sampled_from(
    [
        *(
            "<a href=",
            "<meta name=citation_pdf_url content=",
            "<iframe src=",
            "<base href=",
            "<h2>References</h2>",
            "<ol><li>",
            "<div class=",
        ),
        *(
            "javascript:alert(1)",
            "http://[",
            "//x.pdf",
            "x.pdf",
            "'",
            '"',
            ">",
            "</a>",
            "PDF",
            "\0",
            "\ud800",
            "\x1b",
            "é",
            "全文",
        ),
        *(
            "<meta http-equiv=refresh content='0;url=",
            "<object data=",
            "<link rel=alternate type=application/pdf href=",
            "&#0;",
            "&#x110000;",
        ),
        *(
            "embargo until ",
            "2027-99-99",
            "9999-12-31",
            "?file=",
            "http://h:x/",
            "/viewer?file=%2Fa.pdf",
            "<noscript>",
            "<!--",
            "<script>",
        ),
    ]
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(PIECES | st.text(max_size=8), max_size=40),
    st.sampled_from([URL, "http://[::1", "", "x", "https://j.example/doi/10.1/x"]),
)
def test_no_page_breaks_the_finder(pieces: list[str], url: str) -> None:
    """Whatever the page holds, it answers, and only with addresses of the web."""
    html = "".join(pieces)
    answer = find_pdf_links(Page(url, html, {"link": html, "date": html}, ((html, 302),)), WORK)
    assert all(link.url.startswith(("http://", "https://")) for link in answer.links)


@pytest.mark.parametrize(
    "html",
    [
        "<div>" * 200_000,
        "".join(f'<li><a href="/f/{n}.pdf">PDF {n}</a>' for n in range(8_000)),
        "<h2>References</h2>" * 20_000,
        "<a " + " ".join(f"a{n}=1" for n in range(60_000)) + ">",
        "embargoed until " * 60_000,
    ],
    ids=["deep", "links", "headings", "attributes", "embargoes"],
)
def test_hostile_markup_costs_no_time(html: str) -> None:
    """Each would keep a parser, or us, busy for a minute and more without the bounds."""
    assert found(html).links == ()
