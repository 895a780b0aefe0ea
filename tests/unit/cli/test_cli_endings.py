"""How a command ends when something outside fails: standard output full, no room for standard input, SIGTERM."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.no_database  # but a file's of its own

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "dl_lit" / "demo" / "samples" / "04-meta-analysis.pdf"

FULL = Path("/dev/full")  # only ever as standard output, which nothing replaces


def start(tmp_path: Path, *arguments: object, **how: Any) -> subprocess.Popen[bytes]:
    env = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "PYTHONSAFEPATH": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "TMPDIR": str(tmp_path),
    }
    command = [sys.executable, "-m", "dl_lit", *map(str, arguments)]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE, **how})


def small_files(most: int) -> Callable[[], None]:
    """What makes files of more than `most` bytes fail in the child, as a full disk would."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))


@pytest.mark.skipif(not FULL.is_char_device(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", [("extract", SAMPLE, "--json"), ("config",)])
def test_a_full_standard_output_is_one_line(tmp_path: Path, arguments: tuple[object, ...]) -> None:
    with FULL.open("wb") as full:
        child = start(tmp_path, *arguments, stdout=full)
    _, told = child.communicate(timeout=60)
    assert (child.returncode, told) == (1, b"dl-lit: cannot write standard output: No space left on device\n")


def test_no_room_for_standard_input_is_one_line(tmp_path: Path) -> None:
    child = start(tmp_path, "extract", "-", stdin=subprocess.PIPE, preexec_fn=small_files(2000))
    _, told = child.communicate(SAMPLE.read_bytes(), timeout=60)
    assert child.returncode == 1
    assert told == b"dl-lit: cannot keep a copy of standard input (TMPDIR says where): File too large\n"
    assert list(tmp_path.iterdir()) == []


def test_a_closed_standard_input_is_told(tmp_path: Path) -> None:
    child = start(tmp_path, "extract", "-", preexec_fn=lambda: os.close(0))
    _, told = child.communicate(timeout=60)
    assert child.returncode == 2
    assert told == b"dl-lit: standard input is closed: there is no PDF to read from it\n"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_while_standard_input_is_read_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    child = start(tmp_path, "extract", "-", stdin=subprocess.PIPE)
    assert child.stdin is not None
    child.stdin.write(bytes(1 << 20))
    child.stdin.flush()  # more than a pipe holds: it has begun to read
    child.send_signal(number)
    _, told = child.communicate(timeout=60)
    assert (child.returncode, told) == (130, b"dl-lit: interrupted\n")
    assert list(tmp_path.iterdir()) == []


def test_a_signal_while_output_is_written_leaves_nothing(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    child = start(
        tmp_path, "extract", *[SAMPLE] * 25, "--picture", tmp_path / "out", "--output", pipe, "--extraction-workers", 1
    )
    with pipe.open("rb") as reader:
        assert reader.read(1)
        child.send_signal(signal.SIGTERM)
        _, told = child.communicate(timeout=60)
    assert (child.returncode, told) == (130, b"dl-lit: interrupted\n")
    assert [path.name for path in tmp_path.glob(".*")] == []
    assert all(list(folder.iterdir()) for folder in (tmp_path / "out").iterdir())


def test_without_a_state_folder_a_run_goes_on_and_says_once_where_its_warnings_are(tmp_path: Path) -> None:
    """Nobody asked for a log file, so that there can be none ends nothing."""
    (tmp_path / "file").touch()
    (tmp_path / "papers").mkdir()
    nowhere = tmp_path / "file" / "state"
    config = tmp_path / "config.toml"
    config.write_text(f'state_folder = "{nowhere}"\noffline = true\nlibrary = "library"\ncache_folder = "cache"\n')
    options = ("--config", config, "--db", tmp_path / "d.db", "--no-report")
    child = start(tmp_path, "process-folder-concurrent", tmp_path / "papers", *options)
    _, err = child.communicate(timeout=60)
    told = err.decode()
    assert child.returncode == 0, told
    line = f"dl-lit: cannot write the log file {nowhere / 'dl-lit.log'} (Not a directory): warnings are shown here\n"
    assert told.count("dl-lit.log") == told.count(line) == 1
    assert "Traceback" not in told
    child = start(tmp_path, "process-folder-concurrent", tmp_path / "papers", *options, "--log-file", nowhere / "mine")
    _, err = child.communicate(timeout=60)
    assert (child.returncode, b"log.file: cannot write" in err) == (6, True)
