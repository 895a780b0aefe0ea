"""Pages set by typst or by hand are read as a person sees them: upright, in order, without what is no text."""

import io
from pathlib import Path

import pytest
import typst
from pypdf import PdfReader, PdfWriter
from pypdf.generic import RectangleObject

from dl_lit.pdf.document import DocumentText, Line
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.layout import read_in_order


def opened(folder: Path, source: str | bytes, pages: int | None = None) -> DocumentText:
    """The text of what typst makes of `source`, or of the PDF that `source` is."""
    path = folder / "x.pdf"
    path.write_bytes(source if isinstance(source, bytes) else bytes(typst.compile(source.encode())))
    with open_document(path, max_bytes=10_000_000) as pdf:
        assert pages is None or pdf.page_count == pages
        return pdf.read()


def read(folder: Path, source: str | bytes) -> list[Line]:
    return read_in_order(opened(folder, source))


def texts(lines: list[Line]) -> list[str]:
    return [line.text for line in lines]


SENTENCES = "\n\n".join(f"Sentence number {word} stands here." for word in ("one", "two", "three", "four"))
BODY = f'{SENTENCES}\n\n#link("https://doi.org/10.1000/x")[Linked]'
PAGE = f"#set page(width: 400pt, height: 300pt, margin: 30pt)\n{BODY}"


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_rotated_page_is_read_upright(tmp_path, quarters):
    """However the file turns the page, lines run from left to right and from top to bottom of what is seen."""
    # Its contents are turned one way and the page the other, so that it looks the same.
    width, height = (300, 400) if quarters % 2 else (400, 300)
    turned = (
        f"#set page(width: {width}pt, height: {height}pt, margin: 0pt)\n"
        f"#rotate({-90 * quarters}deg, reflow: true)[#block(width: 400pt, height: 300pt, inset: 30pt)[{BODY}]]"
    )
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(bytes(typst.compile(turned.encode())))))
    writer.pages[0].rotate(90 * quarters)
    out = io.BytesIO()
    writer.write(out)
    document = opened(tmp_path, out.getvalue())
    lines = read_in_order(document)
    assert texts(lines)[0] == "Sentence number one stands here."
    assert texts(lines)[3] == "Sentence number four stands here."
    assert lines[-1].uris == ("https://doi.org/10.1000/x",)
    assert (round(document.pages[0].width), round(document.pages[0].height)) == (400, 300)
    assert all(line.x1 > line.x0 and line.y1 - line.y0 < 20 for line in lines)


@pytest.mark.parametrize("degrees", [90, -90])
def test_a_page_whose_text_stands_sideways_is_turned(tmp_path, degrees):
    source = (
        "#set page(width: 400pt, height: 400pt, margin: 20pt)\n"
        f"#rotate({degrees}deg, reflow: true)[#block(width: 350pt)[{SENTENCES}]]"
    )
    document = opened(tmp_path, source)
    assert document.pages[0].turned == (3 if degrees == 90 else 1)
    assert texts(read_in_order(document))[:2] == [
        "Sentence number one stands here.",
        "Sentence number two stands here.",
    ]


def test_a_page_that_is_cropped_begins_at_its_visible_corner(tmp_path):
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(bytes(typst.compile(PAGE.encode())))))
    writer.pages[0].cropbox = RectangleObject((20, 50, 390, 290))
    out = io.BytesIO()
    writer.write(out)
    document = opened(tmp_path, out.getvalue())
    plain = opened(tmp_path, PAGE)
    first, other = document.pages[0].lines[0], plain.pages[0].lines[0]
    assert (round(other.x0 - first.x0), round(other.y0 - first.y0)) == (20, 50)
    assert (round(document.pages[0].width), round(document.pages[0].height)) == (370, 240)


