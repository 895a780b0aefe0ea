"""What a proof comes to: the same words and the same document for each."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

import click

_TOLD = 100  # failures that are told one by one


@dataclass(frozen=True, slots=True)
class Verdict:
    """The figures of one call of a proof."""

    proof: str  # its name on the command line
    tried: int  # kills, faults, files, requests: what the proof's page says
    lost: int  # entries, works, files or texts that should be there and are not
    doubled: int  # what is there twice
    untyped: int  # endings without one of our reasons, conditions or one-line errors
    failures: Sequence[str] = ()  # one line each: what must not be, with all that is needed to try it again
    more: Mapping[str, Any] = field(default_factory=dict)  # figures of this proof alone

    @property
    def sound(self) -> bool:
        """Whether nothing was found."""
        return not (self.lost or self.doubled or self.untyped or self.failures)

    def document(self) -> dict[str, Any]:
        """What `--json` prints."""
        return {
            "schema": f"dl-lit/proof-{self.proof}/1",
            "tried": self.tried,
            "lost": self.lost,
            "doubled": self.doubled,
            "untyped": self.untyped,
            **self.more,
            "failed": len(self.failures),
            "failures": list(self.failures[:_TOLD]),
        }

    def tell(self, *, as_json: bool) -> NoReturn:
        """Print it and end the program: with 0 when it is sound, else with 1."""
        document = self.document()
        if as_json:
            click.echo(json.dumps(document, indent=1, ensure_ascii=False))
        else:
            click.echo("\n".join(f"{name:16} {_plain(value)}" for name, value in document.items()))
        sys.exit(0 if self.sound else 1)


def _plain(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
