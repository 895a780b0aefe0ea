"""Trains the reader's models from labelled data; the same data give the same files, byte by byte.

Each model is a module of this folder with `train(data: Path, models: Path) -> None`, which writes its files into the
folder `models` and says on stderr what it learnt from how much.
"""

from __future__ import annotations

import importlib
from pathlib import Path

import click

NAMES = ("lines", "entries", "fields")
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
    models.mkdir(parents=True, exist_ok=True)
    for name in only or NAMES:
        importlib.import_module(f"training.{name}").train(data, models)


if __name__ == "__main__":
    main()
