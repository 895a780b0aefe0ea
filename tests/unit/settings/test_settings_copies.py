"""Which copies of a work are wanted."""

import pytest

from dl_lit.core.errors import NeedsConfiguration
from dl_lit.core.model import Location, Version
from dl_lit.settings.load import load
from stages.locators.preference import Preference


def preference(env):
    """The stages' preference, from the settings' words."""
    wanted = load(env=env).settings.download
    return Preference.from_settings(wanted.prefer, wanted.versions, wanted.exclude_hosts)


def test_the_defaults_of_settings_and_stages_agree():
    assert preference({}) == Preference()


def test_preprints_and_hosts_can_be_refused():
    wishes = preference({"DL_LIT_DOWNLOAD_VERSIONS": "published", "DL_LIT_DOWNLOAD_EXCLUDE_HOSTS": "Repo.test"})
    assert wishes.versions == (Version.PUBLISHED,)
    assert wishes.accepts(Location(url="https://a.test/1.pdf"))
    assert not wishes.accepts(Location(url="https://a.test/1.pdf", version=Version.SUBMITTED))
    assert not wishes.accepts(Location(url="https://files.repo.test/1.pdf"))


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("VERSIONS", "preprint", "'preprint' is no version; the versions are published, accepted, submitted"),
        ("VERSIONS", "published,published", "a version is named twice"),
        ("EXCLUDE_HOSTS", "https://a.test/", "'https://a.test/' is no host"),
        ("PREFER", "cheapest", "prefer"),
    ],
)
def test_other_words_are_refused(variable, value, told):
    with pytest.raises(NeedsConfiguration, match=told):
        load(env={f"DL_LIT_DOWNLOAD_{variable}": value})
