"""The proofs by name; each is a module of this folder with a click command called `command`."""

from __future__ import annotations

import click
from proofs import budget, crash, hostile, llm, outages, soak, text

main = click.Group(
    "prove",
    commands={
        "budget": budget.command,
        "crash": crash.command,
        "hostile": hostile.command,
        "llm": llm.command,
        "outages": outages.command,
        "soak": soak.command,
        "text": text.command,
    },
    help="Slow proofs of what dl_lit promises.",
)

if __name__ == "__main__":
    main()
