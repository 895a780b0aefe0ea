"""The settings of live Zotero: which addresses and libraries will do, and that its key is a secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings import load, shown


@pytest.mark.parametrize(
    "address",
    [
        "http://192.168.1.5:23119",
        "https://127.0.0.1:23119",
        "http://127.0.0.1.example.org:23119",
        "http://zotero.local:23119",
        "http://127.0.0.1:23119/api",
        "http://user@127.0.0.1:23119",
    ],
)
def test_the_program_here_is_asked_on_this_machine_alone(address: str) -> None:
    with pytest.raises(NeedsConfiguration, match=r"zotero\.local_url"):
        load(env={"DL_LIT_ZOTERO_LOCAL_URL": address})


@pytest.mark.parametrize("address", ["http://localhost:23119", "http://[::1]:4000", "http://127.0.0.2:1/"])
def test_this_machine_has_several_names(address: str) -> None:
    assert load(env={"DL_LIT_ZOTERO_LOCAL_URL": address}).settings.zotero.local_url == address


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIBRARY", "group"),
        ("LIBRARY", "group:x"),
        ("COLLECTION", "x\ty"),
        ("TAG_PREFIX", " x"),
        ("VIA", "both"),
        ("URL", "http://api.zotero.org"),
    ],
)
def test_what_will_not_do_is_named(name: str, value: str) -> None:
    with pytest.raises(NeedsConfiguration, match=f"zotero.{name.lower()}"):
        load(env={f"DL_LIT_ZOTERO_{name}": value})


def test_the_key_may_be_a_credential_and_is_never_shown(tmp_path: Path) -> None:
    (tmp_path / "zotero_key").write_text("very-secret-key\n")
    loaded = load(env={"CREDENTIALS_DIRECTORY": str(tmp_path), "HOME": str(tmp_path)})
    assert loaded.settings.zotero.key == "very-secret-key"
    assert loaded.settings.zotero.secrets == ("very-secret-key",)
    assert "very-secret-key" not in repr(loaded.settings) + repr(shown(loaded))
