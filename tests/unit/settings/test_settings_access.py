"""The user's own rights: off by default, checked at the start, secrets from credentials and never shown."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.model import HostType, Version
from dl_lit.core.services import BY_NAME, Window
from dl_lit.settings import Loaded, load, shown
from dl_lit.settings.access import SECRETS
from dl_lit.settings.leaves import leaves

RESOLVER = """
[[access.resolvers]]
name = "oa-button"
url = "https://api.oa.test/find?id={doi}"
path = "data.url"
"""


def loaded(tmp_path: Path, text: str = "", **env: str) -> Loaded:
    file = tmp_path / "config.toml"
    file.write_text(text)
    return load(config=file, env={"HOME": str(tmp_path), **env})


def test_all_of_it_is_off(tmp_path: Path) -> None:
    """Without a word nothing goes anywhere but to open copies."""
    settings = loaded(tmp_path).settings
    access = settings.access
    assert (access.proxy, access.resolvers, dict(access.keys), access.secrets) == (None, (), {}, ())
    assert not settings.services["openalex_content"].available
    assert not settings.services["core"].available
    assert set(settings.services) == set(BY_NAME)


def test_keys_go_to_their_hosts_alone(tmp_path: Path) -> None:
    text = '[access]\nproxy = "https://login.proxy.uni.edu/login?url={url}"\n'
    settings = loaded(
        tmp_path,
        text,
        DL_LIT_ACCESS_ELSEVIER_KEY="e-key",
        DL_LIT_ACCESS_ELSEVIER_INSTTOKEN="e-token",
        DL_LIT_ACCESS_WILEY_TOKEN="w-token",
        DL_LIT_ACCESS_PROXY_COOKIE="ezproxy=abc; ezproxyl=def",
    ).settings
    access = settings.access
    assert access.keys == {
        "api.elsevier.com": {"X-ELS-APIKey": "e-key", "X-ELS-Insttoken": "e-token"},
        "api.wiley.com": {"Wiley-TDM-Client-Token": "w-token"},
        "proxy.uni.edu": {"Cookie": "ezproxy=abc; ezproxyl=def"},
    }
    assert all(secret not in repr(settings) for secret in access.secrets)
    wiley = settings.services["wiley_tdm"]
    assert (wiley.service.base_url, wiley.lane.windows[1]) == ("https://api.wiley.com", Window(60, 600.0))
    assert settings.services["elsevier_tdm"].available


def test_credentials_give_the_secrets_and_nobody_sees_them(tmp_path: Path) -> None:
    """Systemd's `LoadCredential=wiley_token:...`; `dl-lit config` says that it is set, and where."""
    folder = tmp_path / "credentials"
    folder.mkdir()
    names = {name: leaves()[name].credential for name in SECRETS}
    for credential in names.values():
        address = {"url": "https://hooks.test/", "header": "X-Key: "}.get(credential.rpartition("_")[2], "")
        (folder / credential).write_text(f"{address}secret-{credential}\n")
    (folder / "core_key").write_text("secret-core")
    found = loaded(tmp_path, CREDENTIALS_DIRECTORY=str(folder))
    assert found.settings.access.wiley_token == "secret-wiley_token"
    assert found.settings.services["core"].available
    lines = {line.name: line for line in shown(found)}
    for name, credential in names.items():
        assert (lines[name].value, lines[name].origin) == ("(set)", f"credential {credential}")


def test_a_resolver_is_asked_like_a_service(tmp_path: Path) -> None:
    text = RESOLVER + 'host_type = "repository"\nversion = "accepted"\ntypes = ["book"]\nrate = "1/5"\nis_pdf = false\n'
    found = loaded(tmp_path, text)
    (one,) = found.settings.access.resolvers
    assert (one.host_type, one.version, one.types, one.is_pdf) == (
        HostType.REPOSITORY,
        Version.ACCEPTED,
        ("book",),
        False,
    )
    service = found.settings.services["resolver-oa-button"]
    assert (service.service.base_url, service.lane.windows[0].seconds, service.available) == (
        "https://api.oa.test",
        5.0,
        True,
    )
    assert next(line.value for line in shown(found) if line.name == "access.resolvers") == [one.url]


