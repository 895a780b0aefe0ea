"""The proof on hostile text, in short: every attack through every output, and it comes out as text."""

from __future__ import annotations

from pathlib import Path

import pytest
from proofs.text import files
from proofs.text.attacks import ATTACKS, Attack, acting, plain
from proofs.text.proof import proven
from proofs.text.readers import Page, journal_fields, on_terminal, samples


def test_every_attack_comes_out_of_every_output_as_text(tmp_path: Path) -> None:
    """Every eighth out of the whole program, too: `scripts/prove text` sends them all."""
    report = proven(5, 1, tmp_path, step=8)
    assert report["failures"] == []
    assert report["lost"] == report["doubled"] == report["untyped"] == 0
    assert {"file names", "BibTeX", "RIS", "CSV", "missing, HTML", "log files", "commands"} <= set(report["outputs"])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    "shown", [b"\x1b[2J", b"\xc2\x9b2J", b"a\rb", b"x\nFORGED line", b"\xff", "\u202ex".encode(), b"\x1b]0;t\x07"]
)
def test_the_terminals_reader_sees_what_a_terminal_would_do(shown: bytes) -> None:
    assert on_terminal(shown) is not None


def test_the_readers_mind_what_breaks_out() -> None:
    """A proof whose readers saw nothing would prove nothing."""
    assert on_terminal(b"\x1b[1mbold\x1b[0m\n") is None
    assert samples('x{a="b"} 1\nx{a="b"c"} 1\n') == ([("x", {"a": "b"})], ['x{a="b"c"} 1'])
    page = Page('<p>a</p><a href="javascript:x">b</a><img src=x onerror=y>')
    assert page.strange_links == ["javascript:x"]
    assert "img onerror src" in page.elements
    assert journal_fields(b"A=1\nB\n\x03\x00\x00\x00\x00\x00\x00\x00x\ny\n") == [("A", b"1"), ("B", b"x\ny")]
    assert acting("a\x1b\u202e\ud800\n") == ["U+001B", "U+202E", "U+D800"]
    assert plain(ATTACKS["bidi"]) == "abcgnp.exe x y z"


def test_a_text_that_is_cut_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "record_of", lambda _text: RECORD)
    found = {name for name in ("RIS", "CSV", "CSL-JSON", "JSON lines") if list(files.CHECKS[name](Attack("x", "y")))}
    assert found == {"RIS", "CSV", "CSL-JSON", "JSON lines"}


RECORD = files.record_of("something else")
