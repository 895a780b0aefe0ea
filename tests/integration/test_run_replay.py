"""A run that was packed comes out the same without the web it was made in; what its bundle lacks is told."""

from __future__ import annotations

import gzip
import json
import shutil
import sqlite3
import zipfile
import zlib
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from db.exchanges import ExchangeFile, KeptExchanges
from dl_lit.app.outcome.bundling import EXCHANGES, MANIFEST, bundle_run
from dl_lit.app.outcome.replaying import Replayed, replay
from dl_lit.app.run import run_once
from dl_lit.app.wire import KeepingWire, exchanges_folder
from dl_lit.app.workshop import Workshop
from dl_lit.core.errors import BadInput
from dl_lit.core.exchanges import Exchange
from dl_lit.core.reasons import Reason
from dl_lit.demo.assets import sample_pdfs, universe_path
from dl_lit.demo.pace import quick_motion
from dl_lit.net.failures import reason_of
from dl_lit.net.guard import NameNotResolved
from dl_lit.net.recording import RecordingTransport, ReplayTransport
from dl_lit.replica import Replica, Universe
from dl_lit.settings import Settings, load
from dl_lit.settings.show import differing

SECRETS = ("a-key-for-openalex", "me@library.test")


class NeverStop:
    def should_stop(self) -> bool:
        return False

    def should_hurry(self) -> bool:
        return False


@dataclass
class Ran:
    """A run against a replica that is gone, and its bundle."""

    settings: Settings
    bundle: Path
    folder: Path

    def again(self, bundle: Path | None = None) -> Replayed:
        folder = self.folder / "again"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        return replay(bundle or self.bundle, folder, None, NeverStop(), sequential=False)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ran:
    folder = tmp_path_factory.mktemp("run")
    paper = Path(shutil.copy(sorted(sample_pdfs())[4], folder / "paper.pdf"))
    with Replica(Universe.load(universe_path()), seed=1, time_scale=50.0, enforce_limits=False) as replica:
        env = {
            "HOME": str(folder),
            "DL_LIT_DB": str(folder / "dl-lit.db"),
            "DL_LIT_LIBRARY": str(folder / "library"),
            "DL_LIT_STATE_FOLDER": str(folder / "state"),
            "DL_LIT_OPENALEX_KEY": SECRETS[0],
            "DL_LIT_CONTACT_EMAIL": SECRETS[1],
            **quick_motion(50.0),
            **replica.env(),
        }
        loaded = load(env=env)
        wire = KeepingWire(loaded.settings)
        with Workshop(loaded.settings, "process-pdf-concurrent", set_by_people=differing(loaded), wire=wire) as shop:
            run_once(shop, [paper], NeverStop())
    bundle = folder / "run.zip"
    told = bundle_run(loaded.settings, 1, bundle, with_pdfs=True)
    assert (told["sources"], told["is_whole"]) == (1, True)
    assert told["entries"] > 10
    assert told["copied"] > 3
    return Ran(loaded.settings, bundle, folder)


def test_it_comes_out_the_same_without_any_network(ran: Ran) -> None:
    done = ran.again()
    assert done.differences == ()
    assert done.notes == ()
    assert done.equal > 10
    with zipfile.ZipFile(ran.bundle) as parts:
        outcome = json.loads(parts.read(MANIFEST))["outcome"]
    assert sum("sha256" in one for one in outcome.values()) > 3, "files are compared, too"


def test_a_bundle_without_some_answers_says_so(ran: Ran) -> None:
    less = ran.folder / "less.zip"
    changed = ran.folder / "changed.db"
    with zipfile.ZipFile(ran.bundle) as whole, zipfile.ZipFile(less, "w") as parts:
        changed.write_bytes(whole.read(EXCHANGES))
        with closing(sqlite3.connect(changed)) as connection:
            (request,) = connection.execute(
                "SELECT e.request FROM exchanges AS e JOIN bodies AS b ON b.sha256 = e.sha256 "
                "WHERE b.packed IS NULL AND status = 200 ORDER BY e.id LIMIT 1"
            ).fetchone()
            connection.execute("DELETE FROM exchanges WHERE request = ?", (request,))
            connection.commit()
        for name in whole.namelist():
            parts.writestr(name, changed.read_bytes() if name == EXCHANGES else whole.read(name))
    done = ran.again(less)
    assert request in done.missing


def test_no_key_and_no_contact_address_is_in_it(ran: Ran) -> None:
    unpacked = ran.folder / "unpacked.db"
    with zipfile.ZipFile(ran.bundle) as parts:
        kept = [parts.read(name) for name in (MANIFEST, EXCHANGES)]
    unpacked.write_bytes(kept[1])
    with closing(sqlite3.connect(unpacked)) as connection:
        packed = connection.execute("SELECT packed FROM bodies WHERE packed IS NOT NULL").fetchall()
        (asked,) = connection.execute("SELECT count(*) FROM exchanges WHERE request LIKE '%/works%'").fetchone()
    assert len(packed) > 10
    assert asked, "who is told the contact address"
    for secret in SECRETS:
        assert not any(secret.encode() in one for one in (*kept, *(zlib.decompress(body) for (body,) in packed)))


