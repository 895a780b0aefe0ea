"""Other settings while the pipeline is at work: they hold at once, and nothing is lost or counted twice."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from db.connect import connect
from db.intake import add_sources
from dl_lit.app.intake.inbox import new_sources
from dl_lit.app.reloading import NEEDS_RESTART, Reloading, needs_restart
from dl_lit.app.workshop import Workshop
from dl_lit.core.conditions import Ailment
from dl_lit.core.model import StageName
from dl_lit.demo.pace import quick_motion
from dl_lit.settings import Loaded, load
from dl_lit.settings.leaves import leaves
from tests.fakes.databases import rows
from tests.fakes.program import ROOT, replica_of, write_papers


class House:
    """A settings file and what else decides settings."""

    def __init__(self, folder: Path, **env: str) -> None:
        self.folder = folder
        self.env = {
            "HOME": str(folder),
            "XDG_CONFIG_HOME": str(folder / "config"),
            "XDG_DATA_HOME": str(folder / "data"),
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            **env,
        }
        self.config = folder / "config.toml"
        self.write("")

    def write(self, text: str) -> None:
        self.config.write_text(text)

    def load(self) -> Loaded:
        return load(config=self.config, env=self.env)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def ailments(shop: Workshop) -> set[Ailment]:
    return {one.ailment for one in shop.complaints.standing}


def test_every_setting_is_known_to_reload_or_not(house: House) -> None:
    """What waits for a restart is listed, with names that exist, and told in the manual."""
    sections = {f"{name.partition('.')[0]}.*" for name in leaves() if "." in name}
    assert set(NEEDS_RESTART) <= {*leaves(), *sections}
    manual = (ROOT / "docs" / "systemd.md").read_text(encoding="utf-8")
    assert [one for one in NEEDS_RESTART if f"`{one}`" not in manual] == []
    assert needs_restart("database")
    assert needs_restart("files.name")
    assert not needs_restart("services.crossref.rate")


def test_what_can_hold_at_once_does_and_the_rest_is_named(house: House) -> None:
    taken: list[Loaded] = []
    with Workshop(house.load().settings, "test") as shop:
        engine = shop.pipeline()
        reloading = Reloading(shop, house.load(), house.load, take=taken.append)
        network = shop.network

        assert reloading.reload().says == "settings as before"
        assert shop.network is network

        house.write(
            "[engine]\nhigh_water = 1_500\n[workers]\nenrichment = 3\n[http]\ntimeout_s = 12\n"
            '[services.core]\nkey = "a-key-for-core"\n[files]\nascii = false\n[disk]\neverything_below_mb = 100\n'
        )
        reloaded = reloading.reload()
        assert set(reloaded.changed) == {
            *("engine.high_water", "workers.enrichment", "http.timeout_s", "services.core.key"),
            "disk.everything_below_mb",
        }
        assert reloaded.needs_restart == ("files.ascii",)
        assert ailments(shop) == {Ailment.RESTART_NEEDED}
        assert shop.settings.files.ascii
        assert taken[-1].settings is shop.settings
        assert (engine.shape.bounds.high_water, engine.shape.bounds.disk_mb) == (1_500, 100)
        assert engine.shape.workers[StageName.ENRICHMENT] == 3
        assert shop.network is not network
        assert shop.network.identity.has_key("core")
        assert shop.network.direct.is_available("core")
        assert engine.lines[StageName.DOWNLOAD].pool.stage is shop.stages[-1]

        house.write("")
        assert set(reloading.reload().changed) >= {"services.core.key"}
        assert not shop.network.direct.is_available("core")
        assert ailments(shop) == set()


@pytest.mark.parametrize(
    "broken",
    [
        *("[engine\n", "no_such = 1", "[engine]\nhigh_water = 'many'", "[engine]\nlow_water = 9000"),
        "[llm]\nprovider = 'gemini'\nmodel = 'gemini-2.5-flash'",
    ],
)
def test_settings_that_cannot_be_used_change_nothing(house: House, broken: str) -> None:
    with Workshop(house.load().settings, "test") as shop:
        before, network = shop.settings, shop.network
        reloading = Reloading(shop, house.load(), house.load)
        house.write(f'contact_email = "me@library-of-shores.org"\n{broken}\n')
        reloaded = reloading.reload()
        assert reloaded.trouble is not None
        assert (shop.settings, shop.network, ailments(shop)) == (before, network, {Ailment.RELOAD_FAILED})
        house.write('contact_email = "me@library-of-shores.org"\n')
        assert reloading.reload().changed == ("contact_email",)
        assert ailments(shop) == set()


def test_keys_are_read_again_from_files_of_their_own(tmp_path: Path) -> None:
    given = tmp_path / "given"
    given.mkdir()
    house = House(tmp_path, CREDENTIALS_DIRECTORY=str(given))
    with Workshop(house.load().settings, "test") as shop:
        reloading = Reloading(shop, house.load(), house.load)
        own = tmp_path / "config" / "dl-lit" / "credentials"
        own.mkdir(parents=True)
        (own / "core_key").write_text("of-ones-own\n")
        assert reloading.reload().changed == ("services.core.key",)
        (given / "dl_lit_core_key").write_text("from-systemd\n")
        assert reloading.reload().changed == ("services.core.key",)
        assert shop.settings.services["core"].key == "from-systemd"


def test_nothing_is_lost_or_counted_twice_while_settings_change(tmp_path: Path) -> None:
    """Settings change every few turns while two papers are worked through; all is found and fetched all the same."""
    papers = write_papers(tmp_path / "papers", sources=2, entries=4)
    with replica_of(papers.records, scale=60.0, latency_s=2.0) as replica:
        house = House(tmp_path, **replica.env(), **quick_motion(60.0))
        house.env |= {"DL_LIT_OPENALEX_KEY": "a-key", "DL_LIT_CONTACT_EMAIL": "reader@library-of-shores.org"}
        with Workshop(house.load().settings, "test") as shop:
            database = connect(shop.settings.database)
            add_sources(database, new_sources(sorted(papers.folder.glob("*.pdf"))), shop.clock)
            database.dispose()
            reloading = Reloading(shop, house.load(), house.load)
            turns, reloads = 0, []

            def tick() -> None:
                nonlocal turns
                turns += 1
                if turns % 2 == 0 and len(reloads) < 8:
                    house.write(f"[engine]\nhigh_water = {1_500 + turns}\n[workers]\ndownload = {8 + turns % 5}\n")
                    reloads.append(reloading.reload().changed)

            engine = shop.pipeline()
            engine.start()
            assert engine.drain(lambda: False, tick)
            assert engine.stop()
            requests = {name: use.requests for name, use in shop.network.usage().items() if use.requests}
        asked = Counter(one.group for one in replica.log.entries())
        assert {name: number for name, number in requests.items() if asked[name] != number} == {}
    fetched = rows(shop.settings.database, "SELECT count(*) FROM downloaded_references")
    others = rows(shop.settings.database, "SELECT reason FROM failed_downloads")
    assert (fetched, others) == ([(8,)], [])
    assert len(reloads) >= 3
    assert all(reloads)
