"""`scripts/audit licences`, `scripts/audit advisories` and `scripts/sbom`."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path

import click

import dl_lit
from supply import advisories, bill, licences, locks


@click.group("audit")
def main() -> None:
    """What dl_lit is made of: licences, known vulnerabilities, a bill of materials."""


@main.command("licences")
def licences_command() -> None:
    """Whether everything in the lock files comes under an allowed licence. Ends with 1 where something does not."""
    pins = locks.everything()
    wrong = licences.problems(pins, licences.read_rules())
    for line in wrong:
        click.echo(line)
    if wrong:
        raise SystemExit(1)
    click.echo(f"{len(pins)} distributions, all under allowed licences")


@main.command("advisories")
@click.option("--service", metavar="URL", default=advisories.SERVICE, help="Another server of OSV's interface.")
@click.option(
    "--patience", metavar="SECONDS", type=click.FloatRange(min=0.1), default=advisories.PATIENCE_S, show_default=True
)
def advisories_command(service: str, patience: float) -> None:
    """Known vulnerabilities of what the lock files pin. Ends with 1 where there is one without an exception.

    Where the database cannot be asked, one line says so, and nothing fails.
    """
    pins = locks.everything()
    exceptions = advisories.read_exceptions()
    today = datetime.now(tz=UTC).date()
    try:
        found = advisories.look_up(pins, service, patience)
    except advisories.UnreachableError as error:
        click.echo(f"left out: the advisory database {error}")
        return
    open_ones = 0
    for one in found:
        exempt = one.exempt(exceptions, today)
        open_ones += exempt is None
        passing = f", let pass until {exempt.until}: {exempt.reason}" if exempt else ""
        click.echo(f"{one.pin.name} {one.pin.version}: {' '.join(one.names)} {one.summary}".rstrip() + passing)
    met = {name for one in found for name in one.names}
    for exempt in exceptions:
        if exempt.id not in met:
            click.echo(f"{exempt.id}: the exception for {exempt.package} is needed no longer")
    if open_ones:
        raise SystemExit(1)
    click.echo(f"{len(pins)} distributions, {len(found)} known vulnerabilities, all of them excepted" if found else
               f"{len(pins)} distributions, no known vulnerability")  # fmt: skip


@main.command("sbom")
@click.option("--ocr", "extra", flag_value="ocr", help="What the extra ocr installs as well.")
@click.option("--csl", "extra", flag_value="csl", help="What the extra csl installs as well.")
@click.option("--corpus", "extra", flag_value="corpus", help="What the extra corpus installs as well.")
@click.option("--objects", "extra", flag_value="objects", help="What the extra objects installs as well.")
@click.option("--postgres", "extra", flag_value="postgres", help="What the extra postgres installs as well.")
@click.option("--output", type=click.Path(dir_okay=False, path_type=Path), help="A file instead of standard output.")
def sbom_command(*, extra: str | None, output: Path | None) -> None:
    """The bill of materials of what the lock installs, as CycloneDX JSON: the same lock, the same bytes."""
    lock = f"requirements-{extra}.lock" if extra else "requirements.lock"
    pins = locks.read_lock(lock)
    rules = licences.read_rules()
    known = {}
    for pin in pins:
        verdict = licences.judge(pin, rules)
        if verdict.licence is None:
            raise click.ClickException(f"{pin.name} {pin.version} {verdict.problem}")
        known[pin.name] = verdict.licence
    project = tomllib.loads((locks.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    made = bill.make_bill(
        pins,
        known,
        lock=lock,
        lock_bytes=(locks.ROOT / lock).read_bytes(),
        version=dl_lit.__version__,
        own_licence=project["license"],
    )
    text = bill.render(made)
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
