"""Lines that no person wrote take no longer than lines that one did."""

import time

import pytest

from dl_lit.core.identifiers import find_arxiv_ids, find_dois, find_isbns, find_pmids
from dl_lit.pdf.document import Line
from dl_lit.pdf.headings import ends_references, opens_references
from dl_lit.pdf.lines.signs import marks
from dl_lit.pdf.parsing import parse_entry
from dl_lit.pdf.splitting import Entry, split_entries
from tests.fakes.effort import within

MONSTERS = {
    "initials": "A. " * 1300,
    "words": "Aa " * 1300,
    "names": "Aa, A., " * 500,
    "hyphens": "Aa-" * 1300,
    "brackets": "(" * 4000,
    "open doi": "10.1000/" + "(" * 3900,
    "digits": "1 " * 2000,
    "quotes": "“" * 4000,
    "blanks": " " * 4000,
    "stops": ". " * 2000,
    "apostrophes": "O'" * 2000,
    "address": "https://" + "a" * 3900,
    "particles": "de la " * 700,
}


@pytest.mark.parametrize("text", MONSTERS.values(), ids=MONSTERS)
def test_no_text_takes_long(text):
    began = time.process_time()
    parse_entry(Entry(text, page=1), 1)
    split_entries([Line(text, 1, 50.0, 500.0, 700.0 - 12 * i, 709.0 - 12 * i, 9.0) for i in range(3)])
    for judge in (marks, opens_references, ends_references, find_dois, find_isbns, find_arxiv_ids, find_pmids):
        judge(text)
    assert time.process_time() - began < within(5.0)
