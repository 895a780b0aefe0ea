"""Lists in a citation style: its order and numbers, and nothing of a title taken for markup."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import BadInput
from dl_lit.exports.csl_style import Item, Style

STYLE = """<?xml version="1.0" encoding="utf-8"?>
<style xmlns="http://purl.org/net/xbiblio/csl" class="in-text" version="1.0">
  <info><title>{name}</title><id>http://example.org/{name}</id><updated>2026-11-23T00:00:00+00:00</updated>{link}</info>
  <citation><layout><text variable="citation-number"/></layout></citation>
  <bibliography {attributes}>{sort}<layout suffix=".">{number}
    <names variable="author" suffix=", "><name initialize-with=". "/></names>
    <text variable="title" font-style="italic" suffix=". "/>
    <date variable="issued"><date-part name="year"/></date>
  </layout></bibliography>
</style>
"""
NUMBER = '<text variable="citation-number" prefix="[" suffix="]"/>'
SORT = '<sort><key variable="title"/></sort>'


def item(name: str, title: str, year: int | None = 2001) -> Item:
    made: Item = {"id": name, "type": "book", "title": title, "author": [{"family": "O'Brien", "given": "Ada"}]}
    return made | ({"issued": {"date-parts": [[year]]}} if year else {})


def style(folder: Path, *, numbered: bool = True, is_sorted: bool = False) -> Style:
    path = folder / "own.csl"
    path.write_text(
        STYLE.format(
            name="own",
            link="",
            attributes='second-field-align="flush"' if numbered else "",
            sort=SORT if is_sorted else "",
            number=NUMBER if numbered else "",
        ),
        encoding="utf-8",
    )
    return Style(str(path))


def test_a_style_that_numbers_keeps_the_printed_order(tmp_path: Path) -> None:
    listed = style(tmp_path).listed([item("a", "Zebras"), item("b", "Apes")])
    assert [(one.id, one.number, one.text) for one in listed] == [
        ("a", "[1]", "A. O'Brien, Zebras. 2001."),
        ("b", "[2]", "A. O'Brien, Apes. 2001."),
    ]


def test_a_style_that_sorts_gives_its_own_order(tmp_path: Path) -> None:
    listed = style(tmp_path, numbered=False, is_sorted=True).listed([item("a", "Zebras"), item("b", "Apes")])
    assert [(one.id, one.number) for one in listed] == [("b", ""), ("a", "")]


def test_what_stands_in_a_title_is_text_and_the_styles_italics_are_html(tmp_path: Path) -> None:
    (one,) = style(tmp_path).listed([item("a", "<b>5</b> < 6 & <script>x</script> \ue000")])
    assert one.text == "A. O'Brien, <b>5</b> < 6 & <script>x</script> . 2001."
    assert "<i>&lt;b&gt;5&lt;/b&gt; &lt; 6 &amp; &lt;script&gt;x&lt;/script&gt; </i>" in one.html


def test_items_with_next_to_nothing_are_listed(tmp_path: Path) -> None:
    listed = style(tmp_path).listed([{"id": "a", "type": "document"}, item("b", "Apes", year=None)])
    assert [one.id for one in listed] == ["a", "b"]


def test_a_style_that_is_another_one_leads_to_it(tmp_path: Path) -> None:
    """Of the styles' repository most are names of others; the one that comes with the processor is among these."""
    path = tmp_path / "other.csl"
    text = STYLE.format(
        name="other",
        link='<link rel="independent-parent" href="http://www.zotero.org/styles/harvard-cite-them-right"/>',
        attributes="", sort="", number="",
    )  # fmt: skip
    path.write_text(text[: text.index("<citation>")] + "</style>", encoding="utf-8")
    (one,) = Style(str(path)).listed([item("a", "Zebras")])
    assert one.text == "O'Brien, A. (2001) Zebras."


@pytest.mark.parametrize(
    ("name", "told"),
    [("../x.csl", "there is no citation style at"), ("A b", "no name of a citation style"), ("broken.csl", "is no")],
)
def test_what_is_no_style_is_told_in_one_line(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("broken.csl").write_text("<style>", encoding="utf-8")
    with pytest.raises(BadInput, match=told) as raised:
        Style(name)
    assert "\n" not in str(raised.value)


def test_an_unknown_language_is_refused() -> None:
    for locale in ("xx-XX", "german", "../de-DE"):
        with pytest.raises(BadInput, match="locale"):
            Style("harvard", locale)
    assert (
        Style("harvard", "de-DE").listed([item("a", "Zebras", year=None)])[0].text == "O'Brien, A. (ohne Datum) Zebras."
    )
