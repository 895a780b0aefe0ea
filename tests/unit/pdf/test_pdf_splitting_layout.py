"""Lists without labels are cut by their words and by what each list's own layout adds to them."""

import pytest
import typst

from dl_lit.pdf.bibliography import read_bibliography
from dl_lit.pdf.document import Line
from dl_lit.pdf.engine import open_document
from dl_lit.pdf.splitting import cut_list, split_entries

WORKS = (
    "Abelson, H., Sussman, G. J. and Sussman, J. (1996). Structure and interpretation of computer programs. MIT Press.",
    (
        "Backus, J. (1978). Can programming be liberated from the von Neumann style? A functional style and its "
        "algebra of programs. Communications of the ACM, 21(8), 613–641. https://doi.org/10.1145/359576.359579"
    ),
    "Dijkstra, E. W. (1968). Go to statement considered harmful. Communications of the ACM, 11(3), 147–148.",
    "Hoare, C. A. R. (1969). An axiomatic basis for computer programming. Communications of the ACM, 12(10), 576–580.",
    "Knuth, D. E. (1984). Literate programming. The Computer Journal, 27(2), 97–111.",
    (
        "Lamport, L. (1978). Time, clocks, and the ordering of events in a distributed system. Communications of "
        "the ACM, 21(7), 558–565."
    ),
    "nick1627 (2019). RelativityVisualisation, GitHub repository. https://github.com/nick1627/RelativityVisualisation",
    (
        "Turing, A. M. (1936). On computable numbers, with an application to the Entscheidungsproblem. "
        "Proceedings of the London Mathematical Society, 42, 230–265."
    ),
    "van Rossum, G. (1995). Python tutorial (Report CS-R9526). Centrum voor Wiskunde en Informatica.",
    "Wirth, N. (1971). Program development by stepwise refinement. Communications of the ACM, 14(4), 221–227.",
)


@pytest.fixture
def raw(tmp_path):
    """Typeset the works in a layout, and read them from the PDF."""

    def read(layout: str, works=WORKS) -> list[str]:
        path = tmp_path / "list.pdf"
        body = "\n\n".join(work.replace("https://", "https:\\/\\/").replace("@", "\\@") for work in works)
        path.write_bytes(bytes(typst.compile(f"= Essay\n#lorem(300)\n= References\n{layout}\n{body}".encode())))
        with open_document(path, max_bytes=10_000_000) as document:
            return [reference.raw for reference in read_bibliography(document.read()).references]

    return read


@pytest.mark.parametrize(
    "layout",
    [
        "#set par(hanging-indent: 2em)",
        "#set par(spacing: 0.65em)",
        "#set par(spacing: 1.6em)",
        "#set par(spacing: 0.8em, justify: true)",
        "#set par(first-line-indent: (amount: 1.5em, all: true), spacing: 0.65em)",
        "#set page(columns: 2)\n#set par(hanging-indent: 1em, spacing: 0.65em)",
        "#set page(columns: 2)\n#set par(spacing: 0.65em, justify: true)",
    ],
)
def test_works_without_labels_are_told_apart(raw, layout):
    assert [text.split(" (")[0] for text in raw(layout)] == [work.split(" (")[0] for work in WORKS]


def test_a_hyphenated_compound_and_a_broken_doi_are_put_together(raw):
    (backus,) = (text for text in raw("#set page(columns: 2)\n#set text(hyphenate: true)") if text.startswith("Backus"))
    assert "https://doi.org/10.1145/359576.359579" in backus


def test_cyrillic_works_in_alphabetical_order(raw):
    works = (
        "Бахтин М. М. Проблемы поэтики Достоевского. — М.: Советская Россия, 1979. — 318 с.",
        (
            "Виноградов В. В. О языке художественной литературы. — М.: Гослитиздат, 1959. — 654 с. — (Труды по истории "
            "русского литературного языка и стилистики)."
        ),
        "Жирмунский В. М. Теория стиха. — Л.: Советский писатель, 1975. — 664 с.",
        "Лотман Ю. М. Структура художественного текста. — М.: Искусство, 1970. — 384 с.",
        "Якобсон Р. О. Работы по поэтике. — М.: Прогресс, 1987. — 464 с.",
    )
    found = raw("#set par(spacing: 0.65em)", works)
    assert [text.split()[0] for text in found] == [work.split()[0] for work in works]


def test_japanese_works():
    texts = (
        ("阿部謹也『ハーメルンの笛吹き男――伝説とその世界』平凡社、1974年。", 300),
        ("丸山眞男「超国家主義の論理と心理」『世界』5号、1946年、2-15頁、のち『現代政治", 400),
        ("の思想と行動』未来社に収録。", 180),
        ("和辻哲郎『風土――人間学的考察』岩波書店、1935年。", 260),
    )
    rows = [Line(text, 1, 50, 50 + width, 700 - 12 * i, 709 - 12 * i, 9.0) for i, (text, width) in enumerate(texts)]
    assert [entry.text[:4] for entry in split_entries(rows)] == ["阿部謹也", "丸山眞男", "和辻哲郎"]
    assert "現代政治の思想と行動" in split_entries(rows)[1].text


def rows(*texts: tuple[str, float, float]) -> list[Line]:
    """Lines of (text, height, font size) of one column."""
    return [Line(text, 1, 50, 50 + 5 * len(text), y, y + size, size) for text, y, size in texts]


