"""Drives a Chromium over the DevTools protocol, through a pipe: no port, no driver, nothing to install.

https://chromedevtools.github.io/devtools-protocol/ (read 2026-11-23). Messages are JSON, each ended by a NUL,
written to the browser's descriptor 3 and read from its descriptor 4.
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

PATIENCE_S = 20.0


class BrowserTrouble(Exception):
    """The browser, or a script in the page, did not do what it was told."""


def chromium() -> str | None:
    """The browser's program; None where there is none."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


def _high(descriptor: int) -> int:
    """The same file by a number that is not in the way of 3 and 4."""
    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, 10)
    os.close(descriptor)
    return moved


class Browser:
    """A browser with one page, for as long as it is entered; `profile` is an empty folder of its own."""

    def __init__(self, profile: Path, *, width: int = 1280, height: int = 800, scale: float = 1.0) -> None:
        self._profile = profile
        self._size = width, height, scale
        self._number = 0
        self._held = b""
        self.console: list[str] = []
        """What the page complained of: errors, warnings, exceptions."""
        self.requests: list[str] = []
        """Every address that the page asked for."""

    def __enter__(self) -> Self:
        program = chromium()
        if program is None:
            raise BrowserTrouble("there is no Chromium here: apt-get install chromium")
        to_read, write = map(_high, os.pipe())
        read, to_write = map(_high, os.pipe())
        width, height, _ = self._size
        command = [
            program, "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
            "--disable-background-networking", "--disable-component-update", "--disable-default-apps",
            "--disable-extensions", "--hide-scrollbars", "--mute-audio", "--disable-dev-shm-usage", "--no-proxy-server",
            "--disable-features=Translate,MediaRouter,OptimizationHints", "--force-color-profile=srgb",
            f"--user-data-dir={self._profile}", f"--window-size={width},{height}", "--remote-debugging-pipe",
            "about:blank",
        ]  # fmt: skip
        nothing = [(os.POSIX_SPAWN_OPEN, one, os.devnull, os.O_RDWR, 0) for one in (0, 1, 2)]
        pipes = [(os.POSIX_SPAWN_DUP2, to_read, 3), (os.POSIX_SPAWN_DUP2, to_write, 4)]
        environment = {**os.environ, "HOME": str(self._profile), "XDG_CONFIG_HOME": str(self._profile)}
        self._pid = os.posix_spawn(program, command, environment, file_actions=[*nothing, *pipes], setsid=True)
        os.close(to_read)
        os.close(to_write)
        self._write, self._read = write, read
        try:
            self._attach()
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            os.write(self._write, json.dumps({"id": 0, "method": "Browser.close"}).encode() + b"\0")
        os.close(self._write)
        ends = time.monotonic() + 5
        while os.waitpid(self._pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > ends:
                os.killpg(self._pid, signal.SIGKILL)
                os.waitpid(self._pid, 0)
                break
            time.sleep(0.01)
        os.close(self._read)

    def _attach(self) -> None:
        self._session: str | None = None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(one for one in targets if one["type"] == "page")
        self._session = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log", "DOM", "Accessibility"):
            self.call(f"{domain}.enable")
        self.resize(*self._size)

    # --- the protocol

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """What the browser answers. Raises `BrowserTrouble`."""
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        ends = time.monotonic() + PATIENCE_S
        while True:
            told = self._next(ends)
            if told is None:
                raise BrowserTrouble(f"no answer to {method}")
            if told.get("id") == self._number:
                if "error" in told:
                    raise BrowserTrouble(f"{method}: {told['error']}")
                return dict(told["result"])

    def _next(self, ends: float) -> dict[str, Any] | None:
        """The next message; None when none has come by then."""
        while b"\0" not in self._held:
            left = ends - time.monotonic()
            if left <= 0 or not select.select([self._read], [], [], left)[0]:
                return None
            block = os.read(self._read, 1 << 20)
            if not block:
                raise BrowserTrouble("the browser has ended")
            self._held += block
        message, _, self._held = self._held.partition(b"\0")
        told: dict[str, Any] = json.loads(message)
        self._note(told)
        return told

    def _note(self, told: dict[str, Any]) -> None:
        parameters = told.get("params", {})
        match told.get("method"):
            case "Runtime.exceptionThrown":
                details = parameters["exceptionDetails"]
                self.console.append(details.get("exception", {}).get("description") or details["text"])
            case "Runtime.consoleAPICalled" if parameters["type"] in {"error", "warning", "assert"}:
                said = (one.get("value", one.get("description")) for one in parameters["args"])
                self.console.append(" ".join(map(str, said)))
            case "Log.entryAdded" if parameters["entry"]["level"] in {"error", "warning"}:
                entry = parameters["entry"]
                self.console.append(f"{entry['text']} {entry.get('url', '')}".strip())
            case "Network.requestWillBeSent":
                self.requests.append(parameters["request"]["url"])

    # --- the page

    def open(self, address: str) -> None:
        """Go there, and wait until the document has been read."""
        self.call("Page.navigate", url=address)
        self.wait(f"document.readyState === 'complete' && location.href.startsWith({json.dumps(address[:12])})")

    def run(self, script: str) -> Any:
        """The value of an expression in the page, promises awaited. Raises `BrowserTrouble`."""
        told = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in told:
            details = told["exceptionDetails"]
            raise BrowserTrouble(details.get("exception", {}).get("description") or details["text"])
        return told["result"].get("value")

    def wait(self, condition: str, patience_s: float = PATIENCE_S) -> None:
        """Wait until the expression is true, looking again and again. Raises `BrowserTrouble`."""
        looked = f"(() => {{ try {{ return Boolean({condition}) }} catch {{ return false }} }})()"
        self.until(lambda: self.run(looked), condition, patience_s)

    def until(self, holds: Callable[[], Any], what: str, patience_s: float = PATIENCE_S) -> Any:
        """The same for what is asked from outside of the page."""
        ends = time.monotonic() + patience_s
        while not (found := holds()):
            if time.monotonic() > ends:
                raise BrowserTrouble(f"it did not come about: {what}; console: {self.console}")
            self._next(time.monotonic() + 0.02)
        return found

    def key(self, name: str, text: str = "", *, shift: bool = False) -> None:
        """Press and release a key."""
        codes = {"Tab": 9, "Enter": 13, "Escape": 27, "ArrowLeft": 37, "ArrowRight": 39, "ArrowDown": 40}
        pressed: dict[str, Any] = {"key": name, "windowsVirtualKeyCode": codes.get(name, ord(name[0].upper()))}
        pressed["modifiers"] = 8 if shift else 0
        typed = text or ("\r" if name == "Enter" else "")
        down = {"text": typed} if typed else {}
        self.call("Input.dispatchKeyEvent", type="keyDown" if typed else "rawKeyDown", **pressed, **down)
        self.call("Input.dispatchKeyEvent", type="keyUp", **pressed)

    def write(self, text: str) -> None:
        """Type a text where the focus is."""
        self.call("Input.insertText", text=text)

    def resize(self, width: int, height: int, scale: float = 1.0) -> None:
        """Make the window so large, in CSS pixels."""
        self.call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def prefer(self, **features: str) -> None:
        """What the user prefers: `prefers_color_scheme="dark"`."""
        told = [{"name": name.replace("_", "-"), "value": value} for name, value in features.items()]
        self.call("Emulation.setEmulatedMedia", features=told)

    def shot(self) -> bytes:
        """The window as PNG."""
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])

    def names(self) -> list[tuple[str, str]]:
        """Role and name of everything that assistive technology is shown."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [
            (str(node.get("role", {}).get("value", "")), str(node.get("name", {}).get("value", "")))
            for node in nodes
            if not node.get("ignored")
        ]