def listed(count: int, prefix: str = "item") -> list[str]:
    """Words that all differ, without figures."""
    return [prefix + "".join(chr(97 + n // 26**place % 26) for place in (2, 1, 0)) for n in range(count)]


def numbered(count: int, prefix: str = "item") -> str:
    return " ".join(listed(count, prefix))


def test_three_columns_are_read_one_after_the_other(tmp_path):
    source = f"#set page(columns: 3, margin: 40pt)\n#set text(size: 8pt)\n{numbered(900)}"
    lines = read(tmp_path, source)
    words = " ".join(texts(lines)).split()
    assert words == listed(900)
    assert {line.column for line in lines} == {0, 1, 2}


def test_a_page_of_one_and_then_two_columns_is_read_in_order(tmp_path):
    source = (
        "#set page(margin: 60pt)\n#set text(size: 9pt)\n"
        f"#align(center)[= A title across the page]\n{numbered(120, 'abstract')}\n\n"
        f"#columns(2)[{numbered(200, 'left')}#colbreak(){numbered(200, 'right')}]"
    )
    words = " ".join(texts(read(tmp_path, source))).split()
    expected = [*listed(120, "abstract"), *listed(200, "left"), *listed(200, "right")]
    assert words[5:] == expected


def test_running_heads_that_alternate_are_left_out(tmp_path):
    """Authors on the left pages, the title on the right ones, the page's number outside: on a list of four pages."""
    source = (
        "#set page(width: 300pt, height: 300pt, margin: 50pt, header: context {"
        " let n = counter(page).get().first();"
        " if calc.odd(n) [A history of reading #h(1fr) #(n + 120)] else [#(n + 120) #h(1fr) Doe and Roe] })\n"
        + numbered(400)
    )
    lines = read(tmp_path, source)
    assert max(line.page for line in lines) >= 4
    assert " ".join(texts(lines)).split() == listed(400)


def test_heads_that_differ_on_each_page_are_known_by_their_numbers(tmp_path):
    heads = ("Beginnings", "The middle of it", "Some other chapter")
    source = (
        "#set page(width: 300pt, height: 300pt, margin: 50pt, header: context {"
        f' let n = counter(page).get().first(); ({", ".join(map(repr, heads))}).at(n - 1).replace("\'", "");'
        " h(1fr); str(n + 46) })\n".replace("'", '"')
    ).replace("'", '"')
    source = source.replace('.replace(""", "")', "") + numbered(200)
    lines = read(tmp_path, source)
    assert max(line.page for line in lines) == 3
    assert not {word for head in heads for word in head.split()} & set(" ".join(texts(lines)).split())


def test_a_licence_line_at_the_foot_is_left_out_and_a_footnote_is_kept(tmp_path):
    source = (
        "#set page(width: 300pt, height: 400pt, margin: 60pt, footer: text(size: 6pt)[© 2020 The Authors. CC BY 4.0])\n"
        "A claim.#footnote[Müller, Geschichte, 1987, S. 34.]\n\n" + numbered(90)
    )
    lines = read(tmp_path, source)
    assert not any("CC BY" in line.text for line in lines)
    assert any("Müller, Geschichte, 1987, S. 34." in line.text for line in lines)


def test_numbers_beside_a_manuscripts_lines_are_left_out(tmp_path):
    source = f'#set page(margin: 60pt)\n#set par.line(numbering: "1")\n{numbered(900)}'
    lines = read(tmp_path, source)
    assert " ".join(texts(lines)).split() == listed(900)


def test_labels_of_a_numbered_list_are_no_line_numbers(tmp_path):
    """Entries of a line each, labels without a full stop, set apart."""
    entries = ", ".join(f"[{n}], [Author{n}, A. Some title {n}. 2001.]" for n in range(1, 13))
    source = f"{numbered(500)}\n#pagebreak()\n#grid(columns: (30pt, auto), row-gutter: 8pt, {entries})"
    found = [line.text for line in read(tmp_path, source) if line.page == 2]
    assert found[:2] == ["1 Author1, A. Some title 1. 2001.", "2 Author2, A. Some title 2. 2001."]


def test_a_watermark_is_left_out(tmp_path):
    source = (
        "#set page(width: 300pt, height: 300pt, background: rotate(45deg, text(48pt, fill: silver)[DRAFT COPY]))\n"
        f"{numbered(150)}"
    )
    assert " ".join(texts(read(tmp_path, source))).split() == listed(150)


@pytest.mark.parametrize("has_own_glyphs", [True, False])
def test_what_stands_higher_is_known(tmp_path, has_own_glyphs):
    """Figures that are made smaller and raised, and those that a font has raised by itself."""
    source = f"#set super(typographic: {str(has_own_glyphs).lower()})\n"
    source += "#super[12]Knuth, D. E. Literate programming. 1984; 27: 97.\n\nAs was shown#super[3,4] long ago in 1984."
    first, second = read(tmp_path, source)
    assert [first.text[a:b] for a, b in first.raised] == ["12"]
    assert [second.text[a:b] for a, b in second.raised] == ["3,4"]
    assert first.size == second.size == 11.0


def test_what_stands_lower_is_not_raised(tmp_path):
    (line,) = read(tmp_path, "Of CO#sub[2] and H#sub[2]O in 19 papers, see 7.")
    assert line.raised == ()


def test_links_cover_their_own_words(tmp_path):
    source = (
        'First entry #link("https://doi.org/10.1000/a")[CrossRef] and second entry '
        '#link("https://doi.org/10.1000/b")[PubMed]; third without.\n\nFourth without.'
    )
    first, second = read(tmp_path, source)
    assert [(first.text[span.start : span.end], span.uri) for span in first.links] == [
        ("CrossRef", "https://doi.org/10.1000/a"),
        ("PubMed", "https://doi.org/10.1000/b"),
    ]
    assert second.uris == ()


def test_a_link_that_is_broken_over_two_lines_covers_both(tmp_path):
    source = (
        "#set page(width: 200pt, height: 200pt, margin: 20pt)\n"
        'Words that fill the line and #link("https://doi.org/10.1000/a")[go on with linked words here]. End of it all.'
    )
    lines = read(tmp_path, source)
    linked = ["".join(line.text[span.start : span.end] for span in line.links) for line in lines]
    assert " ".join(part.strip() for part in linked if part) == "go on with linked words here"


def test_words_have_boxes_within_their_lines(tmp_path):
    path = tmp_path / "x.pdf"
    path.write_bytes(bytes(typst.compile(PAGE.encode())))
    with open_document(path, max_bytes=1_000_000) as pdf:
        lines, words = pdf.page(0).lines, pdf.words(0)
    assert [word.text for word in words] == " ".join(line.text for line in lines).split()
    for line in lines:
        inside = [word for word in words if line.y0 - 1 < (word.y0 + word.y1) / 2 < line.y1 + 1]
        assert min(word.x0 for word in inside) == pytest.approx(line.x0, abs=0.5)
        assert max(word.x1 for word in inside) == pytest.approx(line.x1, abs=0.5)


def stream_pdf(content: bytes) -> bytes:
    """A PDF of one page made by hand, with Helvetica as /F."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [5 0 R] /Count 1 >>",
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Length %d >>\nstream\n" % len(content) + content + b"\nendstream",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 600 800] /Contents 4 0 R/Resources << /Font << /F 3 0 R >> >> >>",
    ]
    out = bytearray(b"%PDF-1.4\n")
    for number, body in enumerate(objects, start=1):
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    return bytes(out) + b"trailer << /Size 6 /Root 1 0 R >>\n%%EOF"


def kerned(words: list[str], gap: int) -> bytes:
    """Words with nothing but a small gap between them, in thousandths of the font size."""
    return b"[" + b" ".join(f"({word}) {-gap}".encode() for word in words) + b"] TJ"


def test_words_without_spaces_between_them_are_parted(tmp_path):
    words = ["Knuth", "DE", "Literate", "programming", "and", "other", "essays", "in", "computing"]
    (line,) = read(tmp_path, stream_pdf(b"BT /F 10 Tf 50 700 Td " + kerned(words, 170) + b" ET"))
    assert line.text == " ".join(words)


def test_spaced_letters_are_put_together(tmp_path):
    content = b"BT /F 10 Tf 50 700 Td 4 Tc (Bibliographie) Tj 9 0 Td ( und) Tj ET"
    spaced = b"BT /F 10 Tf 50 700 Td 3 Tc (M\\374ller) Tj 0 Tc ( Hans: Geschichte der Wissenschaft) Tj ET"
    (line,) = read(tmp_path, stream_pdf(spaced))
    assert line.text == "Müller Hans: Geschichte der Wissenschaft"
    assert "Bibliographie" in read(tmp_path, stream_pdf(content))[0].text


def test_a_line_across_the_gutter_is_cut_and_a_plain_one_is_not(tmp_path):
    """Some producers write both columns' lines one after the other: PDFium takes them for one."""
    rows = b"".join(
        b"BT /F 9 Tf 1 0 0 1 50 %d Tm (Left row %d of the first column stands) Tj 1 0 0 1 320 %d Tm"
        b" (right row %d of the second one here) Tj ET\n" % (700 - 12 * n, n, 700 - 12 * n, n)
        for n in range(20)
    )
    found = texts(read(tmp_path, stream_pdf(rows)))
    assert found[:20] == [f"Left row {n} of the first column stands" for n in range(20)]
    assert found[20:] == [f"right row {n} of the second one here" for n in range(20)]


def test_a_page_without_anything_has_no_lines(tmp_path):
    assert read(tmp_path, stream_pdf(b"")) == []


def manuscript(x: int, *, every: int = 1) -> bytes:
    """A page of thirty lines whose numbers are set right before or behind them, on the same baseline."""
    rows = []
    for n, word in enumerate(listed(30), start=41):
        number = b"1 0 0 1 %d %d Tm (%d) Tj " % (x, 700 - 20 * (n - 41), n) if n % every == 0 else b""
        text = b"1 0 0 1 80 %d Tm (A line of text with the word %s in it, and some more) Tj " % (
            700 - 20 * (n - 41),
            word.encode(),
        )
        rows.append(b"BT /F 11 Tf " + (number + text if x < 80 else text + number) + b"ET\n")
    return stream_pdf(b"".join(rows))


@pytest.mark.parametrize("x", [40, 520])
@pytest.mark.parametrize("every", [1, 5])
def test_numbers_on_the_baseline_of_their_lines_are_left_out(tmp_path, x, every):
    """As LaTeX sets them: PDFium takes number and line for one."""
    lines = read(tmp_path, manuscript(x, every=every))
    assert texts(lines) == [f"A line of text with the word {word} in it, and some more" for word in listed(30)]
    assert {round(line.x0) for line in lines} == {80}
