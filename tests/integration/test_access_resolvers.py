"""A resolver of the user's own, from the settings file to the locations it names, through the real client."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

from dl_lit.app.locating import locating, rights
from dl_lit.app.network import Network
from dl_lit.core.clock import SystemClock
from dl_lit.core.model import Location, Version, Work
from dl_lit.core.services import SERVICES
from dl_lit.core.trail import Reply
from dl_lit.net.credentials import HostCredentials, headers_for
from dl_lit.net.file_services import file_services
from dl_lit.settings import load
from stages.access import publisher_tdm
from stages.locators.preference import Preference
from tests.fakes.loopback_server import LoopbackServer, Seen
from tests.fakes.loopback_server import Reply as Answer

WORK = Work(title="Tides", doi="10.5555/tides.1")
TRIED = Location(url="https://repo.test/1.pdf", found_by="openalex")


def test_resolvers_are_asked_after_all_others_and_only_then(tmp_path: Path) -> None:
    """One answers JSON and one HTML; the page that lets nobody through is no answer, and no cause to stop."""
    pages: dict[str, Callable[[Seen], Answer] | Answer] = {
        "/find": Answer(200, headers={"Content-Type": "application/json"}, body=b'{"best": {"pdf": "/files/1.pdf"}}'),
        "/page": Answer(200, headers={"Content-Type": "text/html"}, body=b"<html><a class=pdf href=/files/2.pdf>PDF"),
        "/wall": Answer(200, headers={"Content-Type": "text/html"}, body=b"<html><title>Just a moment...</title>"),
    }
    with LoopbackServer(pages) as server:
        file = tmp_path / "config.toml"
        file.write_text(
            "\n".join(
                [
                    *(f"[services.{one.name}]\nenabled = false" for one in SERVICES),
                    f'[[access.resolvers]]\nname = "a"\nurl = "{server.url("/find")}?id={{doi}}"\npath = "best.pdf"',
                    f'[[access.resolvers]]\nname = "b"\nurl = "{server.url("/page")}?id={{doi}}"\nmode = "html"',
                    'selector = "a.pdf"\nversion = "accepted"',
                    f'[[access.resolvers]]\nname = "c"\nurl = "{server.url("/wall")}?id={{doi}}"\nmode = "html"',
                    'selector = "a"',
                ]
            )
        )
        folders = {name: str(tmp_path / name) for name in ("STATE_FOLDER", "CACHE_FOLDER", "DB", "LIBRARY")}
        env = {"HOME": str(tmp_path), **{f"DL_LIT_{name}": path for name, path in folders.items()}}
        settings = load(config=file, env=env).settings
        clock = SystemClock()
        with Network(settings, clock=clock, chance=random.Random(1)) as network:
            copies = locating(settings, network.calls, Preference(), clock)
            assert copies.first(WORK).locations == ()
            told = copies.further(WORK, (TRIED,))
        assert [(one.url, one.version, one.found_by) for one in told.locations] == [
            (server.url("/files/1.pdf"), None, "resolver-a"),
            (server.url("/files/2.pdf"), Version.ACCEPTED, "resolver-b"),
        ]
        own = {one.service: one.reply for one in told.asked if one.how == "own-rights"}
        assert own == {"resolver-a": Reply.FOUND, "resolver-b": Reply.FOUND, "resolver-c": Reply.FAILED}
        assert [error.service for error in told.errors] == ["resolver-c"]
        assert len(server.seen) == 3


def test_interfaces_of_publishers_are_services_with_files_of_their_own(tmp_path: Path) -> None:
    """Wiley's sixty files in ten minutes are kept: the addresses that its key is for go through its gate."""
    folders = {name: str(tmp_path / name) for name in ("STATE_FOLDER", "CACHE_FOLDER", "DB", "LIBRARY")}
    env = {"HOME": str(tmp_path), **{f"DL_LIT_{name}": path for name, path in folders.items()}}
    settings = load(env={**env, "DL_LIT_ACCESS_WILEY_TOKEN": "a-token"}).settings
    work = Work(title="Tides", doi="10.1002/tide.1")
    clock = SystemClock()
    with Network(settings, clock=clock, chance=random.Random(1)) as network:
        (place,) = publisher_tdm.locate(work, rights(settings))
        services = [one.service for one in settings.services.values()]
        (wiley,) = (one for one in file_services(services, network.politeness, is_polite=True) if one.serves(place.url))
    assert (wiley.service.name, wiley.policy.gap_s) == ("wiley_tdm", 10.0)
    assert headers_for(place.url, [HostCredentials(host, keys) for host, keys in settings.access.keys.items()]) == {
        "Wiley-TDM-Client-Token": "a-token"
    }
