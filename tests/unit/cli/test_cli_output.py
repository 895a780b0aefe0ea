"""`--output`: files are replaced whole, everything else is written through, and no input is lost."""

from __future__ import annotations

import os
import shutil
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from dl_lit.cli import cli
from dl_lit.cli.output import refuse_inputs, write_output
from dl_lit.core.errors import DlLitError

pytestmark = pytest.mark.no_database

SAMPLE = Path(__file__).parents[3] / "dl_lit" / "demo" / "samples" / "04-meta-analysis.pdf"


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def run(*arguments: object, color: bool = False) -> Result:
    return CliRunner().invoke(cli, list(map(str, arguments)), color=color)


def test_a_pipe_is_written_and_stays_a_pipe(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    got: list[str] = []
    reader = threading.Thread(target=lambda: got.append(pipe.read_text(encoding="utf-8")))
    reader.start()
    write_output(pipe, ["one\n", "two\n"])
    reader.join(10)
    assert got == ["one\ntwo\n"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert names(tmp_path) == ["pipe"]


def test_a_name_as_long_as_may_be_is_written(tmp_path: Path) -> None:
    """Names count in bytes: what is beside it meanwhile has to fit, too."""
    target = tmp_path / f"{'文' * 83}.pdf"
    write_output(target, ["a"])
    assert target.read_text() == "a"
    assert list(tmp_path.iterdir()) == [target]


def test_a_link_is_followed_and_the_mode_is_kept(tmp_path: Path) -> None:
    target, link = tmp_path / "deep" / "cited.bib", tmp_path / "link.bib"
    target.parent.mkdir()
    target.write_text("old", encoding="utf-8")
    target.chmod(0o600)
    link.symlink_to(target)
    write_output(link, ["new"])
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new"
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert names(target.parent) == ["cited.bib"]


def test_a_link_to_nothing_makes_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("made")
    write_output(tmp_path / "link", ["x"])
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "made").read_text(encoding="utf-8") == "x"


def test_what_fails_halfway_leaves_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "cited.bib"
    path.write_text("old", encoding="utf-8")

    def pieces() -> Iterator[str]:
        yield "half"
        raise DlLitError("no more")

    with pytest.raises(DlLitError, match="no more"):
        write_output(path, pieces())
    assert path.read_text(encoding="utf-8") == "old"
    assert names(tmp_path) == ["cited.bib"]


def test_a_folder_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(DlLitError, match=r"cannot write .*: No such file"):
        write_output(tmp_path / "none" / "file", ["x"])


@pytest.mark.parametrize("make", [os.symlink, os.link])
def test_an_output_that_is_an_input_is_refused(tmp_path: Path, make: object) -> None:
    paper, other = tmp_path / "self.pdf", tmp_path / "other.pdf"
    shutil.copy(SAMPLE, paper)
    make(paper, other)  # type: ignore[operator]
    for output in (paper, other):
        assert run("extract", paper, "--output", output).exit_code == 2
    assert paper.read_bytes() == SAMPLE.read_bytes()
    with pytest.raises(click.UsageError):
        refuse_inputs(paper, [SAMPLE, other])
    refuse_inputs(tmp_path / "new", [paper])


def test_a_dash_is_standard_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    printed = run("extract", SAMPLE, "--format", "bibtex", "--output", "-")
    assert printed.exit_code == 0
    assert "@" in printed.stdout
    assert names(tmp_path) == []


def test_text_in_a_file_has_no_terminal_codes(tmp_path: Path) -> None:
    assert run("extract", SAMPLE, "--output", tmp_path / "cited.txt", color=True).exit_code == 0
    assert "\x1b" not in (tmp_path / "cited.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("form", ["bibtex", "ris", "csl-json"])
def test_where_nothing_could_be_read_the_old_file_stays(tmp_path: Path, form: str) -> None:
    letter, cited = tmp_path / "letter.pdf", tmp_path / "cited"
    letter.write_text("Dear reader", encoding="utf-8")
    cited.write_text("old", encoding="utf-8")
    done = run("extract", letter, "--format", form, "--output", cited)
    assert done.exit_code == 3
    assert "is left as it was" in done.stderr
    assert cited.read_text(encoding="utf-8") == "old"


@pytest.mark.parametrize("name", ["extract", "compare", "process-pdf-concurrent"])
def test_what_cannot_be_a_pdf_is_told_before_anything_begins(tmp_path: Path, name: str) -> None:
    missing, folder, empty = run(name, tmp_path / "nope.pdf"), run(name, tmp_path), run(name, "")
    assert (missing.exit_code, folder.exit_code, empty.exit_code) == (2, 2, 2)
    assert "nope.pdf does not exist" in missing.stderr
    assert "process-folder-concurrent" in folder.stderr
    assert "the name is empty" in empty.stderr


def test_pages_beyond_the_last_are_told(tmp_path: Path) -> None:
    done = run("extract", SAMPLE, "--picture", tmp_path / "out", "--pages", "99")
    assert done.exit_code == 3
    assert "pages: there is no page 99 to draw" in done.stderr
