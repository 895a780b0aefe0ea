"""Takes the pictures of docs/dashboard.md: every scene in a real browser, against the real server."""

from __future__ import annotations

import io
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import click
from PIL import Image
from shots.chromium import Browser
from shots.scenes import SCENES, set_up
from shots.server import TOKEN, serving

HERE = Path(__file__).parents[2] / "docs" / "screenshots"
MOST_BYTES = 150_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """One picture."""

    name: str
    scene: str
    at: str = ""  # the view
    width: int = 1440
    height: int = 1000
    dark: bool = False
    steps: tuple[str, ...] = ()  # expressions in the page, each waited for until it is true
    settle_s: float = 0.6

    @property
    def scale(self) -> float:
        """Pixels to a CSS pixel: fewer where there are many."""
        return 2 if self.width < 500 else 1.25 if self.width > 1500 else 1.5


_SOURCE = "[...document.querySelectorAll('#sources-list button')].find((one) => / to review/.test(one.innerText))"
_ENTRY = "[...document.querySelectorAll('#entries-list button')].find((one) => /Needs review/.test(one.innerText))"
_WORK = "[...document.querySelectorAll('#works-body tr')].find((one) => /In the library/.test(one.innerText))"
_OPEN = (f"{_SOURCE}.click() || true", "document.querySelectorAll('#entries-list li').length > 5")
_GAPS = "document.querySelectorAll('#sources-states button')[1].click() || true"
_TOLD = "document.querySelector('#panel .timeline')"
_ARRANGED = ("document.getElementById('graph').dataset.arranged",)

SHOTS = (
    Shot(name="empty", scene="empty", height=760),
    Shot(name="busy", scene="busy", height=1180),
    Shot(name="busy-dark", scene="busy", height=1180, dark=True),
    Shot(name="phone", scene="busy", width=390, height=844),
    Shot(name="sources", scene="busy", at="#sources", steps=_OPEN),
    Shot(name="explain", scene="busy", at="#sources", width=1600, steps=(*_OPEN, f"{_ENTRY}.click() || true", _TOLD)),
    Shot(
        name="phone-explain", scene="busy", at="#works", width=390, height=844,
        steps=(f"{_WORK}.querySelector('button').click() || true", _TOLD),
    ),
    Shot(name="failing", scene="failing", height=1180),
    Shot(name="graph", scene="busy", at="#graph", steps=_ARRANGED, settle_s=1.0),
    Shot(name="large", scene="large", height=1180, settle_s=3.0),
    Shot(name="large-sources", scene="large", at="#sources", dark=True, steps=(_GAPS, *_OPEN)),
    Shot(name="large-graph", scene="large", at="#graph", dark=True, steps=_ARRANGED, settle_s=1.0),
)  # fmt: skip


@click.command()
@click.option("--only", multiple=True, metavar="NAME", help="Only these pictures.")
@click.option("--into", type=click.Path(path_type=Path), default=HERE, show_default=True, help="The folder.")
def main(only: tuple[str, ...], into: Path) -> None:
    """Take the pictures of the dashboard."""
    into.mkdir(parents=True, exist_ok=True)
    wanted = [shot for shot in SHOTS if not only or shot.name in only]
    for scene in dict.fromkeys(shot.scene for shot in wanted):
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            with set_up(SCENES[scene], place / "scene") as staged, serving(staged.settings) as where:
                for shot in (one for one in wanted if one.scene == scene):
                    staged.beat()
                    took = _take(shot, where, place / shot.name, into / f"{shot.name}.webp")
                    click.echo(f"{shot.name}: {took}")


def _take(shot: Shot, where: str, profile: Path, file: Path) -> str:
    with Browser(profile, width=shot.width, height=shot.height, scale=shot.scale) as browser:
        browser.prefer(prefers_color_scheme="dark" if shot.dark else "light", prefers_reduced_motion="reduce")
        began = time.monotonic()
        browser.open(f"{where}/#token={TOKEN}")
        browser.wait("document.getElementById('state-word').textContent !== '…'")
        shown_s = time.monotonic() - began
        if shot.at:
            browser.run(f"location.hash = '{shot.at}'")
        for step in shot.steps:
            browser.wait(step)
        settled = time.monotonic() + shot.settle_s
        browser.until(lambda: time.monotonic() > settled, "a moment")
        picture = Image.open(io.BytesIO(browser.shot())).convert("RGB")
        if browser.console:
            raise click.ClickException(f"{shot.name}: the page complains: {browser.console}")
    for quality in (88, 80, 70, 60, 50, 40, 30):
        picture.save(file, "WEBP", quality=quality, method=6)
        if file.stat().st_size < MOST_BYTES:
            break
    return f"{file.stat().st_size // 1000} kB, shown after {shown_s:.2f} s"


if __name__ == "__main__":
    main()
