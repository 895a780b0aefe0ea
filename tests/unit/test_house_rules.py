"""The rules of the house that neither the linter nor import-linter can say."""

from __future__ import annotations

import ast
import gc
import re
import subprocess
import sys
import tomllib
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("dl_lit", "stages", "db")
TOP_LEVEL = {
    *("pyproject.toml", "README.md", "dl_lit", "stages", "db", "scripts", "tests", "systemd"),
    *(
        "CHANGELOG.md",
        "LICENSE",
        "docs",
        ".ci",
        ".gitignore",
        "requirements.lock",
        "requirements-dev.lock",
        "requirements-ocr.lock",
        "requirements-csl.lock",
        "requirements-objects.lock",
        "requirements-corpus.lock",
        "requirements-postgres.lock",
    ),
}
LONGEST_MODULE = 400  # lines; some 300 are aimed at
# Rooms with a process or a server of their own, where the pipeline's rules on threads and time do not reach.
CHILDREN_AND_SERVERS = ("dl_lit/replica/", "dl_lit/demo/")
ABOVE_THE_CLOCK = (*CHILDREN_AND_SERVERS, "dl_lit/cli/", "dl_lit/app", "dl_lit/core/clock.py")
CLOCKS = {("time", "time"), ("time", "sleep"), ("datetime", "now"), ("datetime", "utcnow"), ("date", "today")}
DICE = {("random", name) for name in ("random", "uniform", "randint", "choice", "shuffle", "sample")}
WITH_REASON = {
    ("db/connect.py", "datetime.now"),  # the name of a backup
    ("db/lock.py", "time.sleep"),  # once, for a process that is just ending
    ("dl_lit/pdf/apart.py", "signal"),  # ends as the process did that it waited for
    ("dl_lit/pdf/child.py", "signal"),  # a process of its own, which Ctrl-C is not meant for
    ("dl_lit/pdf/children.py", "signal"),  # by what signal a child ended
}
THREADS = {("threading", "Thread"), ("threading", "Timer")}


