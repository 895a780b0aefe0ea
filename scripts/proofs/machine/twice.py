"""Two daemons on one database: begun at one moment, many times; and with the lock file removed under the first."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from proofs.machine.course import PATIENCE_S, Account, Ground, finish
from proofs.machine.home import Home, Unmet, await_
from proofs.machine.row import Trial

_BUSY = 4
_AT_ONCE = 10  # pairs on one database, which is worked on from the first to the last of them

_CONTENDERS = """
import json, os, sys, time
from pathlib import Path
import dl_lit.app.run, dl_lit.app.workshop, dl_lit.cli.running, dl_lit.cli.process_pdf_concurrent
import dl_lit.runtime.signals, dl_lit.settings, db.store, sqlalchemy.dialects.sqlite
from dl_lit.cli import main

def contend(number, begin, folder, words):
    while time.monotonic() < begin:
        pass
    began = time.monotonic()
    for stream, name in ((1, "out"), (2, "err")):
        os.dup2(os.open(Path(folder, f"{name}-{number}"), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644), stream)
    Path(folder, f"began-{number}").write_text(str(began))
    main(words)

folder, rounds, words = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
for _ in range(rounds):
    begin = time.monotonic() + 0.05
    children = []
    for number in range(2):
        if (child := os.fork()) == 0:
            contend(number, begin, folder, words)
        children.append(child)
    codes = [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
    errors = [Path(folder, f"err-{number}").read_text() for number in range(2)]
    began = [float(Path(folder, f"began-{number}").read_text()) for number in range(2)]
    print(json.dumps({"codes": codes, "errors": errors, "apart_s": abs(began[0] - began[1])}), flush=True)
"""


def rows(ground: Ground) -> Iterator[Trial]:
    """So many pairs, and the lock file removed in three ways."""
    for number in range(max(1, ground.rounds // _AT_ONCE)):
        yield _at_one_moment(ground, number, min(_AT_ONCE, ground.rounds))
    for number, what in enumerate(
        ("the lock file", "every file beside the database", "the lock file, the first killed")
    ):
        yield _without_lock_file(ground, number, what)


def _at_one_moment(ground: Ground, number: int, pairs: int) -> Trial:
    """Of two processes one works and one says who does."""
    account = Account("two daemons", f"{pairs} pairs on one database, batch {number}")
    home = Home(ground.base / f"twice-{number}", ground.scene).made()
    words = ["process-folder-concurrent", str(ground.scene.pdfs), "--json", "--quiet", "--no-report"]
    # Stopped as soon as nothing can be done at once, so that the next pair finds work.
    env = home.environment(ENGINE_OUTLOOK_S="0")
    done = subprocess.run(
        [sys.executable, "-c", _CONTENDERS, str(home.folder), str(pairs), *words],
        env=env,
        capture_output=True,
        check=False,
        timeout=900.0,
    )
    with home.stderr.open("ab") as errors:
        errors.write(done.stderr)
    told = [json.loads(line) for line in done.stdout.splitlines()]
    for place, pair in enumerate(told):
        account.failures += [f"pair {place}: {line}" for line in _judged(pair["codes"], pair["errors"])]
        account.see(*(f"exit {code}" for code in pair["codes"]))
    if len(told) != pairs:
        account.failures.append(f"{len(told)} of {pairs} pairs came to an end")
    apart = sorted(pair["apart_s"] for pair in told)
    if apart:
        account.hit += f", {1_000 * apart[len(apart) // 2]:.1f} ms apart"
    finish(home, account)
    return account.closed(home, ground.expected)


def _judged(codes: list[int], errors: list[str]) -> list[str]:
    """What of a pair's ends is not as it must be; both may have ended well, one after the other."""
    found = [f"ended with {code}" for code in codes if code not in {0, 3, _BUSY}]
    if codes.count(_BUSY) > 1:
        found.append("neither worked")
    for code, error in zip(codes, errors, strict=True):
        if code == _BUSY and "is being worked on by process" not in error:
            found.append(f"does not say who has it: {error!r}")
        if "Traceback" in error:
            found.append(f"untyped: {error[-300:]!r}")
    return found


def _without_lock_file(ground: Ground, number: int, what: str) -> Trial:
    """Somebody tidies up beside the database while it is worked on."""
    account = Account("two daemons", f"{what} removed under the first")
    home = Home(ground.base / f"unlocked-{number}", ground.scene).made()
    try:
        home.put(*range(len(home.papers)))
        home.start()
        await_(lambda: home.items() >= 8, "8 outcomes", PATIENCE_S)
        pid = home.daemon.pid if home.daemon is not None else 0
        for path in _beside(home, everything=what.startswith("every")):
            path.unlink(missing_ok=True)
        ended = home.process()
        account.see(f"exit {ended.code}", ended.line.split(" (")[0].replace(str(pid), "PID"))
        if ended.code != _BUSY:
            account.failures.append(f"a second one was let in: exit {ended.code}")
        elif f"process {pid}" not in ended.err:
            account.failures.append(f"does not say who has it: {ended.line}")
        status = home.run("status", "--json")
        if f'"pid": {pid}' not in status.out and f"process {pid}" not in status.out:
            account.failures.append("status does not know the one at work")
        if what.endswith("killed"):
            home.kill()
        else:
            home.await_done()
            if (code := home.stop()) != 0:
                account.failures.append(f"the daemon's end: {code}")
    except Unmet as error:
        account.failures.append(str(error))
    finally:
        home.kill()
    finish(home, account)
    return account.closed(home, ground.expected)


def _beside(home: Home, *, everything: bool) -> list[Path]:
    """What a person takes for rubbish; the log and its index, which SQLite needs, are not."""
    if not everything:
        return [Path(f"{home.database}.lock")]
    return [one for one in home.data.glob(f"{home.database.name}.*") if one != home.database]
