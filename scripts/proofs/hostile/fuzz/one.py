"""One target fuzzed in a process of its own, since libFuzzer ends the process that it runs in.

Started as `python -m proofs.hostile.fuzz.one TARGET SECONDS SEED FOLDER`; found inputs go to the folder, a line each to
`found.jsonl` there. `python -m proofs.hostile.fuzz.one again TARGET FILE` reads one input once, without atheris.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import random
import sys
import time
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

HANG_S = 30
_MOST_MB = 2_000
_MOST_FOUND = 20  # of one kind at one place, then it is known


def main() -> None:
    """Do what the command line says."""
    logging.disable(logging.CRITICAL)
    if sys.argv[1] == "again":
        _again(sys.argv[2], Path(sys.argv[3]))
    elif find_spec("atheris") is None:
        _without_atheris(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))
    else:
        _with_atheris(sys.argv[1], float(sys.argv[2]), int(sys.argv[3]), Path(sys.argv[4]))


class _Book:
    """Writes down what is found, the same thing once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._known: set[tuple[str, str, str]] = set()
        self.tried = 0

    def note(self, found: object, data: bytes) -> None:
        self.tried += 1
        if found is None:
            return
        told = asdict(found)  # type: ignore[call-overload]
        key = (told["kind"], told["place"], told["what"][:24] if told["kind"] == "raised" else "")
        if key in self._known and (told["kind"] == "raised" or len(self._known) > _MOST_FOUND):
            return
        self._known.add(key)
        file = self._folder / f"{told['target']}-{hashlib.sha256(data).hexdigest()[:12]}"
        file.write_bytes(data)
        with (self._folder / "found.jsonl").open("a") as lines:
            lines.write(json.dumps(told | {"file": file.name}) + "\n")

    def close(self, name: str) -> None:
        """Say how many inputs there were."""
        (self._folder / f"{name}.tried").write_text(str(self.tried))


def _with_atheris(name: str, seconds: float, seed: int, folder: Path) -> None:
    import atheris  # noqa: PLC0415 - only where it is installed
    from proofs.hostile.fuzz.targets import TARGETS  # noqa: PLC0415

    with atheris.instrument_imports(include=["dl_lit", "stages"]):
        target = TARGETS[name]  # what it brings in is instrumented
    from proofs.hostile.fuzz.mutating import mutated  # noqa: PLC0415
    from proofs.hostile.fuzz.target import tried  # noqa: PLC0415

    book = _Book(folder)
    seeds = target.seeds()
    corpus = folder / f"corpus-{name}"
    corpus.mkdir(exist_ok=True)
    for number, sound in enumerate(seeds):
        (corpus / f"seed-{number}").write_bytes(sound[: target.most_bytes])

    said = [0.0]  # when it was last said how many there were: libFuzzer ends the process without a word

    def look(data: bytes) -> None:
        book.note(tried(target, data), data)
        if time.monotonic() - said[-1] > 1.0:
            said[-1] = time.monotonic()
            book.close(name)

    def mutator(data: bytes, most: int, chosen: int) -> bytes:
        if chosen % 2:
            return atheris.Mutate(data, most)
        return mutated(data, random.Random(chosen), most, seeds)

    options = [
        f"-max_total_time={max(1, round(seconds))}",
        f"-timeout={HANG_S}",
        f"-rss_limit_mb={_MOST_MB}",
        f"-max_len={target.most_bytes}",
        f"-seed={seed}",
        f"-artifact_prefix={folder}/{name}-artifact-",
        "-len_control=20",
        "-print_final_stats=1",
    ]
    atheris.Setup([sys.argv[0], *options, str(corpus)], look, custom_mutator=mutator)
    atheris.Fuzz()


def _without_atheris(name: str, seconds: float, seed: int, folder: Path) -> None:
    from proofs.hostile.fuzz.mutating import mutated  # noqa: PLC0415
    from proofs.hostile.fuzz.target import tried  # noqa: PLC0415
    from proofs.hostile.fuzz.targets import TARGETS  # noqa: PLC0415

    target, book, chance = TARGETS[name], _Book(folder), random.Random(f"{seed}/{name}")
    seeds = target.seeds()
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        data = mutated(chance.choice(seeds), chance, target.most_bytes, seeds)
        book.note(tried(target, data), data)
    book.close(name)


def _again(name: str, file: Path) -> None:
    from proofs.hostile.fuzz.target import tried  # noqa: PLC0415
    from proofs.hostile.fuzz.targets import TARGETS  # noqa: PLC0415

    target = TARGETS[name]
    for sound in target.seeds()[:1]:
        tried(target, sound[: target.most_bytes])  # what is brought in at the first time is no fault of the file's
    found = tried(target, file.read_bytes())
    sys.stdout.write(json.dumps(None if found is None else asdict(found)))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
