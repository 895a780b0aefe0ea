"""The JSON of `extract --json` has the fixed keys, whatever came of the file."""

from dl_lit.core.errors import PdfError
from dl_lit.core.model import Bibliography, Coverage, Name, Reference, ShortForm, WorkType
from dl_lit.core.reasons import Reason
from dl_lit.pdf.jsonform import bibliography_json, document_json

DOCUMENT_KEYS = {"path", "sha256", "page_count", "doi", "title", "expected_references", "references", "error"} | {
    *("authors", "year", "arxiv_id", "coverage", "short_forms", "notes", "contexts")
}


def test_a_bibliography():
    reference = Reference(
        position=1,
        raw="R Core Team (2018). R.",
        page=3,
        label="[1]",
        type=WorkType.SOFTWARE,
        authors=(Name(literal="R Core Team"), Name(family="Doe", given="J.")),
        year=2018,
        confidence=0.5,
        field_confidence=(("year", 0.9),),
    )
    bibliography = Bibliography(
        page_count=3,
        references=(reference,),
        expected_references=1,
        authors=(Name(family="Knuth", given="D."),),
        year=1997,
        arxiv_id="2101.00001",
        short_forms=(ShortForm(raw="ibid.", page=2, refers_to=1),),
        coverage=Coverage(found=1, expected=2, missing_labels=("2",), score=0.5),
    )
    document = document_json("/a.pdf", "ab", bibliography)
    assert set(document) == DOCUMENT_KEYS
    assert document["error"] is None
    (printed,) = document["references"]
    assert " ".join(printed) == (
        "position page raw label type authors editors title container_title publisher year volume issue pages "
        "doi arxiv_id pmid isbn url confidence field_confidence section"
    )
    assert printed["authors"] == [{"literal": "R Core Team"}, {"family": "Doe", "given": "J."}]
    assert printed["type"] == "software"
    assert printed["field_confidence"] == {"year": 0.9}
    assert (document["authors"], document["year"]) == ([{"family": "Knuth", "given": "D."}], 1997)
    assert document["arxiv_id"] == "2101.00001"
    assert document["short_forms"] == [{"raw": "ibid.", "page": 2, "refers_to": 1}]
    assert document["coverage"] == {
        "found": 1,
        "expected": 2,
        "missing_labels": ["2"],
        "markers": 0,
        "unanswered_markers": [],
        "score": 0.5,
    }


def test_a_failure_has_the_same_keys_and_its_reason():
    document = document_json("/a.pdf", None, PdfError(Reason.ENCRYPTED_PDF, "needs a password to open"))
    assert set(document) == DOCUMENT_KEYS | {"error_detail"}
    assert document["error"] == "encrypted-pdf"
    assert document["references"] == []


def test_the_schema_is_named():
    assert bibliography_json([]) == {"schema": "dl-lit/bibliography/1", "documents": []}