def test_footnotes_and_footers_below_a_list_belong_to_no_entry():
    found = cut_list(
        rows(
            ("[1] Knuth, D. E. Literate programming. 1984.", 700, 10),
            ("[2] Dijkstra, E. W. Go to statement. 1968.", 688, 10),
            ("[3] Hoare, C. A. R. Quicksort. The Computer", 676, 10),
            ("Journal 5. 1962.", 664, 10),
            ("[4] Liskov, B. Data abstraction and", 652, 10),
            ("hierarchy. 1987.", 640, 10),
            ("2The full list of contributors is available", 600, 8),
            ("on request.", 590, 8),
        )
    )
    assert [entry.label for entry in found.entries] == ["[1]", "[2]", "[3]", "[4]"]
    assert found.entries[-1].text.endswith("1987.")
    assert len(found.left_out) == 2


def test_a_licence_line_is_no_entry():
    found = cut_list(
        rows(
            ("Hoare, C. A. R. (1962). Quicksort. The Computer Journal, 5(1), 10–16.", 700, 10),
            ("Knuth, D. E. (1984). Literate programming. The Computer Journal, 27, 97–111.", 676, 10),
            ("Liskov, B. (1987). Data abstraction and hierarchy. OOPSLA, 17–34.", 652, 10),
            ("Wirth, N. (1971). Program development. CACM, 14(4), 221–227.", 628, 10),
            ("This is an open-access article distributed under the Creative Commons License.", 604, 10),
        )
    )
    assert [entry.text.split(",")[0] for entry in found.entries] == ["Hoare", "Knuth", "Liskov", "Wirth"]


def test_annotations_in_smaller_type_are_left_out():
    found = cut_list(
        rows(
            ("Kuhn, Thomas S. 1996. The Structure of Scientific Revolutions. Chicago.", 700, 10.5),
            ("The book that made a common word of paradigm.", 688, 9.5),
            ("Popper, Karl. 2002. The Logic of Scientific Discovery. London: Routledge.", 670, 10.5),
            ("Argues that a statement is scientific only if something could speak against it.", 658, 9.5),
            ("Price, Derek J. 1965. “Networks of scientific papers.” Science 149: 510–515.", 640, 10.5),
            ("Shows with few numbers that papers cite the recent past.", 628, 9.5),
            ("Weber, Max. 1922. Wirtschaft und Gesellschaft. Tübingen: Mohr.", 610, 10.5),
            ("Read the first part only.", 598, 9.5),
        )
    )
    assert [entry.text.split(",")[0] for entry in found.entries] == ["Kuhn", "Popper", "Price", "Weber"]
    assert not any("paradigm" in entry.text or "against" in entry.text for entry in found.entries)


def test_the_weeks_of_a_syllabus_are_no_works():
    found = split_entries(
        rows(
            ("Watts, Duncan J. and Steven H. Strogatz. 1998. “Collective dynamics.” Nature 393: 440–442.", 700, 10),
            ("Week two: random graphs and what they are good for.", 680, 10),
            ("Erdős, Paul and Alfréd Rényi. 1959. “On random graphs I.” Publicationes 6: 290–297.", 660, 10),
            ("Week three: communities.", 640, 10),
            ("Fortunato, Santo. 2010. “Community detection in graphs.” Physics Reports 486: 75–174.", 620, 10),
        )
    )
    assert [entry.text.split(",")[0] for entry in found] == ["Watts", "Erdős", "Fortunato"]


def test_a_line_without_space_above_it_begins_no_work_where_space_parts_the_works():
    first_page = (
        ("ARAUJO, L. C. A classe abntex2: Modelo canônico de trabalhos acadêmicos brasileiros", 262, 508),
        ("compatível com as normas ABNT NBR 14724:2011, ABNT NBR 6024:2012 e outras. [S.l.],", 249, 511),
        ("2015. Disponível em: <http://www.example.org/>. Citado 2 vezes nas páginas 2 e 4.", 235, 504),
        ("ARAUJO, L. C. Como customizar o modelo. 2015. Wiki do projeto. Disponível em:", 213, 510),
        ("<https://www.example.org/abntex/wiki/ComoCustomizar>. Acesso em: 27 abr 2015.", 199, 511),
        ("Citado na página 2.", 186, 179),
        ("ARAUJO, L. C. Modelo Canônico de Trabalho Acadêmico com o pacote. [S.l.], 2015.", 163, 501),
        ("Disponível em: <http://www.example.org/>. Citado 2 vezes nas páginas 2 e 4.", 150, 476),
        ("ARAUJO, L. C. O pacote de citações: Estilos bibliográficos compatíveis com a ABNT NBR", 127, 509),
        ("6023. [S.l.], 2015. Disponível em: <http://www.example.org/>. Citado na página 2.", 113, 497),
    )
    second_page = (
        ("ARAUJO, L. C. O pacote de citações: tópicos específicos da ABNT NBR 10520:2002", 744, 502),
        ("e o estilo bibliográfico alfabético (sistema autor-data). [S.l.], 2015. Disponível em:", 730, 485),
        ("<http://www.example.org/>. Citado na página 2.", 717, 337),
        ("WILSON, P.; MADSEN, L. The Memoir Class for Configurable Typesetting - User Guide.", 694, 511),
        ("Normandy Park, WA, 2010. Disponível em: <http://mirrors.example.org/macros/latex/", 680, 498),
        ("contrib/memoir/memman.pdf>. Acesso em: 19 dez. 2012. Citado 2 vezes nas páginas 2", 667, 509),
        ("e 4.", 653, 102),
    )
    placed = [
        Line(text, page, 85, right, y, y + 11, 10.9)
        for page, texts in enumerate((first_page, second_page), start=5)
        for text, y, right in texts
    ]
    entries = split_entries(placed)
    assert [entry.text.split(",")[0] for entry in entries] == ["ARAUJO"] * 5 + ["WILSON"]
    assert entries[-1].text.endswith("e 4.")
