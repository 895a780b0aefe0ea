"""The shim, compiled, and the environment that loads it into a program."""

from __future__ import annotations

import errno
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import click

SOURCE = Path(__file__).with_name("writes.c")
ERRNOS = {name: getattr(errno, name) for name in ("ENOSPC", "EDQUOT", "EIO", "EROFS")}


class NoCompiler(click.ClickException):
    """There is no C compiler on this machine: install one (on Debian: `apt install gcc libc6-dev`)."""


@dataclass(frozen=True, slots=True)
class Fault:
    """From the `number`-th call on this kind of file on all fail."""

    kind: str
    number: int  # from 1
    error: str  # one of `ERRNOS`
    until: Path | None = None  # the file that ends the fault when it appears; None: it does not end


@dataclass(frozen=True, slots=True)
class Shim:
    """The compiled library."""

    library: Path

    def environment(
        self,
        root: Path,
        kinds: Mapping[str, Path | str],
        *,
        journal: Path | None = None,
        with_data: bool = False,
        fault: Fault | None = None,
    ) -> dict[str, str]:
        """What loads it into a program and has it look at what lies below `root`.

        `kinds` are names with what their files' paths begin with. The journal is appended to; it must lie elsewhere.
        """
        env = {
            "LD_PRELOAD": str(self.library),
            "PROOF_SHIM_ROOT": str(root),
            "PROOF_SHIM_KINDS": ":".join(f"{name}={prefix}" for name, prefix in kinds.items()),
        }
        if journal is not None:
            env["PROOF_SHIM_JOURNAL"] = str(journal)
        if with_data:
            env["PROOF_SHIM_DATA"] = "1"
        if fault is not None:
            env["PROOF_SHIM_FAULT"] = f"{fault.kind} {fault.number} {ERRNOS[fault.error]}"
            if fault.until is not None:
                env["PROOF_SHIM_UNTIL"] = str(fault.until)
        return env


def compiler() -> str | None:
    """The C compiler's path; None where there is none."""
    return shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")


def build(folder: Path) -> Shim:
    """Compile the shim into `folder`. Raises `NoCompiler`, and `ClickException` where it cannot be compiled."""
    cc = compiler()
    if cc is None:
        raise NoCompiler(NoCompiler.__doc__ or "")
    library = folder / "writes.so"
    command = [cc, "-std=gnu11", "-O1", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl", "-lpthread"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    if done.returncode:
        raise click.ClickException(f"the shim could not be compiled: {done.stderr.strip()[-500:]}")
    return Shim(library)
