"""The bill of materials holds what the lock installs, and the same lock gives the same bytes."""

from __future__ import annotations

import json
import os
import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from supply.__main__ import main
from supply.bill import make_bill, purl, render
from supply.locks import ROOT, Pin, read_lock

PINS = (Pin("one", "1.0", ("a" * 64, "b" * 64), ("dl-lit", "two")), Pin("two", "2.0+cpu", ("c" * 64,), ("dl-lit",)))
LICENCES = {"one": "MIT", "two": "MIT OR Apache-2.0"}


def bill(pins: tuple[Pin, ...] = PINS, lock_bytes: bytes = b"lock") -> dict[str, Any]:
    return make_bill(pins, LICENCES, lock="some.lock", lock_bytes=lock_bytes, version="0.1", own_licence="Apache-2.0")


def written(*arguments: str) -> str:
    done = CliRunner().invoke(main, ["sbom", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize(("options", "lock"), [((), "requirements.lock"), (("--ocr",), "requirements-ocr.lock")])
def test_the_bill_holds_every_pin_with_version_hashes_licence_and_purl(options: tuple[str, ...], lock: str) -> None:
    made = json.loads(written(*options))
    pins = read_lock(lock)
    assert [(one["name"], one["version"], one["purl"]) for one in made["components"]] == [
        (pin.name, pin.version, f"pkg:pypi/{pin.name}@{pin.version}") for pin in pins
    ]
    for one, pin in zip(made["components"], pins, strict=True):
        assert [hashed["content"] for hashed in one["hashes"]] == list(pin.hashes)
        assert len(one["licenses"]) == 1


def test_the_bill_names_no_host_no_folder_and_no_time() -> None:
    text = written()
    assert re.findall(r"\w+://[^\s\"]*", text) == ["http://cyclonedx.org/schema/bom-1.6.schema.json"]
    assert str(ROOT) not in text
    assert "timestamp" not in text


def test_the_same_lock_gives_the_same_bytes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wherever it is made: in another folder, time zone and order of the hash function."""
    first = written()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(os.environ, "TZ", "Pacific/Auckland")
    written("--output", str(tmp_path / "bill.json"))
    assert (tmp_path / "bill.json").read_text(encoding="utf-8") == first


def test_another_lock_gets_another_serial_number() -> None:
    serial = bill()["serialNumber"]
    assert serial == bill()["serialNumber"]
    assert uuid.UUID(serial).version == 5
    assert len({serial, bill(PINS[1:])["serialNumber"], bill(lock_bytes=b"other")["serialNumber"]}) == 3


def test_the_graph_says_who_needs_what() -> None:
    made = bill()
    assert made["dependencies"] == [
        {"ref": "pkg:generic/dl-lit@0.1", "dependsOn": ["pkg:pypi/one@1.0", "pkg:pypi/two@2.0%2Bcpu"]},
        {"ref": "pkg:pypi/one@1.0", "dependsOn": []},
        {"ref": "pkg:pypi/two@2.0%2Bcpu", "dependsOn": ["pkg:pypi/one@1.0"]},
    ]
    refs = {one["bom-ref"] for one in made["components"]} | {made["metadata"]["component"]["bom-ref"]}
    assert {one["ref"] for one in made["dependencies"]} == refs


def test_one_licence_is_an_identifier_and_several_are_an_expression() -> None:
    assert [one["licenses"] for one in bill()["components"]] == [
        [{"license": {"id": "MIT"}}],
        [{"expression": "MIT OR Apache-2.0"}],
    ]


def test_a_bill_is_read_back_as_it_was_made() -> None:
    assert json.loads(render(bill())) == bill()
    assert render(bill()).endswith("}\n")


def test_a_purl_keeps_local_versions_apart() -> None:
    assert purl("two", "2.0+cpu") == "pkg:pypi/two@2.0%2Bcpu"