def test_the_environment_writes_resolvers_as_json(tmp_path: Path) -> None:
    written = '[{"name": "a", "url": "https://a.test/{isbn}", "mode": "html", "selector": "a.pdf"}]'
    (one,) = loaded(tmp_path, DL_LIT_ACCESS_RESOLVERS=written).settings.access.resolvers
    assert (one.mode, one.selector, one.attribute) == ("html", "a.pdf", "href")


def test_openalex_content_takes_openalex_key_and_has_to_be_wished_for(tmp_path: Path) -> None:
    env = {"DL_LIT_OPENALEX_KEY": "k"}
    assert loaded(tmp_path, **env).settings.services["openalex_content"].missing == ("access.openalex_content",)
    allowed = loaded(tmp_path, "[access]\nopenalex_content = true\n", **env).settings.services["openalex_content"]
    assert (allowed.available, allowed.key) == (True, "k")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('[access]\nproxy = "https://proxy.uni.edu/login"', "names nothing in braces"),
        ('[access]\nproxy = "https://proxy.uni.edu/{path}"', "every address would become the same one"),
        ('[access]\nproxy = "https://{host}/{path}"', "proxy's own host"),
        ('[access]\nproxy = "proxy.uni.edu/{url}"', "no http or https address"),
        ('[access]\nopenurl = "resolver.uni.edu"', "no address of a resolver"),
        ('[access]\nelsevier_url = "api.elsevier.com"', "no http or https address"),
        ('[access]\nwiley_token = "two\\nlines"', "access.wiley_token .* not of the right kind"),
        ('[access]\nwiley = "x"', "is no setting"),
        ('[access]\nresolvers = "x"', "write up to"),
        ("[access]\nresolvers = [1]", "resolver 1 is no table"),
        ('[[access.resolvers]]\nname = "A B"', "resolver 1: its name"),
        (RESOLVER + "class = 1", "resolver oa-button: 'class' is no field"),
        (RESOLVER.replace("{doi}", "{DOI}"), "resolver oa-button: {DOI} in"),
        (RESOLVER.replace("data.url", "data..url"), "is no path"),
        (RESOLVER + 'doi = "a..b"', "is no path"),
        (RESOLVER + 'selector = "a"', "mode json takes a path"),
        (RESOLVER + 'mode = "xml"', "neither json nor html"),
        (RESOLVER + "url2 = 1", "no field"),
        (RESOLVER.replace('"data.url"', "3"), "path must be a text"),
        (RESOLVER + 'version = "final"', "version 'final' is none of published, accepted, submitted"),
        (RESOLVER + "host_type = 3", "host_type 3 is none of"),
        (RESOLVER + 'types = ["paper"]', "types must be a list of"),
        (RESOLVER + 'is_pdf = "yes"', "is_pdf must be true or false"),
        (RESOLVER + 'rate = "often"', "is no rate"),
        (RESOLVER.replace('path = "data.url"', 'mode = "html"\nselector = "a["'), "is no CSS selector"),
        (RESOLVER.replace('path = "data.url"', 'mode = "html"'), "mode html takes a selector"),
        (RESOLVER.replace('path = "data.url"', 'mode = "html"\nselector = "a"\nattribute = "a b"'), "no attribute"),
        (RESOLVER + RESOLVER, "two resolvers have the same name"),
    ],
)
def test_what_is_wrong_is_told_at_the_start_in_one_line(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(NeedsConfiguration, match=says) as raised:
        loaded(tmp_path, text)
    assert "\n" not in str(raised.value)
    assert "two" not in str(raised.value) or "resolvers" in str(raised.value)  # no part of a secret


def test_wrong_json_in_the_environment_is_told(tmp_path: Path) -> None:
    with pytest.raises(NeedsConfiguration, match="no JSON list of resolvers"):
        loaded(tmp_path, DL_LIT_ACCESS_RESOLVERS="[{")
