"""A hundred PDFs posted at once: how soon each is taken, whether any is lost or doubled, and how /health is meanwhile.

    scripts/bench serve [--json] [--posts 100] [--parallel 100] [--duplicates 0.3] [--unix]
    scripts/bench serve --url http://127.0.0.1:8765 --token …       against a running daemon, as a load test

Without --url a daemon of its own is started, with a replica of the services, so that the pipeline works on what is
posted while more is posted. PDFs are sent as they are, as forms and by their paths in the watched folder (with --url
only where --named-in says a folder that it may read). Who is told to come back later does so, and is counted.

    python -m json.tool    "lost": taken, but no source has the content; "doubled": sources too many, or two answers
"""

from __future__ import annotations

import hashlib
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import click
from benchmarks.serve_daemon import CHECKOUT, daemon, removed_or_kept
from benchmarks.serve_load import Post, Posted, Target, post_all, sources

from dl_lit.demo.assets import sample_pdfs

_SETTLE_S = 300.0
_LARGE_EVERY = 12  # one post in so many is a large file
_LARGE_BYTES = 4 << 20


def posts(number: int, duplicates: float, named_in: Path | None, seed: str) -> list[Post]:
    """So many, a share of them with the content of another; the same for one seed."""
    chance = random.Random(seed)
    samples = [path.read_bytes() for path in sample_pdfs()]
    found: list[Post] = []
    for count in range(number):
        if found and chance.random() < duplicates:
            content = chance.choice(found).content
        else:
            content = chance.choice(samples) + f"\n% {seed} {count}\n".encode()
            if count % _LARGE_EVERY == _LARGE_EVERY - 1:
                content += b"%" + b" " * _LARGE_BYTES + b"\n"
        kind = chance.choices(("body", "form", "path"), weights=(5, 4, 1 if named_in else 0))[0]
        name, path = f"bench-{count:04}.pdf", None
        if kind == "path" and named_in is not None:
            path = named_in / f".{name}"  # not for the watcher: it is named
            path.write_bytes(content)
        found.append(Post(name, kind, content, hashlib.sha256(content).hexdigest(), path))
    return found


@contextmanager
def asked_health(target: Target) -> Iterator[dict[str, Any]]:
    """Ask /health all the while; how that went is in the dictionary afterwards."""
    command = [sys.executable, "-m", "benchmarks.serve_health", target.url]
    env = {"PYTHONPATH": f"{CHECKOUT}:{CHECKOUT / 'scripts'}"}
    told: dict[str, Any] = {}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as child:
        if child.stdin is None or child.stdout is None:
            raise click.ClickException("no pipes")
        child.stdin.write(f"{target.token or ''}\n")
        child.stdin.flush()
        child.stdout.readline()
        yield told
        child.stdin.close()
        told.update(json.loads(child.stdout.readline()))


def figures(posted: Sequence[Posted], took_s: float, known: dict[str, list[str]]) -> dict[str, Any]:
    """What the posts came to, held against the sources that there are now."""
    taken = [one for one in posted if one.status == 202]
    contents = {one.sha256 for one in taken}
    lost = [sha for sha in contents if not known.get(sha)]
    answers = {sha: {one.id for one in taken if one.sha256 == sha} for sha in contents}
    doubled = sum(max(len(known.get(sha, ())), len(answers[sha]), 1) - 1 for sha in contents)
    doubled += sum(max(0, sum(bool(one.is_new) for one in taken if one.sha256 == sha) - 1) for sha in contents)
    seconds = [one.seconds for one in taken] or [0.0]
    return {
        "posts": len(posted),
        "taken": len(taken),
        "contents": len(contents),
        "success_rate": round(len(taken) / len(posted), 4),
        "throughput_per_s": round(len(taken) / took_s, 1),
        "seconds": round(took_s, 3),
        "mean_s": round(statistics.fmean(seconds), 4),
        "min_s": min(seconds),
        "median_s": round(statistics.median(seconds), 4),
        "max_s": max(seconds),
        "retries": sum(one.tries - 1 for one in posted),
        "lost": len(lost),
        "doubled": doubled,
    }


def health_figures(told: dict[str, Any]) -> dict[str, Any]:
    """How /health answered."""
    took = sorted(told["took_ms"])
    last = len(took) - 1
    return {
        "health_asked": len(took),
        "health_failed": told["failed"],
        "health_p50_ms": round(took[last // 2], 1),
        "health_p99_ms": round(took[min(last, round(0.99 * last))], 1),
        "health_max_ms": round(took[-1], 1),
    }


def settled(target: Target) -> float | None:
    """Seconds until every source has been read; None where that takes too long."""
    began = time.monotonic()
    while time.monotonic() - began < _SETTLE_S:
        if target.get("/api/status")["stages"][0]["waiting"] == 0:
            return round(time.monotonic() - began, 1)
        time.sleep(0.5)
    return None


@click.command()
@click.option("--posts", "number", default=100, show_default=True, help="PDFs to be posted.")
@click.option("--parallel", default=100, show_default=True, help="So many at once.")
@click.option("--duplicates", default=0.3, show_default=True, help="Share of them with the content of another.")
@click.option("--url", help="A running daemon: http://host:port, or unix:/path. Else one is started.")
@click.option("--token", envvar="DL_LIT_SERVE_TOKEN", help="Its token.")
@click.option("--named-in", type=click.Path(path_type=Path), help="A folder that it may read PDFs of by their path.")
@click.option("--unix", is_flag=True, help="Let the daemon that is started listen on a Unix socket.")
@click.option("--tries", default=20, show_default=True, help="How often one is posted that is told to come back.")
@click.option("--settle/--no-settle", default=True, help="Wait until the daemon that was started has read them all.")
@click.option("--json", "as_json", is_flag=True)
def command(
    *,
    number: int,
    parallel: int,
    duplicates: float,
    url: str | None,
    token: str | None,
    named_in: Path | None,
    unix: bool,
    tries: int,
    settle: bool,
    as_json: bool,
) -> None:
    """Post many PDFs at once to a control surface."""
    with ExitStack() as stack:
        if url is None:
            folder = Path(tempfile.mkdtemp(prefix="dl-lit-bench-"))
            stack.push(partial(removed_or_kept, folder))
            started = stack.enter_context(daemon(folder, unix=unix))
            target, named_in = started.target, started.inbox
        else:
            target = Target(url, token)
        todo = posts(number, duplicates, named_in, seed="bench" if url is None else f"bench {time.time_ns()}")
        with asked_health(target) as told:
            posted, took_s = post_all(target, todo, min(parallel, number), tries=tries)
        result: dict[str, Any] = {
            "schema": "dl-lit/bench-serve/1",
            "parallel": min(parallel, number),
            **figures(posted, took_s, sources(target)),
            **health_figures(told),
        }
        if url is None and settle:
            result["read_after_s"] = settled(target)
    if as_json:
        click.echo(json.dumps({**result, "requests": [one.plain() for one in posted]}, indent=1))
        return
    for name, value in result.items():
        click.echo(f"{name:18} {value}")
