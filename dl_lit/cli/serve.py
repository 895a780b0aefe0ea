"""`dl-lit serve`: show the dashboard in a browser."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options
from dl_lit.core.errors import NeedsConfiguration

TOKEN_VARIABLE = "DL_LIT_SERVE_TOKEN"  # noqa: S105 - the variable's name, not a token


@click.command(
    epilog="""\b
Examples:
  dl-lit serve
  dl-lit serve --port 0                                         any free port
  DL_LIT_SERVE_TOKEN=… dl-lit serve --host 0.0.0.0              for others, who need the token

\b
/            the dashboard, which refreshes itself (?token=… if there is one)
/health      whether the database opens and who works it
/metrics     numbers for Prometheus
/api/status  /api/references?source=&state=&limit=&offset=  /api/works?state=  /api/explain/ID"""
)
@click.option("--host", default="127.0.0.1", show_default=True, metavar="ADDRESS", help="Where to listen.")
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option(
    "--token",
    envvar=TOKEN_VARIABLE,
    show_envvar=True,
    metavar="TOKEN",
    help="Ask for this token; needed where others can reach the address. The variable is not seen by other users.",
)
@common_options
@click.pass_obj
def command(invocation: Invocation, *, host: str, port: int, token: str | None) -> None:
    """Serve the dashboard, metrics and a JSON interface, all read-only, until stopped."""
    from db.reading.opening import reading  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.app.answers import Answers  # noqa: PLC0415
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.runtime.signals import StopSignals  # noqa: PLC0415
    from dl_lit.web.application import application  # noqa: PLC0415
    from dl_lit.web.server import is_private, listen, names_of, serve  # noqa: PLC0415

    token = token or None
    if token is None and not is_private(host):
        raise NeedsConfiguration(f"others can reach {host}: set a token with --token or {TOKEN_VARIABLE}")
    settings = invocation.settings
    with reading(settings.database):
        pass  # says at once what is wrong with it
    invocation.start_logging()
    answers = Answers(settings, SystemClock())
    app = application(answers.queries(), hosts=names_of(host), token=token)
    with StopSignals():
        serve(app, listen(host, port), on_ready=lambda address: click.echo(f"dl-lit: serving {address}", err=True))
