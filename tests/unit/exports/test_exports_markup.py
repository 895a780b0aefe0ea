"""What services put into titles besides letters, and what each format makes of it."""

from __future__ import annotations

import pytest

from dl_lit.core.model import Name, Work, WorkType
from dl_lit.exports.bibtex import Dialect, bibtex
from dl_lit.exports.file_field import FileForm, file_field, file_paths
from dl_lit.exports.latex.decoding import decoded
from dl_lit.exports.latex.encoding import to_latex
from dl_lit.exports.latex.titles import title
from dl_lit.exports.record import ExportRecord, ItemState
from dl_lit.exports.rich.markup import marked
from dl_lit.exports.rich.text import plain

MATHML = (
    "<mml:math><mml:msubsup><mml:mi>x</mml:mi><mml:mn>1</mml:mn><mml:mn>2</mml:mn></mml:msubsup><mml:mo>+</mml:mo>"
    "<mml:mfrac><mml:mi>a</mml:mi><mml:mrow><mml:mi>b</mml:mi><mml:mo>+</mml:mo><mml:mi>c</mml:mi></mml:mrow></mml:mfrac>"
    "<mml:mover><mml:mi>y</mml:mi><mml:mo>¯</mml:mo></mml:mover><mml:msqrt><mml:mn>2</mml:mn></mml:msqrt>"
    "<annotation>left out</annotation></mml:math>"
)


@pytest.mark.parametrize(
    ("told", "read", "for_csl", "for_latex"),
    [
        ("H<sub>2</sub>O", "H2O", "H<sub>2</sub>O", r"{H}\textsubscript{2}{O}"),
        ("On <i>E. coli</i>", "On E. coli", "On <i>E. coli</i>", r"On \textit{{E}. coli}"),
        ("A <jats:italic>b</jats:italic> &amp;amp; c", "A b & c", "A <i>b</i> & c", r"A \textit{b} \& c"),
        ("&lt;b&gt;Bold&lt;/b&gt; a &lt; b", "Bold a < b", "<b>Bold</b> a < b", r"\textbf{Bold} a {\textless} b"),
        ("The letter <h>, <i>", "The letter <h>, <i>", "The letter <h>, <i>", None),
        ("Note on $R^2$", "Note on $R^2$", "Note on $R^2$", "Note on {$R^2$}"),
        (r"$\alpha$-decay", "α-decay", "α-decay", r"{$\alpha$}-decay"),
        (r"$\input{x}$ y", r"$\input{x}$ y", r"$\input{x}$ y", None),
        ("From $5 to $10 and A$-B$-C", "From $5 to $10 and A$-B$-C", "From $5 to $10 and A$-B$-C", None),
        (MATHML, "x12+a/(b+c)ȳ√2", "x<sub>1</sub><sup>2</sup>+a/(b+c)ȳ√2", None),
        (r"V \documentclass{x} \begin{document}$$\dot{V}$$\end{document}", r"V $\dot{V}$", r"V $\dot{V}$", None),
        ("<inline-formula><tex-math>$x_1$</tex-math></inline-formula> a", "$x_1$ a", "$x_1$ a", "{$x_1$} a"),
    ],
)
def test_marks_that_are_surely_meant_are_taken_for_marks(
    told: str, read: str, for_csl: str, for_latex: str | None
) -> None:
    assert plain(told) == read
    assert marked(told) == for_csl
    if for_latex is not None:
        assert title(told, to_latex) == for_latex
    assert decoded(title(told, to_latex)) == read


@pytest.mark.parametrize("hostile", ["<i>" * 5_000 + "</i>" * 5_000, "<math>" + "<mrow></x>" * 5_000, "$a" * 9_000])
def test_endless_marks_take_no_time(hostile: str) -> None:
    assert plain(f"{hostile}x")


@pytest.mark.parametrize(
    ("others", "meant"),
    [
        (r"Stra\ss e {\'\i} \'{\i} \o re \AA ngstr\"om \c c", "Straße í í øre Ångström ç"),
        (r"\textit{In vitro} \emph{wh-}fronting, {\it old}", "In vitro wh-fronting, old"),
        (r"\enquote{a} ``b'' -- c --- d~e", "“a” “b” – c — d e"),
        (r"\href{http://x}{shown} \url{http://a_b}", "shown http://a_b"),
        (r"\ensuremath{\alpha} \CYRA{} \unheardof{kept}", "α А kept"),
        (r"\'", ""),
        ("}}x{{", "x"),
    ],
)
def test_latex_of_others_is_read(others: str, meant: str) -> None:
    assert decoded(others) == meant


def test_a_title_all_in_capitals_says_nothing_of_its_words() -> None:
    assert title("INTRODUCTION TO DNA ALGORITHMS", to_latex) == "INTRODUCTION TO DNA ALGORITHMS"


@pytest.mark.parametrize(
    ("name", "written"),
    [
        (Name("King Jr.", "Martin"), "King, Jr., Martin"),
        (Name("van der Waals", "J."), "van der Waals, J."),
        (Name("hooks", "bell"), "{hooks}, bell"),
        (Name("Science and Art", "X"), "{Science and Art}, X"),
        (Name("Breuer", "A. B, C. D, E."), "{Breuer, A. B, C. D, E.}"),
        (Name(literal="Barnes & Noble, Inc."), r"{Barnes {\&} Noble, Inc.}"),
        (Name("Plato"), "Plato"),
    ],
)
def test_names_are_written_so_that_bibtex_and_biber_part_them_rightly(name: Name, written: str) -> None:
    record = ExportRecord(key="k", work=Work(title="T", authors=(name,)), state=ItemState.FAILED)
    for dialect in Dialect:
        assert f"author = {{{written}}}" in "".join(bibtex([record], dialect))


def test_types_have_the_fields_that_biblatex_wants() -> None:
    def written(kind: WorkType, dialect: Dialect = Dialect.BIBLATEX) -> str:
        work = Work(title="T", type=kind, publisher="P", container_title="C", language="nb", pmid="1", year=2019)
        return "".join(bibtex([ExportRecord(key="k", work=work, state=ItemState.FAILED)], dialect))

    assert all(piece in written(WorkType.THESIS) for piece in ("@thesis{", "type = {phdthesis}", "institution = {P}"))
    assert all(piece in written(WorkType.REPORT) for piece in ("@report{", "type = {techreport}", "titleaddon = {C}"))
    assert all(piece in written(WorkType.BOOK) for piece in ("series = {C}", "publisher = {P}", "langid = {norsk}"))
    assert all(piece in written(WorkType.BOOK) for piece in ("eprinttype = {pubmed}", "date = {2019}"))
    assert "howpublished = {C}" in written(WorkType.DOCUMENT, Dialect.BIBTEX)
    assert "year = {2019}" in written(WorkType.DOCUMENT, Dialect.BIBTEX)


def test_the_file_field_has_jabrefs_form_too() -> None:
    path = r"C:\a;b $c {d}.pdf"
    assert file_field(path, FileForm.JABREF) == r":C\:\\a\;b $c {d}.pdf:PDF"
    for form in FileForm:
        assert list(file_paths(file_field(path, form) or "")) == [path]
    assert list(file_paths(r":C$\backslash$:/Users/x.pdf:pdf")) == ["C:/Users/x.pdf"]  # as Mendeley writes it
