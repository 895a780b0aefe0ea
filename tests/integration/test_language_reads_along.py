"""A language model beside our reader over real sockets: in the pipeline, in `extract`, and after a kill."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from db.language.reading import days_of_use, uploads_noted
from db.language.schema import side_file
from dl_lit.app.care.live import model_probes
from dl_lit.app.language.opened import clean_up
from dl_lit.app.network import Network
from dl_lit.app.reloading import Reloading
from dl_lit.app.run import RunResult, run_once
from dl_lit.app.workshop import Workshop
from dl_lit.cli import cli
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import ModelError, Trouble
from dl_lit.demo.pace import quick_motion
from dl_lit.replica import Replica
from dl_lit.replica import Settings as ReplicaSettings
from dl_lit.replica.language.model import ModelSettings
from dl_lit.settings import Loaded, load
from tests.fakes.databases import rows
from tests.fakes.engine import eventually
from tests.fakes.program import Papers, replica_of, write_papers

ENTRIES = 5
CHAT = {
    "DL_LIT_LLM_PROVIDER": "compatible",
    "DL_LIT_LLM_MODEL": "reader-1",
    "DL_LIT_LLM_DOUBTFUL_BELOW": "1",  # every entry is doubtful
}


class NeverStop:
    def should_stop(self) -> bool:
        return False

    def should_hurry(self) -> bool:
        return False


@pytest.fixture(scope="module")
def papers(tmp_path_factory: pytest.TempPathFactory) -> Papers:
    return write_papers(tmp_path_factory.mktemp("papers"), sources=1, entries=ENTRIES)


@pytest.fixture(scope="module")
def replica(papers: Papers) -> Iterator[Replica]:
    settings = ReplicaSettings(models=ModelSettings(processing_s=0.0))
    with replica_of(papers.records, latency_s=0.0, settings=settings) as one:
        yield one


def environment(folder: Path, replica: Replica, **more: str) -> dict[str, str]:
    folders = {f"XDG_{name}_HOME": str(folder / name.lower()) for name in ("CONFIG", "DATA", "STATE", "CACHE")}
    chat = {**CHAT, "DL_LIT_LLM_BASE_URLS": f"{replica.url('chat')}/v1"}
    return {"HOME": str(folder), **folders, **replica.env(), **quick_motion(20.0), **chat, **more}


def run(loaded: Loaded, papers: Papers) -> RunResult:
    with Workshop(loaded.settings, "test") as shop:
        result = run_once(shop, sorted(papers.folder.glob("*.pdf")), NeverStop())
        shop.languages.keep(0)
    assert not list((loaded.settings.cache_folder / "sections").iterdir())
    return result


def asked(replica: Replica, site: str = "chat") -> list[str]:
    return [one.kind for one in replica.log.entries(site)]


def test_offline_a_model_on_this_machine_reads_along(tmp_path: Path, replica: Replica, papers: Papers) -> None:
    """In a whole run: its part is in the notes, its use on disk, and it is asked nothing when the run is repeated."""
    replica.reset()
    loaded = load(env=environment(tmp_path, replica, DL_LIT_OFFLINE="1"))
    result = run(loaded, papers)
    assert (result.document["sources"], result.document["references"]) == (1, ENTRIES)
    assert asked(replica) == ["section"]
    ((notes,),) = rows(loaded.settings.database, "SELECT detail FROM attempts WHERE stage = 'extraction'")
    assert "language model compatible/reader-1" in notes
    (today,) = days_of_use(loaded.settings.state_folder, SystemClock().time(), 1)
    assert (today.model, today.requests) == ("compatible/reader-1", 1)
    assert today.output_tokens > 0


def test_extract_asks_the_model_where_it_is_told_to(
    tmp_path: Path, replica: Replica, papers: Papers, monkeypatch: pytest.MonkeyPatch
) -> None:
    replica.reset()
    for name, value in environment(tmp_path, replica).items():
        monkeypatch.setenv(name, value)
    pdf = str(next(papers.folder.glob("*.pdf")))
    done = CliRunner().invoke(cli, ["extract", pdf, "--json", "--llm"], catch_exceptions=False)
    assert len(json.loads(done.stdout)["documents"][0]["references"]) == ENTRIES
    assert asked(replica) == ["section"]
    without = CliRunner().invoke(cli, ["extract", pdf, "--llm"], env={"DL_LIT_LLM_PROVIDER": ""})
    assert (without.exit_code, "llm.provider" in without.stderr) == (6, True)


def test_a_reload_has_another_model_asked_or_none(tmp_path: Path, replica: Replica) -> None:
    env = environment(tmp_path, replica)
    with Workshop(load(env=env).settings, "test") as shop:
        reloading = Reloading(shop, load(env=env), lambda: load(env=env))
        assert shop.languages.pulse() is not None
        first = shop.languages.now
        env["DL_LIT_LLM_MODEL"] = "reader-2"
        assert "llm.model" in reloading.reload().changed
        assert shop.languages.now is not None
        assert shop.languages.now.model.name == "compatible/reader-2"
        env["DL_LIT_LLM_ENABLED"] = "false"
        reloading.reload()
        assert shop.languages.now is None
        assert first is not None
        with pytest.raises(ModelError) as raised:  # the first one finishes what it has begun; the second may not
            first.model.upload(tmp_path / "none.pdf", timeout_s=1.0)
        assert raised.value.trouble is Trouble.BAD_REQUEST


@pytest.mark.parametrize("by", ["the next start", "hand"])
def test_what_a_killed_process_left_with_the_provider_is_deleted(tmp_path: Path, replica: Replica, by: str) -> None:
    replica.reset()
    gemini = {"DL_LIT_LLM_PROVIDER": "gemini", "DL_LIT_LLM_KEY": "k", "DL_LIT_LLM_BASE_URLS": replica.url("gemini")}
    settings = load(env=environment(tmp_path, replica, **gemini)).settings
    (tmp_path / "part.pdf").write_bytes(b"%PDF-1.4 of a section")
    with Workshop(settings, "killed") as shop:
        assert shop.languages.now is not None
        shop.languages.now.model.upload(tmp_path / "part.pdf", timeout_s=5.0)
        file = side_file(settings.state_folder)
        with file.writing() as connection:
            connection.execute("UPDATE uploads SET started = 'before the kill'")
        file.close()
        shop.languages.abort()
    assert len(replica.language.files_left()) == 1
    if by == "hand":
        assert clean_up(settings) == 1
    else:
        with Workshop(settings, "next"):
            eventually(lambda: not uploads_noted(settings.state_folder, 0.0).let_go)
    assert replica.language.files_left() == []
    assert uploads_noted(settings.state_folder, 0.0).let_go == 0


def test_what_is_wrong_at_a_models_address_is_told(tmp_path: Path, replica: Replica) -> None:
    """By `doctor --live`: an address that nobody listens at, and none of one that is well."""
    servers = {"DL_LIT_LLM_BASE_URLS": f"{replica.url('chat')}/v1,http://127.0.0.1:9/v1"}
    settings = load(env=environment(tmp_path, replica, **servers)).settings
    with Network(settings, clock=SystemClock(), chance=random.Random(1)) as network:
        well, ill = model_probes(settings, network, SystemClock())
    assert (well.service, well.answers, well.tier) == ("model", True, "anonymous")
    assert (ill.service, ill.answers) == ("model-2", False)
    assert ill.detail.startswith("http://127.0.0.1:9/v1: language model: down")
