"""Real PDFs: odd and hostile ones end in a typed outcome, scholarly ones in a good bibliography."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dl_lit.core.errors import PdfError
from dl_lit.core.reasons import Reason
from dl_lit.pdf.jsonform import bibliography_json, document_json
from dl_lit.pdf.reader import ChildReader

SHARED = Path(__file__).parents[3] / "shared"
HOSTILE_STEP = 5  # every fifth hostile file in the suite

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="needs the folder ../shared"),
]

OUTCOMES = {
    "read",
    Reason.NOT_A_PDF,
    Reason.EMPTY_FILE,
    Reason.DAMAGED_PDF,
    Reason.ENCRYPTED_PDF,
    Reason.NO_TEXT_LAYER,
    Reason.GARBLED_TEXT,
    Reason.NO_REFERENCES_FOUND,
    Reason.TOO_LARGE,
    Reason.PARSE_TIMEOUT,
    Reason.PARSE_MEMORY,
}


def outcomes(paths: list[Path]) -> dict[str, str]:
    """What came of each file: "read" or a reason."""
    with ChildReader(2, timeout_s=30) as reader, ThreadPoolExecutor(2) as pool:

        def outcome(path: Path) -> str:
            try:
                reader.read(path)
            except PdfError as error:
                return error.reason.value
            return "read"

        return dict(zip([path.name for path in paths], pool.map(outcome, paths), strict=True))


def test_odd_files_have_the_reasons_a_person_would_give():
    """Scans, encrypted, corrupt, unmapped and Arabic files are told apart."""
    found = outcomes(sorted((SHARED / "corpora/odd").glob("*.pdf")))
    assert found == {
        "annotated_tracemonkey.pdf": "read",
        "arabic_pypdf.pdf": "no-references-found",
        "blank_no_contents.pdf": "no-text-layer",
        "corrupt_invalid_ocrmypdf.pdf": "damaged-pdf",
        "corrupt_pdfjsbad1586.pdf": "no-references-found",
        "encrypted_issue3371.pdf": "encrypted-pdf",
        "encrypted_issue6010_1.pdf": "encrypted-pdf",
        "encrypted_userpw_libreoffice.pdf": "encrypted-pdf",
        "nomap_type3.pdf": "garbled-text",
        "scan_bad_pdfjs.pdf": "no-text-layer",
        "scan_linn_ocrmypdf.pdf": "no-text-layer",
        "two_column_tracemonkey.pdf": "read",
    }


def test_files_that_open_without_password_are_read_however_encrypted():
    """An owner's password, or an empty one of the user's, hinders nobody: RC4 and AES, of 128 and 256 bits."""
    folder = SHARED / "hostile" / "py-pdf+pypdf"
    names = (
        "r4-aes-v2-no-key-length",
        "r5-empty-password",
        "r5-owner-password",
        "r6-empty-password",
        "r6-owner-password",
    )
    found = outcomes([folder / f"resources_encryption_{name}.pdf" for name in names])
    assert set(found.values()) == {"no-references-found"}


def test_hostile_files_end_in_one_typed_outcome_each():
    """No crash, no hang, and the reader lives to read the next file."""
    paths = [path for path in sorted((SHARED / "hostile").rglob("*")) if path.is_file()][::HOSTILE_STEP]
    found = outcomes(paths)
    assert {name: outcome for name, outcome in found.items() if outcome not in OUTCOMES} == {}
    assert len(found) == len(paths)


@pytest.mark.parametrize(
    ("corpus", "floors"),
    [
        ("juliacon", {"recall": 0.99, "title": 0.92, "first_author": 0.97, "year": 0.96, "instance_f1": 0.86}),
        ("scielo", {"f1": 0.99, "title": 0.96, "first_author": 0.99, "year": 0.99}),  # of 84 titles 3 are disputable
    ],
)
def test_bibliographies_are_as_good_as_they_were(tmp_path, corpus, floors):
    """The scorer's figures do not fall below what has been reached."""
    paths = sorted((SHARED / "corpora" / corpus / "pdfs").glob("*.pdf"))
    with ChildReader(2) as reader, ThreadPoolExecutor(2) as pool:
        read = pool.map(reader.read, paths)
        documents = [document_json(str(path), None, found) for path, found in zip(paths, read, strict=True)]
    (tmp_path / "pred.json").write_text(json.dumps(bibliography_json(documents)))
    scored = subprocess.run(
        [
            *(sys.executable, str(SHARED / "score/score_references.py")),
            *("--gold", str(SHARED / "corpora" / corpus / "gold"), "--pred", str(tmp_path / "pred.json"), "--json"),
        ],
        capture_output=True,
        check=True,
        text=True,
    )
    figures = json.loads(scored.stdout)
    assert {name: figures[name] for name, floor in floors.items() if figures[name] < floor} == {}
