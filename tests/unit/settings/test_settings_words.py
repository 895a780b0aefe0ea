"""Whoever sets something wrong is told what would be right, in words; secrets are never repeated."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings import load
from dl_lit.settings.check import checked
from dl_lit.settings.leaves import Leaf, leaves


def refused(leaf: Leaf, value: object, *, as_text: bool = False) -> str:
    with pytest.raises(NeedsConfiguration) as raised:
        checked(leaf, value, "file x", folder=Path("/"), home=Path("/"), as_text=as_text)
    return str(raised.value)


def test_every_setting_says_what_it_may_be() -> None:
    """No library's words for types reach anybody."""
    for leaf in leaves().values():
        told = refused(leaf, {"hush": object}, as_text=False)
        assert not {"Expected", "`", "Invalid", "msgspec"} & set(told.replace("`", " ` ").split()), leaf.name
        assert "write " in told, leaf.name
        assert ("hush" in told) == (not leaf.is_secret and not leaf.is_resolvers), leaf.name


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("workers.download", "0", "'0' will not do: write a whole number from 1 to 256"),
        ("workers.download", "many", "'many' will not do: write a whole number from 1 to 256"),
        ("download.timeout_s", "0", "'0' will not do: write a number from 0.001 to 86,400"),
        ("http.rate_limit_buffer", "2", "'2' will not do: write a number above 0, 1 at most"),
        ("log.level", "loud", "'loud' will not do: write one of debug, info, warning, error"),
        ("watch.observe", "x" * 99, f"'{'x' * 59}... will not do: write one of auto, events, polling"),
        ("offline", "perhaps", "'perhaps' will not do: write true or false"),
        ("llm.tier", "9", "'9' will not do: write one of free, 1, 2"),
        ("services.crossref.concurrency", "0", "'0' will not do: write a whole number from 1 to 256"),
        ("notify.on", "foo", "'foo' is no occasion; the occasions are batch, trouble, recovery"),
        ("notify.command", "unclosed '", "is no command as a shell reads it: No closing quotation"),
        ("notify.command", " ", "names no program"),
        ("serve.address", "127.0.0.1:99999", "'127.0.0.1:99999' is no address: unix, unix:/path"),
        ("serve.address", "300.1.1.1:99", "'300.1.1.1:99' is no address"),
        ("watch.ignore", "a\x07b", "'a\\x07b' is empty or has control characters"),
        ("serve.hosts", "bücher.example", "visible ASCII"),
    ],
)
def test_what_is_permitted_is_said(name: str, value: str, says: str) -> None:
    assert says in refused(leaves()[name], value, as_text=True)


@pytest.mark.parametrize(
    ("name", "value", "form"),
    [
        ("services.core.key", "hush hush", "visible ASCII characters without blanks"),
        ("llm.key", "hush\x07", "visible ASCII characters without blanks"),
        ("serve.token", "hüsh", "visible ASCII characters without blanks"),
        ("notify.url", "hush", "an http or https address without user name"),
        ("metrics.otlp_header", "hush", "NAME: VALUE"),
        ("access.proxy_cookie", "hush\x07", "single blanks between"),
    ],
)
def test_the_form_of_a_secret_is_said_and_not_its_value(name: str, value: str, form: str) -> None:
    told = refused(leaves()[name], value, as_text=True)
    assert f"not of the right kind: write {form}" in told or form in told
    assert "h" + value[1:] not in told


def test_names_of_files_may_be_in_any_script_and_have_blanks(tmp_path: Path) -> None:
    """Unlike what goes into headers of requests."""
    file = tmp_path / "c.toml"
    text = '[watch]\nignore = ["entwürfe/*", "my drafts/*", "草稿*.pdf"]\n[serve]\nfolders = ["~/Bücher neu", "in"]'
    file.write_text(text, encoding="utf-8")
    settings = load(config=file, env={"HOME": "/home/ada"}).settings
    assert settings.watch.ignore == ("entwürfe/*", "my drafts/*", "草稿*.pdf")
    assert settings.serve.folders == ("/home/ada/Bücher neu", f"{tmp_path}/in")


def test_a_good_value_of_each_new_check_is_taken() -> None:
    env: dict[str, Any] = {
        "DL_LIT_NOTIFY_ON": "batch,recovery",
        "DL_LIT_NOTIFY_COMMAND": "notify-send 'dl lit'",
        "DL_LIT_SERVE_ADDRESS": "[::1]:8765",
    }
    settings = load(env=env).settings
    assert settings.notify.on == ("batch", "recovery")
    assert settings.serve.address == "[::1]:8765"


def test_a_webhook_may_have_its_key_in_the_query_and_no_other_address_may(tmp_path: Path) -> None:
    file = tmp_path / "c.toml"
    file.write_text('[notify]\nurl = "https://chat.example/v1/hooks?key=k&token=t"\n')
    assert (
        load(config=file, env={"HOME": "/home/ada"}).settings.notify.url
        == "https://chat.example/v1/hooks?key=k&token=t"
    )
    assert "no query" in refused(leaves()["services.crossref.url"], "https://api.example/?a=b", as_text=True)
