"""`python -m dl_lit.replica`: serve a replica until SIGTERM, SIGINT or the end of standard input."""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
from pathlib import Path
from types import FrameType

from dl_lit.core.services import SERVICES
from dl_lit.replica.language.model import ModelSettings
from dl_lit.replica.latency import PROFILES
from dl_lit.replica.server import Replica
from dl_lit.replica.services.grobid import papers_with_gold
from dl_lit.replica.services.settings import Settings
from dl_lit.replica.universe import Universe, read_lines
from dl_lit.replica.weaving import Weave, woven

_OF_FILES = ("gemini", "anthropic")  # models that are sent PDFs


def main(arguments: list[str] | None = None) -> int:
    """Serve; the exit code is 0 after an orderly end, 1 where the files or addresses cannot be had."""
    options = _parser().parse_args(arguments)
    try:
        universe = _universe(options)
        replica = Replica(
            universe,
            seed=options.seed,
            latency=options.latency_profile,
            time_scale=options.time_scale,
            hosts=options.hosts,
            port=options.port,
            enforce_limits=not options.no_limits,
            settings=Settings(
                openalex_credits=options.openalex_credits,
                models=ModelSettings(processing_s=options.processing_s),
                pdf_min_bytes=options.pdf_bytes,
                pdf_max_bytes=options.pdf_bytes,
                grobid_papers=papers_with_gold(zip(options.papers, options.gold, strict=False)),
            ),
            log_path=options.log,
        )
        replica.start()
    except (OSError, ValueError) as problem:
        sys.stderr.write(f"replica: {problem}\n")
        return 1
    try:
        ended = _ending(watch_stdin=not options.ignore_stdin)  # before anybody hears that it serves, and ends it
        _announce(replica, len(universe), shell=options.shell, with_papers=bool(options.papers))
        while not ended.wait(1.0):  # in slices, so that signals are handled at once on every platform
            pass
    finally:
        replica.stop()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dl_lit.replica", description=__doc__)
    parser.add_argument("--universe", type=Path, help="file of records, one JSON object a line, .gz or plain")
    parser.add_argument(
        "--gold", type=Path, action="append", default=[], help="folder of gold reference lists; repeatable"
    )
    parser.add_argument(
        "--papers",
        type=Path,
        action="append",
        default=[],
        help="folder of the PDFs whose gold lists GROBID answers with, one for each --gold; repeatable",
    )
    parser.add_argument("--empty", action="store_true", help="know no works: for language models alone")
    parser.add_argument(
        "--woven", type=int, metavar="N", help="let half of the works cite others in their PDFs, one of them N works"
    )
    parser.add_argument("--cache", type=Path, help="folder for the index; the system's temporary folder unless given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--latency-profile", choices=sorted(PROFILES), default="none")
    parser.add_argument("--time-scale", type=float, default=1.0, help="divides latencies and rate windows alike")
    parser.add_argument("--hosts", type=int, default=40, help="publishers and repositories together")
    parser.add_argument("--port", type=int, default=0, help="common to all addresses; 0 chooses a free one")
    parser.add_argument("--pdf-bytes", type=int, default=60_000, help="size of the served files")
    parser.add_argument(
        "--processing-s", type=float, default=1.0, help="from an upload to Gemini until it can be asked about"
    )
    parser.add_argument("--openalex-credits", type=int, default=1_000, help="a day, for clients without a key")
    parser.add_argument("--no-limits", action="store_true", help="let everything in, whatever rate and concurrency")
    parser.add_argument("--log", type=Path, help="file that gets one JSON line per request")
    parser.add_argument("--shell", action="store_true", help="print export lines instead of JSON")
    parser.add_argument("--ignore-stdin", action="store_true", help="serve on when standard input ends")
    return parser


def _universe(options: argparse.Namespace) -> Universe:
    path: Path | None = options.universe
    if path is not None and options.woven is not None:
        return Universe.from_records(woven(read_lines(path), Weave(seed=options.seed, giant=options.woven)))
    if path is not None:
        return Universe.load(path, options.gold, options.cache)
    if options.gold:
        return Universe.from_gold_dirs(options.gold)
    if options.empty:
        return Universe.from_records(())
    raise ValueError("name a universe (--universe), gold lists (--gold) or --empty")


def _announce(replica: Replica, records: int, *, shell: bool, with_papers: bool) -> None:
    """Say on standard output where everything is, and that it answers."""
    if shell:
        settings = {"DL_LIT_ALLOW_HOSTS", *(f"DL_LIT_{service.name.upper()}_URL" for service in SERVICES)}
        found = {name: value for name, value in replica.env().items() if name in settings}
        grobid = f"DL_LIT_GROBID_URL={shlex.quote(replica.url('grobid'))}"
        lines = [f"export {name}={shlex.quote(value)}" for name, value in found.items()]
        # Without papers it knows no PDF, and asking it would take time for nothing.
        lines.append(f"export {grobid}" if with_papers else f"# {grobid} (it knows the papers of --papers)")
        models = {"openrouter": f"{replica.url('chat')}/api/v1", **{one: replica.url(one) for one in _OF_FILES}}
        for provider, address in models.items():
            named = f"DL_LIT_LLM_PROVIDER={provider} DL_LIT_LLM_MODEL=any DL_LIT_LLM_KEY=any"
            lines.append(f"# {named} DL_LIT_LLM_BASE_URLS={address}")
        lines.append(f"# control: {replica.control_url}")
        text = "\n".join(lines)
    else:
        sites = {site: replica.url(site) for site in ("grobid", *replica.language.models)}
        told = {"control": replica.control_url, **sites, "records": records}
        text = json.dumps({"env": replica.env(), **told})
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _ending(*, watch_stdin: bool) -> threading.Event:
    """What is set when a signal or the end of standard input says so."""
    ended = threading.Event()

    def end(number: int, frame: FrameType | None) -> None:
        del number, frame
        ended.set()

    def read_to_end() -> None:
        while sys.stdin.read(1024):
            pass
        ended.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    if watch_stdin:
        threading.Thread(target=read_to_end, name="stdin", daemon=True).start()
    return ended


if __name__ == "__main__":
    sys.exit(main())
