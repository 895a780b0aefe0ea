"""Templates of file names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dl_lit.core.naming import DEFAULT_TEMPLATE, Field, NameTemplate


def test_a_template_is_text_and_fields_in_order() -> None:
    assert NameTemplate.parse("{author}_{year}_{title}") == DEFAULT_TEMPLATE
    assert NameTemplate.parse("{journal}/x {title:4}").parts == (Field("journal"), "/x ", Field("title", 4))


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("paper", "names every file the same"),
        ("", "names every file the same"),
        ("{author", "expected '}'"),
        ("{who}", "{who} is nothing a name can be made of"),
        ("{title:0}", "first N words"),
        ("{title:x}", "first N words"),
        ("{title!r}", "first N words"),
        ("{author}?", "cannot be in a file's name"),
        ("{author}\n{title}", "cannot be in a file's name"),
        ("/{author}", "parted by single"),
        ("{author}//{title}", "parted by single"),
        ("{author}/", "parted by single"),
        ("{author}/../{title}", "parted by single"),
        (".{author}", "may begin with a dot"),
        ("-{author}", "may begin with a dot"),
        ("Quarantine/{author}", "is kept for other files"),
    ],
)
def test_a_wrong_template_says_what_is_wrong(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=r".") as error:
        NameTemplate.parse(text)
    assert told in str(error.value)


@given(st.text(alphabet="{}:!/. -_atuhor\\\n", max_size=30))
def test_any_text_is_a_template_or_refused(text: str) -> None:
    try:
        parts = NameTemplate.parse(text).parts
    except ValueError:
        return
    assert any(isinstance(part, Field) for part in parts)
