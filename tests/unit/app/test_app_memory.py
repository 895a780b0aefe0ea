"""What a process keeps on disk beside its work."""

from __future__ import annotations

from importlib.resources import files

from dl_lit.app import memory


def test_the_stamp_covers_every_reader_of_answers() -> None:
    """Packages within packages too; a module that has moved is noticed."""
    names = []
    for package, name in memory._READERS:
        found = [module.name for module in memory._modules(files(package).joinpath(name))]
        assert found, f"{package}: {name} is not there"
        names += found
    assert {"openalex.py", "crossref.py", "notices.py", "model.py", "answers.py"} <= set(names)
    assert names.count("crossref.py") > 1, "the lists of cited works are read as well"


def test_the_stamp_is_the_same_as_long_as_the_code_is() -> None:
    first = memory.reading_stamp()
    memory.reading_stamp.cache_clear()
    assert memory.reading_stamp() == first
