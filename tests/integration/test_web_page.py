"""The page in a real browser, against the real control surface on a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
from shots.chromium import Browser, chromium
from shots.server import TOKEN, serving

from dl_lit.app.language.documents import model_document
from dl_lit.core.model import Name, StageName
from dl_lit.core.reasons import Reason
from dl_lit.settings.load import load
from tests.fakes.pulses import language, model
from tests.fakes.scenario import Scenario, typical, work

pytestmark = pytest.mark.skipif(chromium() is None, reason="needs Chromium")

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>${alert(1)}'


@dataclass
class Shown:
    """The page, open."""

    browser: Browser
    scenario: Scenario
    where: str

    def run(self, script: str) -> Any:
        return self.browser.run(script)

    def wait(self, condition: str) -> None:
        self.browser.wait(condition)

    def text(self, selector: str) -> str:
        return str(self.run(f"document.querySelector({json.dumps(selector)})?.innerText ?? ''"))

    def click(self, selector: str, saying: str = "") -> None:
        """Click the first that says it, as soon as it is there."""
        says = f"one.innerText.includes({json.dumps(saying)})"
        found = f"[...document.querySelectorAll({json.dumps(selector)})].find((one) => {says})"
        self.wait(found)
        self.run(f"{found}.focus(), {found}.click()")

    def view(self, name: str) -> None:
        self.run(f"location.hash = '#{name}'")
        self.wait(f"document.body.dataset.view === '{name}'")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    folder = tmp_path_factory.mktemp("page")
    env = {"HOME": folder, "DL_LIT_DB": folder / "dl-lit.db", "DL_LIT_LIBRARY": folder / "library",
           "DL_LIT_STATE_FOLDER": folder / "state"}  # fmt: skip
    settings = load(env={name: str(value) for name, value in env.items()}).settings
    with Scenario(folder) as scenario:
        typical(scenario)
        (hostile,) = scenario.add("hostile.pdf")
        scenario.extract(hostile, [HOSTILE, "Two"], title=HOSTILE)
        with serving(settings) as where, Browser(folder / "profile") as browser:
            shown = Shown(browser, scenario, where)
            browser.open(f"{where}/#token={TOKEN}")
            shown.wait("document.querySelectorAll('#rooms .room').length === 4")
            yield shown


@pytest.fixture(autouse=True)
def _quiet(page: Shown) -> Iterator[None]:
    """Whatever a test does, the page does not complain, and asks nobody but its own server."""
    yield
    page.run("document.getElementById('panel').hidden || document.getElementById('panel-close').click()")
    assert page.browser.console == []
    assert [url for url in page.browser.requests if not url.startswith((page.where, "data:", "about:"))] == []


def test_the_overview_tells_how_much_is_where(page: Shown) -> None:
    page.wait("document.querySelector('#failures-list button')")
    assert page.text("#state-word") == "Not running"
    assert "3 entries wait" in page.text("#state-rest")
    rooms = page.run("[...document.querySelectorAll('.room')].map((one) => one.querySelector('.big').innerText)")
    assert [one.split()[0] for one in rooms] == ["0", "3", "0", "0"]
    reasons = page.text("#failures-list")
    assert "encrypted-pdf" in reasons
    assert "The PDF is locked with a password." in reasons
    assert page.run("location.hash") == ""  # the token does not stay in the address


def test_a_language_model_is_shown_only_where_one_is_set(page: Shown) -> None:
    """With what the status tells of it; its name is text, whatever it is."""
    assert page.run("document.getElementById('model').hidden")
    scripts = files("dl_lit.web.dashboard").joinpath("scripts")
    parts = "".join(scripts.joinpath(f"{name}.js").read_text("utf-8") for name in ("01-dom", "02-format", "22-model"))
    told = {"language": model_document(model(model="ollama/<b>x</b>"), language(key_trouble="no such key"))}
    texts = "['h-model', 'model-facts', 'model-note'].map((id) => document.getElementById(id).innerText)"
    title, facts, note = page.run(f"(() => {{ {parts}; showModel({json.dumps(told)}); return {texts} }})()")
    assert title == "Language model: ollama/<b>x</b>"
    for said in ("of 500 · $0.0300 of $2.00", "at most 7 at once", "2 not in print, refused", "85 %", "$0.0300"):
        assert said in facts.split("\n")
    assert "no such key" in note
    page.run("document.getElementById('model').hidden = true")


def test_a_source_shows_its_bibliography_in_printed_order_and_each_entry_its_story(page: Shown) -> None:
    page.view("sources")
    page.click("#sources-list button", "Paper 2")
    page.wait("document.querySelectorAll('#entries-list li').length === 3")
    entries = page.run(
        "[...document.querySelectorAll('#entries-list .entry')].map((one) => one.innerText.split('\\n'))"
    )
    assert [one[0] for one in entries] == ["1", "2", "3"]
    assert [one[-1] for one in entries] == ["In the library", "Not obtained: no-oa-location", "Not obtained: no-match"]
    page.click("#entries-list button", "A closed book")
    page.wait("document.querySelector('#panel .timeline')")
    story = page.text("#panel")
    for part in (
        "A closed book",
        "No openly available copy of the work is known.",
        "What you can do",
        "10.1000/closed",
    ):
        assert part in story
    page.browser.key("Escape")
    page.wait("document.getElementById('panel').hidden")
    assert page.run("document.activeElement.className") == "entry"


def test_a_reason_opens_the_list_of_what_it_happened_to(page: Shown) -> None:
    page.view("overview")
    page.click("#failures-list button", "blocked-paywall")
    page.wait("document.querySelector('#panel .line')")
    assert "Behind a wall" in page.text("#panel")
    page.click("#panel .line", "Behind a wall")
    page.wait("document.querySelector('#panel .timeline')")
    assert "The site asks for money." in page.text("#panel")


def test_search_finds_works_sources_and_entries_from_the_keyboard(page: Shown) -> None:
    page.run("document.activeElement.blur()")
    page.browser.key("/", "/")
    assert page.run("document.activeElement.id") == "search"
    page.browser.write("compu lovelace")
    page.wait("document.querySelectorAll('#found .result').length > 0")
    page.browser.key("ArrowDown")
    assert "On computable numbers" in page.run("document.activeElement.innerText")
    page.browser.key("Enter")
    page.wait("document.querySelector('#panel .timeline')")
    assert "lovelace_2017_on.pdf" in page.text("#panel")
    page.run("document.getElementById('search').value = ''")


def test_what_a_pdf_says_stays_text(page: Shown) -> None:
    page.view("sources")
    page.click("#sources-list button", "<img src=x")
    page.click("#entries-list button", "<script>")
    page.wait("document.querySelector('#panel .timeline')")
    assert HOSTILE in page.text("#panel-title")
    assert page.run("[window.hit ?? null, document.querySelectorAll('img, iframe, script').length]") == [None, 1]


def test_the_graph_has_a_list_beside_it_and_answers_to_keys(page: Shown) -> None:
    page.view("graph")
    page.wait("document.getElementById('graph').dataset.arranged")
    assert page.text("#graph-list .line-title") == "On computable numbers"
    page.run("document.getElementById('graph').focus()")
    page.browser.key("n", "n")
    assert "Cited by 2 entries" in page.text("#graph-says") or "It cites 2 of these works" in page.text("#graph-says")
    page.browser.key("Enter")
    page.wait("document.querySelector('#panel .chapter')")


def test_a_chart_is_read_with_the_arrow_keys(page: Shown) -> None:
    page.view("overview")
    page.wait("document.querySelectorAll('.plot').length === 4")
    page.run("document.querySelector('.plot').focus()")
    before = page.run("document.activeElement.getAttribute('aria-valuetext')")
    page.browser.key("ArrowLeft")
    after = page.run("document.activeElement.getAttribute('aria-valuetext')")
    assert before != after
    assert after.endswith("done")


def test_the_theme_is_switched_and_kept(page: Shown) -> None:
    ground = "getComputedStyle(document.documentElement).backgroundColor"
    page.browser.prefer(prefers_color_scheme="light")
    light = page.run(ground)
    page.click("#theme")
    page.click("#theme")
    assert page.run("[document.documentElement.dataset.theme, localStorage['dl-lit-theme']]") == ["dark", "dark"]
    assert page.run(ground) != light
    page.click("#theme")
    page.browser.prefer(prefers_color_scheme="dark")
    assert page.run(ground) != light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_its_ground(page: Shown, theme: str) -> None:
    """At 4.5 to 1 at least: https://www.w3.org/TR/WCAG22/#contrast-minimum (read 2026-11-23)."""
    page.run(f"document.documentElement.dataset.theme = '{theme}'")
    names = ("ground", "surface", "ink", "muted", "accent", "accent-soft", "wait-soft",
             *(f"{tone}{soft}" for tone in ("done", "review", "failed", "wait") for soft in ("", "-soft")))  # fmt: skip
    style = "getComputedStyle(document.documentElement)"
    colours = page.run(
        f"Object.fromEntries({json.dumps(names)}.map((one) => [one, {style}.getPropertyValue('--' + one)]))"
    )
    page.run("document.documentElement.dataset.theme = 'auto'")
    pairs = [(text, ground) for text in ("ink", "muted", "accent") for ground in ("ground", "surface", "wait-soft")]
    pairs += [
        (tone, ground)
        for tone in ("done", "review", "failed", "wait")
        for ground in ("ground", "surface", f"{tone}-soft")
    ]
    pairs += [("accent", "accent-soft"), *(("ink", f"{tone}-soft") for tone in ("done", "review", "failed"))]
    low = {pair: ratio for pair in pairs if (ratio := contrast(colours[pair[0]], colours[pair[1]])) < 4.5}
    assert low == {}


def contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour.strip()[at : at + 2], 16) / 255 for at in (1, 3, 5)]
        red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    high, low = sorted((light(one), light(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_whoever_tabs_comes_by_everything_in_order(page: Shown) -> None:
    page.view("overview")
    page.run("document.activeElement.blur(), document.body.tabIndex = -1, document.body.focus()")
    order = []
    for _ in range(13):
        page.browser.key("Tab")
        order.append(page.run("document.activeElement.innerText.split('\\n').pop() || document.activeElement.id"))
    assert order[:9] == [
        "Skip to the contents", "dl_lit", "Overview", "Sources", "Works", "Graph", "search", "Add a PDF",
        "Theme: As the system",
    ]  # fmt: skip
    assert order[9:] == ["Pause extraction", "Pause enrichment", "Pause queueing", "Pause download"]


@pytest.mark.parametrize("view", ["overview", "sources", "works", "graph"])
def test_everything_that_can_be_used_has_a_name(page: Shown, view: str) -> None:
    page.view(view)
    told = page.browser.names()
    used = {"button", "link", "textbox", "searchbox", "combobox", "slider", "image", "table", "region", "navigation"}
    assert [one for one in told if one[0] in used and not one[1].strip()] == []
    assert {"banner", "navigation", "main", "search"} <= {role for role, _ in told}


def test_a_change_in_the_database_shows_by_itself_and_nothing_jumps(page: Shown) -> None:
    page.view("overview")
    button = "document.querySelector('#failures-list button')"
    page.run(f"window.kept = {button}, {button}.focus(), scrollTo(0, 120)")
    page.scenario.reject(StageName.ENRICHMENT, 9, Reason.NOT_A_WORK)
    page.wait("document.getElementById('failures-list').innerText.includes('not-a-work')")
    assert page.run(f"[window.kept === {button}, document.activeElement === window.kept, scrollY]") == [True, True, 120]


def test_a_pdf_is_handed_in_by_dropping_it_on_the_page(page: Shown) -> None:
    page.view("overview")
    before = page.scenario.rows("SELECT count(*) FROM sources")[0][0]
    page.run(
        """
        const carried = new DataTransfer();
        carried.items.add(new File(["%PDF-1.4\\n", "made up for a drop ".repeat(80), "\\n%%EOF\\n"], "dropped.pdf"));
        document.body.dispatchEvent(new DragEvent("drop", { dataTransfer: carried, bubbles: true, cancelable: true }));
        """
    )
    page.wait("document.getElementById('toast').innerText === 'dropped.pdf is taken; its bibliography will be read.'")
    assert page.scenario.rows("SELECT count(*) FROM sources")[0][0] == before + 1


def test_a_stage_is_paused_with_the_token_only(page: Shown) -> None:
    page.view("overview")
    page.click(".room:nth-child(2) .pause")
    page.wait("document.querySelector('.room:nth-child(2) .mood').innerText.startsWith('Paused')")
    assert page.scenario.rows("SELECT stage FROM pauses") == [("enrichment",)]
    page.click(".room:nth-child(2) .pause")
    page.wait("!document.querySelector('.room:nth-child(2) .mood').innerText.startsWith('Paused')")
    page.run("sessionStorage.setItem('dl-lit-token', 'of another server')")
    page.browser.open("about:blank")
    page.browser.open(f"{page.where}/")
    page.wait("document.querySelectorAll('.room').length === 4")
    assert all("401" in one for one in page.browser.console)
    page.browser.console.clear()
    assert page.run("[document.querySelector('.pause').ariaDisabled, document.querySelector('.pause').title]") == [
        "true", "This needs the token: open the address with #token=… that dl-lit serve prints."
    ]  # fmt: skip
    page.click(".room:nth-child(2) .pause")
    assert page.scenario.rows("SELECT stage FROM pauses") == []


def test_a_lost_connection_is_said_and_comes_back(page: Shown) -> None:
    def offline(*, is_off: bool) -> None:
        page.browser.call(
            "Network.emulateNetworkConditions", offline=is_off, latency=0, downloadThroughput=-1, uploadThroughput=-1
        )

    page.view("overview")
    page.wait("document.getElementById('connection').dataset.kind === 'live'")
    offline(is_off=True)
    page.run("dispatchEvent(new Event('online'))")
    page.wait("!document.getElementById('lost').hidden")
    assert page.text("#connection-word") == "Connection lost"
    assert page.run("document.querySelectorAll('.room').length") == 4  # what is known stays
    offline(is_off=False)
    page.wait("document.getElementById('connection').dataset.kind === 'live'")
    assert all("ERR_INTERNET_DISCONNECTED" in one for one in page.browser.console)
    page.browser.console.clear()


def test_listening_holds_one_connection_however_often_the_network_comes_back(page: Shown) -> None:
    """A browser has six for a server: a page that holds more of them waits for itself."""
    for _ in range(9):
        page.run("dispatchEvent(new Event('online'))")
    assert page.run("fetch('/health/live').then((answer) => answer.json())") == {"live": True}


@pytest.mark.parametrize("width", [360, 2560])
def test_nothing_is_cut_off_at_any_width(page: Shown, width: int) -> None:
    page.browser.resize(width, 800)
    for view in ("overview", "sources", "works", "graph"):
        page.view(view)
        assert page.run("document.documentElement.scrollWidth") <= width


OVER_THE_EDGE = """
[...document.querySelectorAll('body *')].filter((one) => {
  if (one.closest('.sr, .skip, .scroll[role="region"], nav, [aria-hidden="true"]')) return false;
  const box = one.getBoundingClientRect();
  return box.width > 1 && box.height > 1 && (box.right > innerWidth + 1 || one.scrollWidth > one.clientWidth + 1 &&
    getComputedStyle(one).display !== 'inline' && getComputedStyle(one).textOverflow !== 'ellipsis');
}).map((one) => `${one.tagName} ${one.className} ${one.id}`)
"""
ENDLESS = "W" * 3_000


def test_a_telephone_shows_all_of_it_however_long_a_title_is(page: Shown) -> None:
    (source,) = page.scenario.add(f"{'w' * 200}.pdf")
    (entry,) = page.scenario.extract(source, [ENDLESS], title=ENDLESS)
    found = page.scenario.resolve(entry, work(ENDLESS, doi="10.1000/endless"))
    page.scenario.reject(StageName.QUEUEING, found, Reason.NO_OA_LOCATION, "d" * 400)
    for width in (360, 390, 1280):
        page.browser.resize(width, 800)
        for view, shown in (
            ("overview", "#failures-list button"),
            ("sources", "#sources-list"),
            ("works", "#works-body"),
        ):
            page.view(view)
            page.wait(f"document.querySelector('{shown}')")
            if view != "overview":
                page.wait(f"document.querySelector('{shown}').innerText.includes('{ENDLESS[:50]}')")
            assert page.run(OVER_THE_EDGE) == [], (width, view)
        page.click("#works-body button", ENDLESS[:50])
        page.wait("document.querySelector('#panel .timeline')")
        assert page.run(OVER_THE_EDGE) == [], width
        page.click("#panel-close")


def test_a_telephone_shows_the_whole_command_where_nothing_is_there_yet(page: Shown) -> None:
    page.browser.resize(360, 800)
    page.view("overview")
    page.run("document.getElementById('welcome').hidden = false")
    assert page.run(OVER_THE_EDGE) == []
    page.run("document.getElementById('welcome').hidden = true")


def test_letters_that_run_the_other_way_leave_alone_what_stands_beside_them(page: Shown) -> None:
    """Or a name with an override that nobody ends could make another file or year of what follows."""
    page.browser.resize(1280, 800)
    (source,) = page.scenario.add("\u202efdp.exe.pdf")
    page.scenario.extract(
        source, ["A title"], title="Turned", authors=(Name(family="Lovelace \u202ecalevol\u2069"),), year=1843
    )
    page.view("sources")
    page.wait("document.querySelector('.source-title').innerText.includes('Turned')")
    places = page.run(
        """
        [..."(18)(exe)".matchAll(/\\((.+?)\\)/g)].map(([, wanted]) => {
          const text = document.querySelector('.source-note').firstChild;
          const place = document.createRange();
          place.setStart(text, text.data.indexOf(wanted));
          place.setEnd(text, text.data.indexOf(wanted) + wanted.length);
          return place.getBoundingClientRect().left;
        })
        """
    )
    assert places == sorted(places), "the year stands before the name of the file"