def test_a_secret_that_an_answer_repeats_is_hidden_and_a_broken_connection_breaks_again() -> None:
    """The one packed, in words and in an address; the other for the same reason."""
    kept: dict[str, Exchange] = {}

    class Book:
        def note(self, exchange: Exchange) -> None:
            kept[exchange.request] = exchange

        def know(self, known: object) -> None:
            pass

        def answer(self, request: str) -> Exchange | None:
            return kept.get(request)

    def web(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/lost":
            raise httpx.ConnectError("no such host") from NameNotResolved("no such host")
        head = {"content-encoding": "gzip", "location": f"https://x.test/?mailto={SECRETS[1]}&a=1"}
        body = httpx.ByteStream(gzip.compress(f"hello {SECRETS[1]}".encode()))
        return httpx.Response(302, headers=head, stream=body)

    missing: list[str] = []
    url = f"https://x.test/a?mailto={SECRETS[1]}&q=1"
    with httpx.Client(transport=RecordingTransport(httpx.MockTransport(web), Book(), SECRETS)) as client:
        client.get(url)
        with pytest.raises(httpx.ConnectError):
            client.get("https://x.test/lost")
    with httpx.Client(transport=ReplayTransport(Book(), missing.append)) as client:
        again = client.get("https://x.test/a?q=1")
        assert (again.status_code, again.text) == (302, f"hello {'*' * len(SECRETS[1])}")
        assert again.headers["location"] == "https://x.test/?a=1"
        with pytest.raises(httpx.ConnectError) as lost:
            client.get("https://x.test/lost")
        assert reason_of(lost.value) is Reason.DNS_ERROR
        with pytest.raises(httpx.ConnectError) as never:
            client.get("https://x.test/never")
        assert reason_of(never.value) is Reason.OFFLINE
    assert [one.split()[1] for one in missing] == ["https://x.test/never"]


def test_what_cannot_be_packed_or_replayed_is_said(ran: Ran, tmp_path: Path) -> None:
    with pytest.raises(BadInput):
        bundle_run(ran.settings, 9, tmp_path / "x.zip", with_pdfs=False)
    (tmp_path / "x.zip").write_bytes(b"no bundle")
    with pytest.raises(BadInput, match="no bundle of a run"):
        ran.again(tmp_path / "x.zip")
    kept = exchanges_folder(ran.settings.state_folder, ran.settings.database) / "1.db"
    kept.rename(tmp_path / "1.db")
    with pytest.raises(BadInput, match="no answers of run 1 were kept"):
        bundle_run(ran.settings, 1, tmp_path / "y.zip", with_pdfs=False)
    (tmp_path / "1.db").rename(kept)


def remade(ran: Ran, bundle: Path, **changed: object) -> Path:
    """The bundle with something else said in its manifest."""
    with zipfile.ZipFile(ran.bundle) as whole, zipfile.ZipFile(bundle, "w", zipfile.ZIP_DEFLATED) as parts:
        parts.writestr(MANIFEST, json.dumps({**json.loads(whole.read(MANIFEST)), **changed}))
        parts.writestr(EXCHANGES, whole.read(EXCHANGES))
    return bundle


def test_a_bundle_by_somebody_else_does_no_harm(ran: Ran, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused where it says what none says, names what never ends, or would not fit."""
    with pytest.raises(BadInput, match="no bundle of a run: sources"):
        ran.again(remade(ran, tmp_path / "said.zip", sources="none"))
    endless = {"kind": "pdf", "level": 0, "sha256": "a" * 64, "path": "/dev/zero"}
    with pytest.raises(BadInput, match="/dev/zero"):
        ran.again(remade(ran, tmp_path / "endless.zip", sources=[endless], files={"a" * 64: "/dev/zero"}))
    monkeypatch.setattr("dl_lit.app.outcome.replaying.MOST_MANIFEST_BYTES", 1_000)
    with pytest.raises(BadInput, match="too large"):
        ran.again(remade(ran, tmp_path / "large.zip", notes="x" * 1_000))


def test_a_body_that_is_none_is_not_given(tmp_path: Path) -> None:
    file = ExchangeFile(tmp_path / "one.db", max_bytes=1_000)
    file.note(Exchange(request="GET a", status=200, body=b"said"))
    file.close()
    with closing(sqlite3.connect(tmp_path / "one.db")) as connection:
        connection.execute("UPDATE bodies SET packed = x'00'")
        connection.commit()
    kept = KeptExchanges(tmp_path / "one.db", {})
    try:
        assert kept.answer("GET a") is None
    finally:
        kept.close()


def test_what_a_key_opened_leaves_no_cookie_and_no_secret_as_addresses_write_it() -> None:
    kept: list[Exchange] = []

    class Book:
        note = staticmethod(kept.append)

        def know(self, known: object) -> None:
            pass

    def web(request: httpx.Request) -> httpx.Response:
        head = {"set-cookie": "session=secret", "location": "https://x.test/me%40library.test"}
        return httpx.Response(302, headers=head, stream=httpx.ByteStream(b"next=me%40library.test me@library.test"))

    with httpx.Client(transport=RecordingTransport(httpx.MockTransport(web), Book(), SECRETS)) as client:
        client.get("https://x.test/me%40library.test", headers={"X-ELS-APIKey": SECRETS[0]})
    (one,) = kept
    assert "set-cookie" not in dict(one.headers)
    assert not any("library.test" in said for said in (one.request, str(one.headers), one.body.decode()))
