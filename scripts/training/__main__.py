"""Trains the reader's models from labelled data; the same data give the same files, byte by byte.

Each model is a module of this folder with `train(data: Path, models: Path) -> None`, which writes its files into the
folder `models` and says on stderr what it learnt from how much.
"""

from __future__ import annotations

import gzip
import importlib
import json
import lzma
import tarfile
import zlib
from pathlib import Path

import click

LINES, STRINGS, RECORDS = "grobid-lines.tar.xz", "citation_strings.jsonl.gz", "universe.jsonl.gz"
FILES = {"lines": (LINES,), "entries": (LINES, STRINGS, RECORDS), "fields": (STRINGS, RECORDS)}
NAMES = tuple(FILES)
_BROKEN = (OSError, EOFError, ValueError, tarfile.TarError, zlib.error, lzma.LZMAError)
MODELS = Path(__file__).resolve().parents[2] / "dl_lit" / "pdf" / "models"


@click.command()
@click.option(
    "--data",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    required=True,
    help="Folder with citation_strings.jsonl.gz, grobid-lines.tar.xz and universe.jsonl.gz.",
)
@click.option("--only", type=click.Choice(NAMES), multiple=True, help="Train this model and leave the others.")
@click.option(
    "--models",
    type=click.Path(path_type=Path, file_okay=False),
    default=MODELS,
    show_default="dl_lit/pdf/models",
    help="Where the model files go.",
)
def main(*, data: Path, only: tuple[str, ...], models: Path) -> None:
    """Train the models that the reader uses, and put them where it looks for them."""
    for file in dict.fromkeys(file for name in only or NAMES for file in FILES[name]):
        _look_through(data / file)
    if "lines" in (only or NAMES) and (data / STRINGS).exists():
        _look_through(data / STRINGS)  # it does without them
    models.mkdir(parents=True, exist_ok=True)
    for name in only or NAMES:
        importlib.import_module(f"training.{name}").train(data, models)


def _look_through(path: Path) -> None:
    """Read the packed file once, so that none is found missing or broken after an hour; raises `click.UsageError`."""
    if not path.is_file():
        raise click.UsageError(f"--data: {path} is missing")
    try:
        if path.name == LINES:
            with tarfile.open(path, "r:xz") as archive:
                count = len(archive.getnames())
        else:
            with gzip.open(path, "rt", encoding="utf-8") as rows:
                count = sum(isinstance(json.loads(row), dict) for row in rows)
    except _BROKEN as error:
        raise click.UsageError(f"--data: {path} is broken: {error}") from error
    if count == 0:
        raise click.UsageError(f"--data: {path} holds nothing to learn from")


if __name__ == "__main__":
    main()
