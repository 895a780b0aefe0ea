"""How the language model stands, for all displays: in words, as JSON, in numbers."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from db.connect import open_database
from db.language.schema import language_file, side_file
from db.language.uploads import DiskUploads
from db.language.use import Budget, DiskUse
from db.lock import PipelineLock
from db.machine.states import MachineStates
from dl_lit.app.answers.health import Health
from dl_lit.app.language.documents import model_document
from dl_lit.app.language.now import model_now
from dl_lit.app.language.place import model_place
from dl_lit.app.language.standing import RestNow
from dl_lit.app.language.words import dollars, lines_of_model, lines_of_use
from dl_lit.app.metrics.of_models import of_model, of_model_use
from dl_lit.app.now.pulse import write_pulse
from dl_lit.core.clock import SystemClock
from dl_lit.core.language import ModelUse, Provider, Tokens
from dl_lit.core.reasons import Reason
from dl_lit.net.language.place import base_urls_of, completed, shared_name
from dl_lit.settings import Settings, load
from tests.fakes.pulses import language, model, pulse_at
from tests.fakes.scenario import NOON, HandClock

ON = {
    "DL_LIT_LLM_PROVIDER": "openrouter", "DL_LIT_LLM_MODEL": "reader-1", "OPENROUTER_API_KEY": "k",
    "DL_LIT_LLM_REQUESTS_PER_DAY": "1",
}  # fmt: skip


def settings(folder: Path, **env: str) -> Settings:
    return load(env={"HOME": str(folder), "DL_LIT_STATE_FOLDER": str(folder / "state"), **env}).settings


def test_without_a_model_nothing_is_told_and_no_file_looked_for(tmp_path: Path) -> None:
    """Nor where one is set and --no-llm was said."""
    assert model_now(settings(tmp_path), NOON) is None
    assert model_now(settings(tmp_path, **ON, DL_LIT_LLM_ENABLED="false"), NOON) is None
    assert list(lines_of_model(None, None, NOON)) == []
    assert [*of_model(None), *of_model_use(None)] == []
    assert model_document(None, None) is None


def test_what_today_took_and_what_was_left_behind_is_read(tmp_path: Path) -> None:
    found = settings(tmp_path, **ON)
    book = side_file(found.state_folder)
    use = DiskUse(book, "openrouter/reader-1", Budget(requests=1))
    use.take(NOON)
    use.add(Tokens(input=9, cost=0.25), NOON)
    DiskUploads(book, HandClock(NOON - 600)).begin(Provider.GEMINI, "http://a")
    book.close()
    now = model_now(found, NOON)
    assert now is not None
    assert (now.model, now.requests_today, now.dollars_today, now.is_budget_gone) == (
        "openrouter/reader-1", 1, 0.25, True,
    )  # fmt: skip
    assert (now.remote_files, now.remote_since) == (1, "2026-11-22T11:50:00+00:00")
    assert dict(lines_of_model(now, None, NOON))["today"] == ("1 of 1 request, $0.25: gone, renewed tomorrow 00:00 UTC")


def test_an_address_that_is_left_alone_is_told_without_a_process_at_work(tmp_path: Path) -> None:
    """Until when, and why: from what the processes of the machine share."""
    found = settings(tmp_path, **ON)
    (url,) = base_urls_of(Provider.OPENROUTER)
    states = MachineStates(found.state_folder, HandClock(NOON))
    place = f"{shared_name(completed(model_place(found)))} {url}"
    states.change(place, lambda state: state.park(NOON + 900.0, Reason.RATE_LIMITED))
    states.close()
    now = model_now(found, NOON)
    assert now is not None
    assert now.rests == (RestNow(url, "2026-11-22T12:15:00+00:00", "rate-limited"),)
    assert dict(lines_of_model(now, None, NOON))["rests"] == f"{url} until 12:15 UTC: rate-limited"
    document = model_document(now, None)
    assert document is not None
    assert document["rests"][0]["until"] == "2026-11-22T12:15:00+00:00"
    later = model_now(found, NOON + 901.0)
    assert later is not None
    assert later.rests == ()


def test_a_file_that_cannot_be_read_is_said_to_be_so(tmp_path: Path) -> None:
    """And keeps nobody from seeing the rest."""
    found = settings(tmp_path, **ON)
    language_file(found.state_folder).parent.mkdir(parents=True)
    language_file(found.state_folder).write_bytes(b"no database at all, but long enough to be looked into" * 9)
    now = model_now(found, NOON)
    assert now is not None
    assert now.trouble is not None
    assert dict(lines_of_model(now, None, NOON))["today"] == now.trouble


def test_every_display_says_the_same_of_what_was_asked() -> None:
    """In lines that name what went wrong, what was not believed, and what it cost."""
    said = dict(lines_of_model(model(remote_files=2), language(), NOON))
    assert said == {
        "asked for": "bibliographies that the rules read badly and ambiguous matches",
        "today": "12 of 500 requests, $0.0300 of $2.00",
        "requests": "12 (at most 7 at once; 1.2 s in the mean, 95 % within 3.5 s), 3 answered from memory",
        "in vain": "1 rate limit; 2 retries; without an answer: 1 cut",
        "answers": "8 entry, 3 section; 40 entries taken, 2 not in print and refused",
        "tokens": "100,000 in (85% from the provider's prompt cache), 9,000 out; $0.0300, $0.00075 an entry",
        "now": "2 calls under way; up to 20 entries at once",
        "sections": "tasks 1 of 5 (at most 4), 2 wait; splits 1 of 5 (at most 4), 2 wait; "
        "uploads 1 of 5 (at most 4), 2 wait",
        "left with it": "2 files, in use",
    }
    left = dict(lines_of_model(model(remote_files=2, remote_files_let_go=1, reads=False, judges=False), None, NOON))
    assert left["asked for"] == "nothing: llm.reads and llm.judges are false"
    assert left["left with it"].startswith("1 file that nobody uses any more")
    assert dict(lines_of_use(ModelUse())) == {"requests": "0"}


def test_the_document_has_the_rates_that_people_ask_for() -> None:
    found = model_document(model(), language())
    assert found is not None
    assert (found["model"], found["process"]["width"], found["process"]["sections"]["uploads"]["most"]) == (
        "openrouter/reader-1", 20, 4,
    )  # fmt: skip
    use = found["process"]["use"]
    assert (use["prompt_cache_rate"], use["cost_per_entry"], use["order_violations"]) == (0.85, 0.00075, 0)


@pytest.mark.parametrize(
    ("amount", "said"), [(0.0, "$0.00"), (12.4, "$12.40"), (0.0312, "$0.0312"), (0.000071, "$0.000071")]
)
def test_money_is_told_with_as_many_places_as_say_something(amount: float, said: str) -> None:
    assert dollars(amount) == said


def test_what_is_left_of_the_days_budget_is_a_number() -> None:
    """None where no budget is set."""
    found = {one.name: [sample.value for sample in one.samples] for one in of_model(model())}
    assert (found["dl_lit_model_requests_left"], found["dl_lit_model_dollars_left"]) == ([488.0], [1.97])
    free = {one.name: one.samples for one in of_model(model(requests_per_day=None, dollars_per_day=None))}
    assert (free["dl_lit_model_requests_left"], free["dl_lit_model_dollars_left"]) == ((), ())


def test_health_names_the_model_of_the_process_at_work_among_the_services(tmp_path: Path) -> None:
    """None while nothing is at work: nobody knows then."""
    found = settings(tmp_path, DL_LIT_DB=str(tmp_path / "dl-lit.db"))
    open_database(found.database, synchronous="NORMAL").dispose()
    health = Health(found, SystemClock())

    def told(**amiss: Any) -> Any:
        write_pulse(found.database, pulse_at(time.time(), pid=os.getpid(), language=language(**amiss)))
        return health.health()["services"]["language-model"]

    assert "language-model" not in health.health()["services"]
    with PipelineLock(found.database, "watch", SystemClock()):
        assert told() == {"state": "ok"}
        assert told(key_trouble="no such key") == {"state": "down", "trouble": "no such key"}
        assert told(at_rest={"http://a": "service-down"}) == {"state": "down"}
        assert told(at_rest={"http://a": "budget-exhausted"}) == {"state": "parked"}
