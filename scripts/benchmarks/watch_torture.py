"""What is done to a watched folder, one scene after the other while a large file is being copied slowly."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from benchmarks.watch_desk import Desk, Stamps, Terms, until, workplace

BLOCK = 1 << 20


def torture(observe: str, terms: Terms) -> dict[str, Any]:
    """All scenes with one observer; the figures."""
    with workplace() as base:
        desk = Desk(base / "desk", observe, terms)
        found = _play(desk)
        if terms.may_mount:
            away = Desk(base / "away", observe, terms)
            _tell(observe, "unmounted and back")
            found = _together(found, unmounted(away))
        return {
            "files": found["files"],
            "missed": found["missed"],
            "doubled": found["doubled"],
            "half_read": found["half_read"],
            "latency_p50_ms": _quantile(found["latencies"], 0.50),
            "latency_p99_ms": _quantile(found["latencies"], 0.99),
            "latency_most_ms": _quantile(found["latencies"], 1.0),
            "scenes": found["scenes"],
            "told_blind": found.get("told_blind"),
        }


def _play(desk: Desk) -> dict[str, Any]:
    left_to_find = [desk.folder / "before" / f"{number}.pdf" for number in range(20)]
    (desk.folder / "before").mkdir()
    with desk.watched():
        pass  # the database is made
    desk.scene = "there before the start"
    for path in left_to_find:
        desk.write(path)
    stamps = Stamps(desk.database)
    stamps.start()
    with desk.watched():
        large = threading.Thread(target=slow, args=(desk,))
        large.start()
        for scene in SCENES:
            desk.scene = scene.__name__.replace("_", " ")
            _tell(desk.observe, desk.scene)
            scene(desk)
        large.join()
    desk.scene = "restarted in the middle"
    _tell(desk.observe, desk.scene)
    with desk.watched():
        for number in range(200):
            desk.write(desk.folder / f"early {number}.pdf")
    with desk.watched():
        desk.settled()
        time.sleep(desk.terms.stable_s + desk.terms.poll_s + 1.0)  # whatever should not come has time to come
        stamps.stop()
        return _judge(desk, stamps)


def _judge(desk: Desk, stamps: Stamps) -> dict[str, Any]:
    rows, book = desk.rows(), desk.book
    waits: dict[str, list[float]] = {scene: [] for scene in book.files}
    for sha, at in book.finished.items():
        if sha in stamps.seen and sha not in book.untimed:
            waits[book.scenes[sha]].append(1000 * (stamps.seen[sha] - at))
    return {
        "files": sum(book.files.values()),
        "missed": len(book.finished.keys() - rows.keys()),
        "doubled": sum(times - 1 for times in book.takes.values()),
        "half_read": len(rows.keys() - book.finished.keys()),
        "latencies": [one for scene in waits.values() for one in scene],
        "scenes": {
            scene: {"files": files, "latency_p50_ms": _quantile(waits[scene], 0.50)}
            for scene, files in book.files.items()
        },
    }


def slow(desk: Desk) -> None:
    """A large PDF, copied slowly, with a pause in the middle that is longer than files are waited for."""
    terms = desk.terms
    stall_s = 1.5 * terms.stable_s
    digest = hashlib.sha256()
    path = desk.folder / "large.pdf"
    pause_s = max(0.0, terms.slow_s - stall_s) / max(1, terms.slow_mb)
    with path.open("wb") as file:
        for number in range(terms.slow_mb):
            block = (b"%PDF-1.7\n" if not number else b"") + number.to_bytes(8, "big") + os.urandom(BLOCK - 32)
            digest.update(block)
            file.write(block)
            file.flush()
            time.sleep(stall_s if number == terms.slow_mb // 2 else pause_s)
    desk.book.finish(digest.hexdigest(), "copied slowly")


def as_scanners_do(desk: Desk) -> None:
    """Opened and closed for every page, with pauses shorter than files are waited for."""
    path, content = desk.folder / "scan.pdf", b"%PDF-1.7\n"
    path.touch()
    for _ in range(8):
        page = os.urandom(4_000)
        content += page
        with path.open("ab") as file:
            file.write(content if file.tell() == 0 else page)
        time.sleep(desk.terms.stable_s * 0.4)
    desk.note(content, time.monotonic() - desk.terms.stable_s * 0.4)


def temporary_names(desk: Desk) -> None:
    """As rsync, browsers, Syncthing, WinSCP and Word write: under another name first, slowly, then renamed."""
    names = {
        ".rsync.pdf.Xa81bQ": "rsync.pdf",
        "chrome.pdf.crdownload": "chrome.pdf",
        "firefox.pdf.part": "firefox.pdf",
        ".syncthing.sync.pdf.tmp": "sync.pdf",
        "winscp.pdf.filepart": "winscp.pdf",
        "~$word.pdf": "word.pdf",
        ".~tmp~/delayed.pdf": "delayed.pdf",
    }
    (desk.folder / ".~tmp~").mkdir()
    (desk.folder / "firefox.pdf").touch()  # it holds its name with an empty file
    parts = {name: (desk.pdf(), desk.pdf()) for name in names}
    for name, (first, _) in parts.items():
        (desk.folder / name).write_bytes(first)
    time.sleep(1.2 * desk.terms.stable_s)
    for name, (first, second) in parts.items():
        with (desk.folder / name).open("ab") as file:
            file.write(second)
        (desk.folder / name).rename(desk.folder / names[name])
        desk.note(first + second)


def renamed_in(desk: Desk) -> None:
    """Files and whole folders moved here, old ones and new ones; folders made and filled at once."""
    for number in range(20):
        path = desk.outside / f"moved {number}.pdf"
        content = desk.pdf()
        path.write_bytes(content)
        if number % 2:
            os.utime(path, (1_000_000_000, 1_000_000_000))
        path.rename(desk.folder / path.name)
        desk.note(content)
    tree = desk.outside / "tree"
    contents = []
    for number in range(20):
        place = tree / str(number % 4) / "deep"
        place.mkdir(parents=True, exist_ok=True)
        contents.append(desk.pdf())
        (place / f"{number}.pdf").write_bytes(contents[-1])
    tree.rename(desk.folder / "tree")
    for content in contents:
        desk.note(content)
    for number in range(50):
        place = desk.folder / f"quick {number}" / "a" / "b"
        place.mkdir(parents=True)
        content = desk.pdf()
        path = desk.outside / "quick.pdf"
        path.write_bytes(content)
        path.rename(place / "moved.pdf")
        desk.note(content)


def hard_links(desk: Desk) -> None:
    """One content under several names, from here and from elsewhere, is one source."""
    for number in range(10):
        origin = desk.outside / f"linked {number}.pdf"
        content = desk.pdf()
        origin.write_bytes(content)
        for name in ("one", "two", "three"):
            os.link(origin, desk.folder / f"{name} {number}.pdf")
        desk.note(content)


def strange_names(desk: Desk) -> None:
    """Bytes that are no UTF-8, capitals, symbolic links, and links that lead in circles or nowhere."""
    for name in (b"caf\xe9 \xff.pdf", b"LOUD.PDF", b"new\nline.pdf", "Übergröße — ☃.Pdf".encode(), b"quote'\".pdf"):
        desk.write(Path(os.fsdecode(os.fsencode(desk.folder) + b"/" + name)))
    content = desk.pdf()
    (desk.outside / "pointed at").write_bytes(content)
    (desk.folder / "symbolic.pdf").symlink_to(desk.outside / "pointed at")
    desk.note(content)
    (desk.folder / "nowhere.pdf").symlink_to(desk.outside / "is not there")
    (desk.folder / "circle.pdf").symlink_to(desk.folder / "circle.pdf")
    (desk.folder / "round").symlink_to(desk.folder)
    os.mkfifo(desk.folder / "pipe.pdf")
    (desk.folder / "folder.pdf").mkdir()
    desk.write(desk.folder / "folder.pdf" / "inside.pdf")


def five_hundred_at_once(desk: Desk) -> None:
    """As somebody drops a folder of papers."""
    desk.write_many([desk.folder / f"paper {number}.pdf" for number in range(500)])
    desk.settled()


def many_at_once(desk: Desk) -> None:
    """As somebody moves in with a whole library."""
    paths = [desk.folder / f"shelf {number // 250}" / f"{number}.pdf" for number in range(desk.terms.many)]
    for place in {path.parent for path in paths}:
        place.mkdir()
    desk.write_many(paths)
    desk.settled()


def changed_afterwards(desk: Desk) -> None:
    """Rewritten, cut short and written anew, replaced by another file: each is a new content."""
    paths = [desk.folder / f"changing {number}.pdf" for number in range(12)]
    for path in paths:
        desk.write(path)
    desk.settled()
    for number, path in enumerate(paths):
        content = desk.pdf()
        if number % 3 == 0:
            path.write_bytes(content)
        elif number % 3 == 1:
            os.truncate(path, 0)
            time.sleep(0.05)
            with path.open("r+b") as file:
                file.write(content)
        else:
            other = desk.outside / "replacement.pdf"
            other.write_bytes(content)
            other.rename(path)
        desk.note(content)
    desk.settled()


def copied_and_renamed(desk: Desk) -> None:
    """Copies, and files and folders under new names, are no new sources."""
    for number in range(10):
        shutil.copyfile(desk.folder / f"paper {number}.pdf", desk.folder / f"copy of {number}.pdf")
        (desk.folder / f"paper {number + 10}.pdf").rename(desk.folder / f"renamed {number}.pdf")
    if desk.terms.many:
        (desk.folder / "shelf 0").rename(desk.folder / "shelf of its own")
    shutil.rmtree(desk.folder / "tree")
    time.sleep(desk.terms.stable_s)


SCENES: tuple[Callable[[Desk], None], ...] = (
    as_scanners_do,
    temporary_names,
    renamed_in,
    hard_links,
    strange_names,
    five_hundred_at_once,
    many_at_once,
    changed_afterwards,
    copied_and_renamed,
)


def unmounted(desk: Desk) -> dict[str, Any]:
    """The folder's file system goes away, leaving an empty folder, and comes back with more in it."""
    hold = desk.outside / "hold"
    hold.mkdir()
    _mount("-t", "tmpfs", "none", hold)
    _mount("--bind", hold, desk.folder)
    desk.scene = "unmounted and back"
    told = False
    try:
        with desk.watched() as watcher:
            for number in range(30):
                desk.write(desk.folder / f"{number}.pdf")
            desk.settled()
            for _ in range(2):
                for number in range(10):
                    desk.write(desk.folder / f"just before {time.monotonic_ns()} {number}.pdf")
                subprocess.run(["umount", "--lazy", desk.folder], check=True)
                told = until(lambda: watcher.pulse().blind is not None, 2 * desk.terms.poll_s + 5.0)
                for number in range(10):
                    desk.book.untimed.add(_written(desk, hold / f"while away {time.monotonic_ns()} {number}.pdf"))
                _mount("--bind", hold, desk.folder)
                for number in range(10):
                    desk.write(desk.folder / f"after {time.monotonic_ns()} {number}.pdf")
                desk.settled()
            time.sleep(desk.terms.stable_s + desk.terms.poll_s)
            return _judge(desk, Stamps(desk.database)) | {"told_blind": told}
    finally:
        for place in (desk.folder, hold):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)


def _written(desk: Desk, path: Path) -> str:
    return hashlib.sha256(desk.write(path)).hexdigest()


def _mount(*arguments: str | Path) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True)


def _together(first: dict[str, Any], second: dict[str, Any]) -> dict[str, Any]:
    added = {name: first[name] + second[name] for name in ("files", "missed", "doubled", "half_read", "latencies")}
    return added | {"scenes": first["scenes"] | second["scenes"], "told_blind": second["told_blind"]}


def _quantile(values: list[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 1)


def _tell(observe: str, scene: str) -> None:
    click.echo(f"watch: {observe}: {scene}", err=True)
