"""Sources that one host adds and another reads."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.app.intake.inbox import new_source
from dl_lit.app.intake.sent import ReachedSources, send
from dl_lit.core.errors import DlLitError, FetchError
from dl_lit.core.items import SourceItem
from dl_lit.settings import Settings, load
from tests.fakes.engine import ManualClock
from tests.fakes.object_store import ObjectStore

PDF = b"%PDF-1.7 a source"


def settings(home: Path, sources: str, library: str = "library") -> Settings:
    env = {"HOME": str(home), "DL_LIT_SHARED_SOURCES": sources, "DL_LIT_LIBRARY": library}
    return load(env=env).settings


def item(path: Path) -> SourceItem:
    new = new_source(path)
    return SourceItem(new.path, new.sha256)


def reached(where: Settings, wanted: SourceItem, in_library: str | None = None) -> Path:
    return ReachedSources(where, ManualClock(), lambda _sha256: in_library).local(wanted)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    if request.param == "folder":
        (tmp_path / "shared").mkdir()
        yield str(tmp_path / "shared")
        return
    with ObjectStore() as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        yield "s3://bucket/sources"


def test_a_host_that_does_not_see_the_path_reads_what_was_sent(place: str, tmp_path: Path) -> None:
    here, there = settings(tmp_path / "a", place), settings(tmp_path / "b", place)
    path = tmp_path / "paper.pdf"
    path.write_bytes(PDF)
    added = item(path)
    send(here, [new_source(path), new_source(path)])
    assert reached(there, added) == path, "it is seen, and is what was added"
    path.write_bytes(b"%PDF-1.7 another")
    assert reached(there, added).read_bytes() == PDF, "another content stands at that path there"
    path.unlink()
    assert reached(there, added).read_bytes() == PDF
    assert reached(there, SourceItem(str(path), "0" * 64)) == path, "it is nowhere: the stage says that it vanished"


def test_what_the_library_on_objects_holds_is_found_there_by_its_content(tmp_path: Path, monkeypatch) -> None:
    with ObjectStore(objects={"lit/a.pdf": PDF}) as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        path = tmp_path / "a.pdf"
        path.write_bytes(PDF)
        added = item(path)
        path.unlink()
        there = load(env={"HOME": str(tmp_path), "DL_LIT_LIBRARY": "s3://bucket/lit"}).settings
        assert reached(there, added, "a.pdf").read_bytes() == PDF
        assert there.library_folder.is_relative_to(tmp_path)


def test_a_place_that_takes_nothing_is_told_and_one_that_does_not_answer_puts_off(tmp_path: Path, monkeypatch) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(PDF)
    (tmp_path / "file").touch()
    with pytest.raises(DlLitError, match=r"shared\.sources"):
        send(settings(tmp_path, str(tmp_path / "file")), [new_source(path)])
    with ObjectStore() as store:
        for name, value in store.env.items():
            monkeypatch.setenv(name, value)
        wanted = item(path)
        path.unlink()
        store.faults.refuse = 403
        with pytest.raises(FetchError) as refused:
            reached(settings(tmp_path, "s3://bucket/sources"), wanted)
        assert not refused.value.costs_attempt


@pytest.mark.parametrize(
    "text", ["s3://KEY:SECRET@bucket/x", "s3://", "ftp://bucket/x", "s3://b/../x", "s3://bucket:9000/x"]
)
def test_an_address_that_will_not_do_is_refused_without_being_repeated(text: str, tmp_path: Path) -> None:
    with pytest.raises(DlLitError) as refused:
        settings(tmp_path, "shared", text)
    assert "library" in str(refused.value)
    assert "SECRET" not in str(refused.value)


def test_a_file_address_is_the_folder(tmp_path: Path) -> None:
    assert settings(tmp_path, "shared", "file:///srv/my%20library").library == Path("/srv/my library")
