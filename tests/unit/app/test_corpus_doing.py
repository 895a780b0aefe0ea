"""What a node says of orders that it cannot do."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit import __version__
from dl_lit.app.corpus.doing import do
from dl_lit.app.corpus.orders import Kind, Order, Refusal, Report, decode_report, encode
from dl_lit.app.corpus.output import RUN
from dl_lit.app.corpus.places import Folder
from dl_lit.app.corpus.reader_identity import models_digest

pytest.importorskip("pyarrow")


def done(target: Path, **changed: object) -> Report:
    plain = {"dl_lit": __version__, "models": models_digest(), "run": "mine", "kind": Kind.READ, "part": "0"}
    order = Order(**{**plain, "source": str(target), "target": str(target), **changed})  # type: ignore[arg-type]
    return decode_report(do(encode(order)))


@pytest.fixture
def output(tmp_path: Path) -> Path:
    Folder(tmp_path / "out").write(RUN, b'{"run": "mine"}')
    return tmp_path / "out"


def test_another_version_says_so_whatever_else_is_in_the_order() -> None:
    report = decode_report(do(b'{"dl_lit": "99.0", "what": "is this"}'))
    assert report.refusal is Refusal.OTHER_VERSION
    assert "this is a task of 99.0" in report.said


def test_a_node_says_what_it_does_not_see(output: Path, tmp_path: Path) -> None:
    said = {
        done(output, models="others").refusal: Refusal.OTHER_VERSION,
        done(tmp_path / "elsewhere").refusal: Refusal.NO_OUTPUT,
        done(output, run="dead").refusal: Refusal.TAKEN_OVER,
        done(output, kind=Kind.MATCH, index=str(tmp_path / "none.db")).refusal: Refusal.NO_INDEX,
    }
    assert all(got is wanted for got, wanted in said.items())
    assert len(said) == 4
    assert not (output / "documents").exists()
