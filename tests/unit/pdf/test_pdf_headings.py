"""Headings of lists of references are known in eight languages and many dresses."""

import pytest

from dl_lit.pdf.headings import ends_references, is_weak_opening, opens_references


@pytest.mark.parametrize(
    "text",
    [
        "References",
        "REFERENCES",
        "R E F E R E N C E S",
        "R EFERENCES",
        "7. References",
        "VII. REFERENCES",
        "References and Notes",
        "Bibliography",
        "Selected bibliography",
        "Works Cited",
        "Literature Cited",
        "LITERATURE CITED",
        "List of references",
        "Alphabetic List of References",
        "Literatur",
        "Literaturverzeichnis",
        "6 Literaturverzeichnis",
        "Quellenverzeichnis",
        "Quellen- und Literaturverzeichnis",
        "Verwendete Literatur",
        "Bibliographie",
        "Bibliographie / Bibliography",
        "Références",
        "Références bibliographiques",
        "Ouvrages cités",
        "Bibliografía",
        "Referencias",
        "Referencias bibliográficas",
        "Referências",
        "REFERÊNCIAS BIBLIOGRÁFICAS",
        "Riferimenti bibliografici",
        "Bibliografia",
        "Literatuur",
        "Literatuurlijst",
        "Список литературы",
        "Литература",
        "References:",
        "• References •",
    ],
)
def test_a_heading_opens_a_list(text):
    assert opens_references(text)


@pytest.mark.parametrize(
    "text",
    [
        "Reference implementation",
        "References to earlier work are rare.",
        "In the literature, this is common",
        "The bibliography of Knuth is long",
        "4. Results",
        "References . . . . . . 17",
        "",
        "Ref",
    ],
)
def test_other_lines_open_nothing(text):
    assert not opens_references(text)


@pytest.mark.parametrize(
    "text",
    [
        "Appendix A",
        "Acknowledgments",
        "Acknowledgements",
        "About the authors",
        "Author contributions",
        "Supplementary Material",
        "Anhang",
        "Danksagung",
        "Annexes",
        "Agradecimientos",
        "Ringraziamenti",
        "Bijlagen",
        "Приложение 1",
        "Chapter 3 The next one",
        "Publisher's Note",
    ],
)
def test_what_ends_a_list(text):
    assert ends_references(text)


def test_ambiguous_headings_are_weak():
    assert is_weak_opening("Sources")
    assert is_weak_opening("4. Literatur")
    assert not is_weak_opening("References")
