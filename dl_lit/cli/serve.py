"""`dl-lit serve`: the dashboard and the control surface, beside a running pipeline or without one."""

from __future__ import annotations

import sys

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options

TOKEN_VARIABLE = "DL_LIT_SERVE_TOKEN"  # noqa: S105 - the variable's name, not a token


@click.command(
    epilog="""\b
Examples:
  dl-lit serve
  dl-lit serve --port 0                                         any free port
  dl-lit serve --unix /run/user/1000/dl-lit.sock                only for yourself, without a token
  DL_LIT_SERVE_TOKEN=… dl-lit serve --host 0.0.0.0              for others, who need the token

\b
/            the dashboard
/health      how it is, with reasons       /metrics       numbers for Prometheus
/api/…       status, sources, references, works, explain/ID, conditions
/process     POST a PDF                    /api/pause, /api/resume, /api/retry
/events      what happens, as it happens   /openapi.json  all of this described

What changes something needs the token: the one that is set, else the one that is made and kept in the state folder."""
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option("--unix", "path", metavar="PATH", help="Listen on this socket of the file system instead.")
@click.option("--token", metavar="TOKEN", help=f"The token; {TOKEN_VARIABLE} is never seen by other users.")
@common_options
@click.pass_obj
def command(invocation: Invocation, *, host: str, port: int, path: str | None, token: str | None) -> None:
    """Serve the dashboard, metrics and the control surface until stopped.

    What is ordered here is done by a running pipeline at once, or by the next one.
    """
    from pathlib import Path  # noqa: PLC0415 - as below

    from dl_lit.app.control_surface.serve_token import token_file, token_of  # noqa: PLC0415
    from dl_lit.app.control_surface.surface import Surface, require_token  # noqa: PLC0415
    from dl_lit.app.now.pulse import read_own_pulse  # noqa: PLC0415 - the whole program, which --help need not load
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.control_address import Reach, TcpAddress, UnixAddress  # noqa: PLC0415
    from dl_lit.runtime.reticence import hide_word  # noqa: PLC0415
    from dl_lit.runtime.signals import StopSignals  # noqa: PLC0415
    from dl_lit.web.listening import listening  # noqa: PLC0415

    if token:
        invocation.set("serve.token", "--token", token)
        hide_word(token)
    settings = invocation.settings
    address = UnixAddress(Path(path).absolute()) if path else TcpAddress(host, port)
    require_token(address, settings)
    invocation.start_logging()

    def watched() -> list[Path]:
        pulse = read_own_pulse(settings.database)
        return [Path(folder.path) for folder in pulse.folders] if pulse is not None else []

    def tell(where: str) -> None:
        slash = "/" if isinstance(address, TcpAddress) else ""
        click.echo(f"dl-lit: serving {where}{slash}", err=True)
        if address.reach is not Reach.OWNER and not settings.serve.token:
            known = (
                f"{where}/#token={token_of(settings)}"
                if sys.stderr.isatty()
                else f"the token is in {token_file(settings)}"
            )
            click.echo(f"dl-lit: with the rights to change something: {known}", err=True)

    with StopSignals() as stop, Surface(settings, SystemClock(), address, folders=watched) as surface:
        while not stop.should_stop():  # anew where the socket has been removed
            with listening(address) as (listener, where):
                tell(where)
                surface.server(listener).run(should_stop=stop.should_stop)
