"""`dl-lit notify`: who is told what happens, and whether that works."""

from __future__ import annotations

import click

from dl_lit.cli.invocation import Invocation
from dl_lit.cli.options import common_options, json_option


@click.command(
    epilog="""\b
Example:
  DL_LIT_NOTIFY_COMMAND='notify-send dl_lit' dl-lit notify --test"""
)
@click.option("--test", "is_test", is_flag=True, help="Tell them that this is a test, now.")
@json_option
@common_options
@click.pass_obj
def command(invocation: Invocation, *, is_test: bool, as_json: bool) -> int:
    """Show who is told when a batch ends or something goes wrong, and try it. Ends with 1 where somebody is not told.

    The settings are notify.command, notify.url, notify.secret, notify.on, notify.least_s and notify.timeout_s.
    """
    from dl_lit.app.notices.telling import is_wanted  # noqa: PLC0415 - not needed for --help
    from dl_lit.cli.printing import line, print_document  # noqa: PLC0415
    from dl_lit.core.errors import NeedsConfiguration  # noqa: PLC0415

    notify = invocation.settings.notify
    if is_test and not is_wanted(invocation.settings):
        raise NeedsConfiguration("nobody is to be told: set notify.command or notify.url")
    told = _tried(invocation) if is_test else {}
    known = {"notify.command": bool(notify.command), "notify.url": bool(notify.url)}
    if as_json:
        found = {name: {"is_set": is_set, "trouble": told.get(name)} for name, is_set in known.items()}
        print_document("dl-lit/notify/1", {"ways": found, "on": list(notify.on), "tried": is_test})
    else:
        for name, is_set in known.items():
            came = (f": not told: {told[name]}" if told[name] else ": told") if name in told else ""
            line(f"{name}: {'set' if is_set else 'not set'}{came}")
        line(f"told of: {', '.join(notify.on)}")
    return 1 if any(told.values()) else 0


def _tried(invocation: Invocation) -> dict[str, str]:
    """What went wrong with each way; "" where nothing did."""
    from dl_lit.app.memory import Memory  # noqa: PLC0415
    from dl_lit.app.notices.telling import Messenger, test_event, ways_of  # noqa: PLC0415
    from dl_lit.app.now.lasting import Complaints  # noqa: PLC0415 - as above
    from dl_lit.core.clock import SystemClock  # noqa: PLC0415
    from dl_lit.core.database_address import shown  # noqa: PLC0415

    settings, clock = invocation.settings, SystemClock()
    invocation.start_logging(warnings_only=True)
    with Memory(settings, clock) as memory, ways_of(settings, clock, memory.ledger) as ways:
        messenger = Messenger(ways, Complaints(), shown(settings.database))
        told = messenger.tell(test_event(clock))
    return {one.who: "offline, only this machine itself may be told" if one.is_offline else one.trouble for one in told}
