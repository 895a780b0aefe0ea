"""Marks that stand for the names of the entry before are replaced by those names."""

from __future__ import annotations

import pytest

from dl_lit.core.model import Reference
from dl_lit.pdf.parsing import parse_entries
from dl_lit.pdf.splitting import Entry

_ALONE = "Bernhard, Thomas. 1989. Der Untergeher. Frankfurt: Suhrkamp."
_TOGETHER = "Adorno, Theodor W./Horkheimer, Max (1947): Dialektik der Aufklärung. Amsterdam: Querido."


def parsed(*texts: str) -> list[Reference]:
    return parse_entries([Entry(text, page=1) for text in texts])


def families(reference: Reference) -> list[str]:
    return [name.family or name.literal or "" for name in reference.authors]


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("———. 1991. Histrionics: Three Plays. Chicago: University of Chicago Press.", "Histrionics: Three Plays"),
        ("— (1986b) The Loser. New York: Knopf.", "The Loser"),
        ("— Woodcutters. New York: Knopf, 1987.", "Woodcutters"),
        ("– »Amras«, in: Die Erzählungen, Frankfurt 1979, S. 7–78.", "Amras"),
        (". 1990b. A Party for Boris. London: Quartet.", "A Party for Boris"),
        (". The Voice Imitator. Chicago: University of Chicago Press, 1997.", "The Voice Imitator"),
        (", n.d. Extinction and Correction. London: Quartet.", "Extinction and Correction"),
        ("(2004). Old Masters and Others. London: Quartet.", "Old Masters and Others"),
        ("Ders. (1988): Heldenplatz. Frankfurt: Suhrkamp.", "Heldenplatz"),
        ("Idem (1988): Heldenplatz. Frankfurt: Suhrkamp.", "Heldenplatz"),
        (
            "– Gürtelschnallen, Messerfragment und ein Dominostein. In: Niederrhein 82, (2015), S. 54–63. Krefeld.",
            "Gürtelschnallen, Messerfragment und ein Dominostein",
        ),
        ("Id., Auslöschung. Ein Zerfall, Frankfurt, Suhrkamp, 1986.", "Auslöschung. Ein Zerfall"),
    ],
)
def test_a_mark_stands_for_the_author_before(text: str, title: str) -> None:
    assert [(families(one), one.title) for one in parsed(_ALONE, text)[1:]] == [(["Bernhard"], title)]


def test_he_is_the_first_of_several_and_they_are_all() -> None:
    they, he = parsed(
        _TOGETHER,
        "Dies. (1950): Vorurteil und Charakter. Frankfurt: EVA.",
        "Ders. (1951): Minima Moralia. Frankfurt: Suhrkamp.",
    )[1:]
    assert families(they) == ["Adorno", "Horkheimer"]
    assert families(he) == ["Adorno"]


def test_who_is_marked_as_editor_behind_the_mark_is_one() -> None:
    edited = parsed(_ALONE, ", ed. n.d. Progress in Inorganic Chemistry. New York: Wiley.")[1]
    assert edited.authors == ()
    assert [name.family for name in edited.editors] == ["Bernhard"]


def test_the_editors_of_the_book_before_are_not_repeated() -> None:
    before, after = parsed(
        "Aristotle. The Rhetoric. Edited by Jonathan Barnes. Princeton: Princeton University Press, 1984.",
        "— Poetics. Cambridge: Harvard University Press, 1995.",
    )
    assert after.authors == before.authors
    assert after.editors == ()


def test_a_dash_before_every_entry_is_a_bullet() -> None:
    first, second = parsed(
        "– Knuth, D. E. (1984). The TeXbook. Reading: Addison-Wesley.",
        "– Lamport, L. (1994). LaTeX: A Document Preparation System. Reading: Addison-Wesley.",
    )
    assert families(first) == ["Knuth"]
    assert families(second) == ["Lamport"]


def test_a_mark_that_repeats_nothing_is_no_name() -> None:
    assert parsed("Ders. (1988): Heldenplatz. Frankfurt: Suhrkamp.")[0].authors == ()
