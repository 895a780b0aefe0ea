"""What is installed comes under licences that are allowed, and an unclear one is stated with its reason."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from email.message import Message

import pytest
from supply.licences import LICENCES, BadExpressionError, Rules, declared, judge, permits, problems, read_rules
from supply.locks import ROOT, Pin, everything

ALLOWED = frozenset({"MIT", "BSD-3-Clause", "LGPL-2.1-only", "Apache-2.0 WITH LLVM-exception"})
RULES = Rules(
    allowed=ALLOWED,
    vague=frozenset({"License :: OSI Approved :: BSD License"}),
    means={"MIT License": "MIT", "License :: OSI Approved :: MIT License": "MIT"},
    stated={"unclear": "BSD-3-Clause"},
)


def pin(name: str = "one") -> Pin:
    return Pin(name, "1.0", ("a" * 64,), ("dl-lit",))


def metadata(*fields: tuple[str, str]) -> Message:
    made = Message()
    for name, value in fields:
        made[name] = value
    return made


def test_everything_locked_comes_under_an_allowed_licence() -> None:
    assert problems(everything(), read_rules()) == []


def test_what_is_stated_has_its_reason_a_link_and_the_day_it_was_read() -> None:
    for one in tomllib.loads(LICENCES.read_text(encoding="utf-8"))["stated"]:
        assert set(one) == {"name", "licence", "reason", "link", "read"}
        assert len(one["reason"]) > 20
        assert one["link"].startswith("https://")
        assert isinstance(one["read"], date)


def test_no_licence_that_binds_what_uses_it_is_allowed() -> None:
    """GPL and AGPL reach into the program; of the LGPL only a plain dependency may be."""
    table = tomllib.loads(LICENCES.read_text(encoding="utf-8"))
    bound = {one for one in read_rules().allowed if re.match(r"A?GPL|SSPL|EUPL|OSL|BUSL|CC-BY-(NC|SA|ND)", one)}
    assert bound == set()
    assert not any("GPL" in one or one.startswith("MPL") for one in table["permissive"])


def test_the_list_of_dependencies_says_the_same_licences() -> None:
    verdicts = [judge(one, read_rules()) for one in everything()]
    licences = {one.pin.name: one.licence for one in verdicts}
    lines = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    listed = {row[0]: row[1] for row in rows if len(row) == 3 and row[0] != "package" and set(row[0]) != {"-"}}
    assert listed == {name: licences[name] for name in listed}


@pytest.mark.parametrize(
    ("expression", "fine"),
    [
        ("MIT", True),
        ("GPL-3.0-only", False),
        ("MIT OR GPL-3.0-only", True),
        ("GPL-3.0-only OR MIT", True),
        ("MIT AND GPL-3.0-only", False),
        ("GPL-3.0-only OR MIT AND BSD-3-Clause", True),
        ("(GPL-3.0-only OR MIT) AND AGPL-3.0-only", False),
        ("(MIT)", True),
        ("Apache-2.0 WITH LLVM-exception", True),
        ("MIT WITH LLVM-exception", False),
    ],
)
def test_all_of_an_and_and_one_of_an_or_must_be_allowed(expression: str, fine: bool) -> None:
    assert permits(expression, ALLOWED) is fine


@pytest.mark.parametrize("expression", ["", "MIT AND", "OR MIT", "MIT BSD-3-Clause", "(MIT", "MIT)", "MIT, BSD", "()"])
def test_what_is_no_expression_is_not_guessed_at(expression: str) -> None:
    with pytest.raises(BadExpressionError):
        permits(expression, ALLOWED)


@pytest.mark.parametrize(
    ("fields", "licence"),
    [
        ([("License-Expression", "MIT OR GPL-3.0-only"), ("License", "BSD-3-Clause")], "MIT OR GPL-3.0-only"),
        ([("License", "MIT License")], "MIT"),
        ([("License", "BSD-3-Clause"), ("Classifier", "License :: OSI Approved :: BSD License")], "BSD-3-Clause"),
        ([("License", "MIT"), ("Classifier", "License :: OSI Approved :: MIT License")], "MIT"),
        ([("Classifier", "License :: OSI Approved :: BSD License")], None),
        ([("License", "BSD-3-Clause"), ("Classifier", "License :: OSI Approved :: MIT License")], None),
        ([("License", "MIT"), ("Classifier", "License :: OSI Approved :: GNU General Public License (GPL)")], None),
        ([("License", "see the file")], None),
        ([], None),
    ],
)
def test_metadata_decide_only_where_all_they_say_means_one_licence(
    fields: list[tuple[str, str]], licence: str | None
) -> None:
    assert declared(metadata(*fields), RULES) == licence


def test_an_unclear_licence_is_the_one_that_is_stated_or_a_problem() -> None:
    assert judge(pin("unclear"), RULES, lambda _: metadata()).licence == "BSD-3-Clause"
    assert judge(pin("unclear"), RULES, lambda _: None).problem is None
    assert "leave its licence open" in str(judge(pin(), RULES, lambda _: metadata()).problem)
    assert "not installed" in str(judge(pin(), RULES, lambda _: None).problem)


def test_a_licence_that_changes_is_noticed() -> None:
    """A new version under another licence fails, whether that is forbidden or only other than stated."""
    changed = judge(pin(), RULES, lambda _: metadata(("License-Expression", "AGPL-3.0-only")))
    assert "AGPL-3.0-only is not among" in str(changed.problem)
    other = judge(pin("unclear"), RULES, lambda _: metadata(("License-Expression", "MIT")))
    assert "declares MIT" in str(other.problem)
    assert judge(pin(), RULES, lambda _: metadata(("License-Expression", "MIT, or so"))).problem


def test_a_licence_stated_for_nothing_is_told() -> None:
    assert problems([], RULES) == ["unclear: licences.toml states a licence for what no lock has"]
