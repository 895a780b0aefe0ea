"""A section's work: nothing that was sent or written is left, whichever way it ends."""

from __future__ import annotations

from pathlib import Path

from dl_lit.core.language import ModelError, PageText, Provider, Trouble
from stages.language.sections import Desk, Document, Upload
from tests.fakes.language import FakeModel, FakePages, FakeSections, section


def test_an_upload_that_comes_too_late_is_deleted_at_once(tmp_path: Path) -> None:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"%PDF-1.7\n")
    model = FakeModel(provider=Provider.GEMINI)
    upload = Upload(model, file, 300.0)
    upload.clean_up()
    upload()
    assert (len(model.uploaded), model.left_over) == (1, [])


def test_cleaning_up_twice_deletes_once(tmp_path: Path) -> None:
    file = tmp_path / "pages.pdf"
    file.write_bytes(b"%PDF-1.7\n")
    model = FakeModel(provider=Provider.GEMINI)
    upload = Upload(model, file, 300.0)
    upload()
    upload.clean_up()
    upload.clean_up()
    assert model.deleted == model.uploaded


def test_a_refused_upload_leaves_nothing_to_delete(tmp_path: Path) -> None:
    refused = ModelError(Trouble.KEY_REFUSED)
    model = FakeModel(provider=Provider.ANTHROPIC, refuses_uploads=refused)
    desk = Desk(model=model, pages=FakePages({1: "text"}), sections=FakeSections(), scratch=tmp_path)
    (result,) = Document(desk, Path(__file__), []).read([(1,)])
    assert result is refused
    assert (model.deleted, list(tmp_path.iterdir())) == ([], [])


def test_pages_without_text_are_no_question_for_a_model_without_files() -> None:
    model = FakeModel(lambda _question: section())
    desk = Desk(model=model, pages=FakePages({}), sections=FakeSections())
    document = Document(desk, Path(__file__), [PageText(1, "", is_image=True), PageText(2, "Some text")])
    first, second = document.read([(1,), (2,)])
    assert isinstance(first, ModelError)
    assert first.trouble is Trouble.BAD_REQUEST
    assert not isinstance(second, ModelError)


def test_a_part_whose_trouble_passes_is_done_again(tmp_path: Path) -> None:
    """Each try uploads anew and deletes what it uploaded."""
    answers = [ModelError(Trouble.OVERLOADED), section()]
    model = FakeModel(lambda _question: answers.pop(0), provider=Provider.GEMINI)
    desk = Desk(model=model, pages=FakePages({1: "text"}), sections=FakeSections(again=1), scratch=tmp_path)
    (result,) = Document(desk, Path(__file__), []).read([(1,)])
    assert not isinstance(result, ModelError)
    assert (len(model.uploaded), model.left_over) == (2, [])