@cache
def tracked() -> tuple[Path, ...]:
    """The files of the checkout, as git knows them."""
    done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a git checkout")
    return tuple(ROOT / name for name in done.stdout.decode().split("\0") if name and (ROOT / name).is_file())


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the three packages by its path."""
    paths = (path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
    gc.disable()  # it would look for rubbish among a million nodes, again and again: four times as long
    try:
        return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text("utf-8")) for path in sorted(paths)}
    finally:
        gc.enable()


@cache
def names(tree: ast.Module) -> tuple[frozenset[str], frozenset[tuple[str, str]]]:
    """The dotted names that a module imports, wherever in it, and each `name.attribute` in it: trees are large."""
    imported: set[str] = set()
    attributes = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute):
            if isinstance(node.value, ast.Name):
                attributes.add((node.value.id, node.attr))
        elif isinstance(node, ast.Import):
            imported |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            imported |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return frozenset(imported), frozenset(attributes)


def imports(tree: ast.Module) -> frozenset[str]:
    """The dotted names that a module imports, wherever in it."""
    return names(tree)[0]


def uses(tree: ast.Module, wanted: set[tuple[str, str]]) -> set[str]:
    """Which of the `wanted` (module, attribute) the module uses or imports."""
    imported, attributes = names(tree)
    found = {".".join(one) for one in attributes & wanted}
    return found | {name for name in imported if tuple(name.rsplit(".", 1)) in wanted}


def test_importing_dl_lit_imports_nothing() -> None:
    """Start-up is paid for by every call."""
    assert imports(modules()["dl_lit/__init__.py"]) == frozenset()


def test_core_needs_the_standard_library_only() -> None:
    allowed = sys.stdlib_module_names | {"dl_lit"}
    foreign = {
        (path, name)
        for path, tree in modules().items()
        if path.startswith("dl_lit/core/")
        for name in imports(tree)
        if name.split(".")[0] not in allowed or (name.startswith("dl_lit.") and not name.startswith("dl_lit.core"))
    }
    assert foreign == set()


def test_only_the_runtime_has_queues_signals_and_threads() -> None:
    """Locks may stand anywhere; whoever starts a thread has to know how it ends."""
    found = {
        (path, name)
        for path, tree in modules().items()
        if not path.startswith(("dl_lit/runtime/", *CHILDREN_AND_SERVERS))
        for name in (
            *uses(tree, THREADS),
            *(name for name in imports(tree) if name in {"queue", "signal", "_thread", "concurrent.futures"}),
        )
    }
    assert found <= WITH_REASON


def test_time_and_chance_come_in_through_constructors() -> None:
    """Below `app` nobody asks the machine what time it is, sleeps, or throws dice of the process's own.

    `time.monotonic` is free: what hangs, hangs in real time.
    """
    found = {
        (path, name)
        for path, tree in modules().items()
        if not path.startswith(ABOVE_THE_CLOCK)
        for name in uses(tree, CLOCKS | DICE)
    }
    assert found <= WITH_REASON


def dotted(node: ast.expr) -> str:
    return ast.unparse(node) if isinstance(node, (ast.Attribute, ast.Name)) else ""


def types_met_at_work(tree: ast.Module) -> set[str]:
    """Types that msgspec gets to know only when something is decoded."""
    known = {
        dotted(call.args[0])
        for statement in tree.body
        if isinstance(statement, ast.Assign)
        for call in ast.walk(statement)
        if isinstance(call, ast.Call) and dotted(call.func).endswith(".Decoder") and call.args
    }
    met = set()
    for call in ast.walk(tree):
        if isinstance(call, ast.Call) and dotted(call.func) in {"msgspec.json.decode", "msgspec.msgpack.decode"}:
            met |= {ast.unparse(one.value) for one in call.keywords if one.arg == "type"}
        elif isinstance(call, ast.Call) and dotted(call.func) == "msgspec.convert":
            met.add(ast.unparse(call.args[1]))
    return met - known - {"msgspec.Raw", "str"}


def test_types_are_made_known_before_there_are_threads() -> None:
    """Where two threads meet a type for the first time msgspec 0.22.0 crashes: decoders are made on import."""
    found = {(path, name) for path, tree in modules().items() if "msgspec" in imports(tree)
             for name in types_met_at_work(tree)}  # fmt: skip
    assert found == {("dl_lit/settings/check.py", "leaf.type")}  # plain types, and before any thread is started


def test_no_module_is_longer_than_a_sitting() -> None:
    lengths = {path: len((ROOT / path).read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {path: length for path, length in lengths.items() if length > LONGEST_MODULE} == {}


def test_the_top_level_holds_what_is_agreed() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP_LEVEL
    assert not (ROOT / "systemd" / "__init__.py").exists()


def test_no_tracked_file_names_a_machines_paths_or_a_package_index() -> None:
    """The project serves on every machine; where packages come from is the machine's own matter."""
    folders = rb"(?<![\w.:/~*-])/(?:wor[k]|roo[t]|op[t]/pypi)/"
    telltale = re.compile(folders + rb"|py[p]i\.org|pythonhoste[d]\.org|--(?:extra-)?index-ur[l]")
    found = {
        (path.relative_to(ROOT).as_posix(), match[0])
        for path in tracked()
        if path.suffix not in {".pdf", ".gz", ".png"}
        for match in telltale.finditer(path.read_bytes())
    }
    allowed = {("scripts/lock", b"--index-" + b"url")}
    assert found <= allowed


def test_no_work_is_left_for_later_in_comments() -> None:
    later = re.compile(r"#.*\b(?:TODO|FIXME|XXX|HACK)\b")
    assert [path for path in modules() if later.search((ROOT / path).read_text(encoding="utf-8"))] == []


def declared() -> set[str]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    required = [
        *project["dependencies"],
        *(one for extra in project["optional-dependencies"].values() for one in extra),
    ]
    return {re.split(r"[<>=\[]", requirement)[0].lower() for requirement in required}


def third_party() -> set[str]:
    """The distributions that the three packages import."""
    owners = packages_distributions()
    tops = {name.split(".")[0] for tree in modules().values() for name in imports(tree)}
    foreign = tops - sys.stdlib_module_names - set(PACKAGES)
    return {owners[top][0].lower() if top in owners else top for top in foreign}


def test_what_is_imported_is_declared() -> None:
    """Nothing may come in only because something else happens to need it."""
    assert third_party() <= declared()


def test_what_is_declared_is_imported() -> None:
    """Nobody should install what nothing uses."""
    assert declared() <= third_party()
