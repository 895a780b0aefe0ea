"""Whether the first pages of a file show a work: its DOI, or its title with an author beside it."""

from __future__ import annotations

from rapidfuzz import fuzz

from dl_lit.core.identifiers import find_dois
from dl_lit.core.model import Work
from dl_lit.matching.compare import surname_words
from dl_lit.matching.normalise import squash, surname_key, text_key, title_key

TITLE_SIMILARITY = 90.0
"""Of 100: what an alignment of the title within the text must reach; spelling and hyphens may differ."""

_SHORT_TITLE = 20  # letters; below this a title may stand in any text


def shows(first_text: str, work: Work) -> bool:
    """Whether a file that begins with `first_text` is `work`.

    A DOI alone will do where it stands near the beginning, since reference lists come later; a title must be there
    with an author's or editor's name, and a short one is never enough.
    """
    if work.doi is not None and work.doi in find_dois(first_text):
        return True
    text, title = squash(text_key(first_text)), squash(title_key(work.title))
    if len(title) < _SHORT_TITLE:
        return False
    similarity = 100.0 if title in text else fuzz.partial_ratio(title, text, score_cutoff=TITLE_SIMILARITY)
    if similarity < TITLE_SIMILARITY:
        return False
    names = [surname_key(person.sort_key) for person in (*work.authors, *work.editors) if person.sort_key]
    words = f" {surname_words(text_key(first_text))} "
    # Letter-spaced or glued names are found without word borders, where they are long enough to mean something.
    return not names or any(f" {name} " in words or (len(name) > 5 and squash(name) in text) for name in names)
