"""Whatever stands in the environment or in the file: settings, or one line saying what is wrong; never a traceback."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.settings import load, shown
from dl_lit.settings.leaves import leaves

VARIABLES = sorted({variable for leaf in leaves().values() for variable in leaf.variables})
SYSTEM = ["HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "STATE_DIRECTORY", "CONFIGURATION_DIRECTORY", "DL_LIT_CONFIG"]
# What the environment can hold: any text without NUL, undecodable bytes as lone surrogates.
ENV_TEXT = st.one_of(
    st.text(st.characters(exclude_characters="\0"), max_size=40),
    st.sampled_from(["1e999", "nan", "-1", "9" * 40, "true", "1/1", "http://[::1", "http://h:x", "~", "a@b", "\udcff"]),
)
SCALARS = st.one_of(
    st.text(max_size=20), st.integers(), st.booleans(), st.floats(), st.lists(st.text(max_size=5), max_size=3)
)


def accepted_or_told(config: Path | None, env: dict[str, str]) -> None:
    try:
        loaded = load(config=config, env=env)
    except NeedsConfiguration as error:
        message = str(error)
    else:
        message = f"{len(shown(loaded))} settings"
    assert message
    assert len(message.splitlines()) == 1


@given(st.dictionaries(st.sampled_from([*VARIABLES, *SYSTEM]), ENV_TEXT, max_size=6))
def test_any_environment_is_accepted_or_told(env: dict[str, str]) -> None:
    """No text in any variable that dl_lit reads leads to anything but settings or `NeedsConfiguration`."""
    accepted_or_told(None, env)


@given(st.binary(max_size=200))
def test_any_bytes_as_the_file_are_accepted_or_told(content: bytes) -> None:
    """No file leads to anything but settings or `NeedsConfiguration`."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.toml"
        file.write_bytes(content)
        accepted_or_told(file, {})


def toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return '"' + "".join(f"\\U{ord(c):08x}" for c in value) + '"'
        case list():
            return "[" + ", ".join(toml(part) for part in value) + "]"
        case _:
            return str(value)


@given(st.dictionaries(st.sampled_from(sorted(leaves())), SCALARS, max_size=4))
def test_any_value_of_any_setting_in_the_file_is_accepted_or_told(values: dict[str, object]) -> None:
    """No TOML value of the wrong kind or size gets past the check."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "c.toml"
        text = "\n".join(f"{name} = {toml(value)}" for name, value in values.items())
        file.write_bytes(text.encode("utf-8", "surrogatepass"))
        accepted_or_told(file, {})
