"""The proofs by name; each is a module or a folder here whose `command` is a click command."""

from __future__ import annotations

import importlib
import signal

import click

_PROOFS = {
    "budget": "proofs.budget",
    "crash": "proofs.crash.proof",
    "faults": "proofs.faults.proof",
    "fleet": "proofs.fleet.proof",
    "hostile": "proofs.hostile.proof",
    "llm": "proofs.llm",
    "machine": "proofs.machine.proof",
    "outages": "proofs.outages",
    "scale": "proofs.scale.proof",
    "power": "proofs.power.proof",
    "roundtrip": "proofs.roundtrip.proof",
    "snowball": "proofs.snowball.proof",
    "soak": "proofs.soak.proof",
    "state": "proofs.state.proof",
    "surface": "proofs.surface.proof",
    "text": "proofs.text.proof",
}


class _Proofs(click.Group):
    """Loads a proof when it is asked for: some need packages that take a while."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(_PROOFS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in _PROOFS:
            return None
        command: click.Command = importlib.import_module(_PROOFS[cmd_name]).command
        return command


main = _Proofs("prove", help="Slow proofs of what dl_lit promises.")

if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # who is ended so tidies up as well
    main()
