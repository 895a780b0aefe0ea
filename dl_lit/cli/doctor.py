"""`dl-lit doctor`: whether everything is as it should be."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from dl_lit.cli.checkup import Check, Level, clock_behind, machine
from dl_lit.cli.environment import conditions, environment
from dl_lit.cli.invocation import Invocation
from dl_lit.cli.mending import mended
from dl_lit.cli.options import common_options, json_option, model_options
from dl_lit.cli.setting_notes import explained
from dl_lit.core.database_address import shown

if TYPE_CHECKING:
    from db.reading.doctor import Finding
    from dl_lit.app.care.live import Probe
    from dl_lit.settings import Settings

_MARKS = {Level.OK: ("ok", "green"), Level.WARNING: ("warn", "yellow"), Level.FAILED: ("FAIL", "red")}


@click.command()
@click.option("--files", is_flag=True, help="Read every file of the library and compare its checksum.")
@click.option("--fix", is_flag=True, help="Put right what can be put right without harm, then check.")
@click.option("--explain", is_flag=True, help="Tell what was set, by whom, and what follows from it.")
@click.option("--live", is_flag=True, help="Ask every service once (one cheap request each).")
@json_option
@model_options
@common_options
@click.pass_obj
def command(invocation: Invocation, *, files: bool, fix: bool, explain: bool, live: bool, as_json: bool) -> int:
    """Check installation, settings, rights, limits, database and library. Ends with 1 when something is wrong.

    The database's promises are proven row by row: everything is in exactly one place, nothing is lost, order is kept.
    Nothing is changed but with --fix: folders are made, keys hidden from others, an older database is brought up to
    date, what a sudden end left behind is put right, and works whose file is gone are fetched again.
    """
    from dl_lit.cli.printing import print_document  # noqa: PLC0415 - brings msgspec, which --help need not load

    checks: list[Check] = []
    findings: list[Finding] = []
    probes: list[Probe] = []
    tell = (lambda _mark, _name, _says: None) if as_json else _tell
    for check in _checks(invocation, findings, files=files, fix=fix, explain=explain):
        checks.append(check)
        tell(check.level, check.name, check.says)
    if live:
        from dl_lit.app.care.live import probe_services  # noqa: PLC0415 - brings the HTTP client

        invocation.start_logging()  # before, the client's lines would be among the data
        for probe in probe_services(invocation.settings):
            probes.append(probe)
            tell(_level_of(probe), f"live-{probe.service}", _answer(probe))
    bad = any(check.level is Level.FAILED for check in checks) or any(_level_of(p) is Level.FAILED for p in probes)
    if as_json:
        document = {"ok": not bad, "checks": checks, "invariants": findings, "live": probes}
        print_document("dl-lit/doctor/1", document)
    return 1 if bad else 0


def _checks(
    invocation: Invocation, findings: list[Finding], *, files: bool, fix: bool, explain: bool
) -> Iterator[Check]:
    """Everything but the services; what the database promises is added to `findings` as well."""
    if fix:
        yield from mended(invocation.load())
    yield from machine(invocation.load())
    yield from environment(invocation.load())
    if explain:
        yield from explained(invocation.load())
    settings = invocation.settings
    missing = _missing(settings)
    if missing is not None:
        yield missing
        return
    yield from _database(settings, findings, files=files)
    yield from conditions(settings)


def _missing(settings: Settings) -> Check | None:
    """What is said where there is no database; None where there is."""
    from db.connect import is_there  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from dl_lit.core.errors import DlLitError  # noqa: PLC0415

    try:
        if is_there(settings.database):
            return None
    except DlLitError as error:
        return Check("database", Level.FAILED, str(error))
    return Check("database", Level.OK, f"{shown(settings.database)} is not there yet: the first run makes it")


def _database(settings: Settings, findings: list[Finding], *, files: bool) -> Iterator[Check]:
    from db.reading.doctor import invariants, newest_moment  # noqa: PLC0415 - brings SQLAlchemy, which --help need not load
    from db.reading.files import library_files  # noqa: PLC0415
    from db.reading.opening import reading  # noqa: PLC0415
    from db.reading.status import at_work  # noqa: PLC0415
    from dl_lit.app.shelving import shelf_of  # noqa: PLC0415
    from dl_lit.core.errors import DatabaseUnusable, DlLitError  # noqa: PLC0415

    try:
        with reading(settings.database) as connection:
            who = at_work(settings.database)
            yield Check("database", Level.OK, f"{shown(settings.database)}, at work: {who or 'nothing'}")
            yield clock_behind(newest_moment(connection))
            for finding in invariants(connection):
                findings.append(finding)
                yield _found(finding)
            try:
                for finding in library_files(connection, shelf_of(settings), contents=files, running=who is not None):
                    findings.append(finding)
                    yield _found(finding)
            except DatabaseUnusable:
                raise
            except DlLitError as error:
                yield Check("library-files", Level.FAILED, str(error))
    except DatabaseUnusable as error:
        yield Check("database", Level.FAILED, str(error))


def _found(finding: Finding) -> Check:
    more = f", and {finding.broken - len(finding.examples)} more" if finding.broken > len(finding.examples) else ""
    amiss = f"not so: {finding.says}: {'; '.join(finding.examples)}{more}"
    level = Level.WARNING if finding.heals else Level.FAILED
    return Check.of(finding.name, finding.holds, finding.says, amiss, level=level)


def _level_of(probe: Probe) -> Level:
    if probe.tier == "off" or (probe.answers and probe.key_trouble):
        return Level.WARNING
    return Level.OK if probe.answers else Level.FAILED


def _answer(probe: Probe) -> str:
    if not probe.answers:
        return probe.detail
    told = ", ".join(f"{name} {value}" for name, value in probe.told.items())
    trouble = f"; services.{probe.service}.key: {probe.key_trouble}" if probe.key_trouble else ""
    return f"answers in {probe.seconds:.2f} s, {probe.tier}" + (f"; says {told}" if told else "") + trouble


def _tell(level: Level, name: str, says: str) -> None:
    from dl_lit.cli.printing import shown  # noqa: PLC0415 - as above

    word, colour = _MARKS[level]
    click.echo(f"{click.style(f'{word:<4}', fg=colour)}  {name:<22}  {shown(says)}")
