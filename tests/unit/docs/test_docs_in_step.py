"""The documentation's lists are those of the program."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from dl_lit.cli import COMMANDS
from dl_lit.core.reasons import Reason, ReasonClass
from dl_lit.core.retry_rules import SCHEDULES, RetryRule, rule_of
from dl_lit.settings.leaves import CONFIG_VARIABLE, leaves

ROOT = Path(__file__).parents[3]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def rows(name: str, columns: int) -> list[list[str]]:
    """The rows of the file's tables that have so many columns."""
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in read(name).splitlines() if line[:1] == "|"
    ]
    return [row for row in cells if len(row) == columns]


def test_every_reason_has_one_row_with_its_class_and_rule() -> None:
    table = [row for row in rows("docs/reasons.md", 5) if row[0].startswith("`")]
    assert sorted(row[0].strip("`") for row in table) == sorted(Reason)
    for slug, category, meaning, rule, _ in table:
        reason = Reason(slug.strip("`"))
        assert (category, rule.strip("`")) == (reason.category, rule_of(reason))
        assert meaning


def test_every_rule_of_retrying_is_explained_with_its_figures() -> None:
    table = {row[0].strip("`"): row[1] for row in rows("docs/reasons.md", 2) if row[0].startswith("`")}
    assert list(table) == list(RetryRule)
    for rule, schedule in SCHEDULES.items():
        times = "once" if schedule.times == 1 else f"{schedule.times} times"
        assert f"{schedule.days:g} days" in table[rule]
        assert times in table[rule]


def test_every_class_of_reasons_is_explained() -> None:
    table = [row for row in rows("docs/reasons.md", 3) if row[0].startswith("`")]
    assert [row[0].strip("`") for row in table] == list(ReasonClass)


def test_every_direct_dependency_has_its_reason_and_licence() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    extras = [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    required = project["project"]["dependencies"] + extras + project["dependency-groups"]["dev"]
    names = [re.split(r"[<>=\[]", requirement)[0] for requirement in required]
    table = [row for row in rows("docs/dependencies.md", 3) if row[0] != "package" and set(row[0]) != {"-"}]
    assert [row[0] for row in table] == names
    assert all(all(row) for row in table)


def test_the_lock_files_hold_every_direct_dependency_by_hash_and_no_address() -> None:
    project = tomllib.loads(read("pyproject.toml"))
    for lock, required in (
        ("requirements.lock", project["project"]["dependencies"]),
        ("requirements-dev.lock", project["project"]["dependencies"] + project["dependency-groups"]["dev"]),
        (
            "requirements-ocr.lock",
            project["project"]["dependencies"] + project["project"]["optional-dependencies"]["ocr"],
        ),
        (
            "requirements-corpus.lock",
            project["project"]["dependencies"] + project["project"]["optional-dependencies"]["corpus"],
        ),
        (
            "requirements-objects.lock",
            project["project"]["dependencies"] + project["project"]["optional-dependencies"]["objects"],
        ),
        (
            "requirements-postgres.lock",
            project["project"]["dependencies"] + project["project"]["optional-dependencies"]["postgres"],
        ),
    ):
        pinned = dict(re.findall(r"^([\w.-]+)==(\S+) \\\n    --hash=sha256:", read(lock), re.MULTILINE))
        assert {re.split(r"[<>=\[]", requirement)[0] for requirement in required} <= set(pinned)
        assert not re.search(r"://|^--", read(lock), re.MULTILINE)


def test_the_developers_lock_holds_the_other_one() -> None:
    """`scripts/setup --dev` serves `dl-lit` as well, in the same versions."""

    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^[\w.-]+==\S+", read(lock), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")
    assert pins("requirements.lock") <= pins("requirements-ocr.lock")


def test_settings_and_variables_named_in_the_documentation_exist() -> None:
    text = read("README.md") + read("docs/operations.md") + read("docs/reasons.md") + read("docs/architecture.md")
    sections = {name.split(".")[0] for name in leaves() if "." in name} - {"services"}
    variables = {variable for leaf in leaves().values() for variable in leaf.variables}
    variables.add(CONFIG_VARIABLE)
    for section, field in re.findall(r"`([a-z]+)\.([a-z_]+)`", text):
        assert section not in sections or f"{section}.{field}" in leaves()
    patterns = {f"DL_LIT_NAME_{end}" for end in ("KEY", "URL", "ENABLED", "CACHE_DAYS", "RATE", "CREDITS_PER_DAY")}
    patterns |= {"DL_LIT_WORKERS_STAGE"}
    for variable in re.findall(r"`(DL_LIT_[A-Z_]+)`", text):
        assert variable in variables | patterns


def test_commands_named_in_the_documentation_exist() -> None:
    names = {name for commands in COMMANDS.values() for name, _ in commands}
    for file in ("README.md", "docs/operations.md", "docs/reasons.md", "docs/architecture.md", "docs/benchmarks.md"):
        for name in re.findall(r"(?:\./scripts/dl-lit|`dl-lit) ([a-z][a-z-]+)", read(file)):
            assert name in names, f"{file}: dl-lit {name}"
