"""Which layer has the last word, and that every value knows who set it."""

from __future__ import annotations

from pathlib import Path

import pytest

from dl_lit.core.errors import BadInput, NeedsConfiguration
from dl_lit.settings import load
from dl_lit.settings.leaves import leaves


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_without_anything_set_the_documented_defaults_hold() -> None:
    settings = load(env={"HOME": "/home/ada"}).settings
    workers = settings.workers
    assert (workers.extraction, workers.enrichment, workers.queueing, workers.download) == (2, 4, 4, 64)
    assert (settings.engine.queue_size, settings.engine.high_water, settings.engine.low_water) == (32, 2_000, 1_000)
    assert settings.database == Path("/home/ada/.local/share/dl-lit/dl-lit.db")
    assert settings.library == Path("/home/ada/.local/share/dl-lit/library")
    assert settings.contact_email is None
    assert settings.synchronous == "FULL"


def test_each_layer_overrides_the_one_below_and_is_remembered(tmp_path: Path) -> None:
    file = write(tmp_path / "c.toml", "[workers]\nextraction = 3\nenrichment = 5\nqueueing = 6\n")
    env = {"HOME": "/h", "DL_LIT_WORKERS_ENRICHMENT": "7", "DL_LIT_WORKERS_QUEUEING": "8"}
    loaded = load(config=file, env=env, options={"workers.queueing": ("--queueing-workers", 9)})
    workers = loaded.settings.workers
    assert (workers.extraction, workers.enrichment, workers.queueing, workers.download) == (3, 7, 9, 64)
    assert [
        loaded.values[f"workers.{stage}"].origin for stage in ("extraction", "enrichment", "queueing", "download")
    ] == [
        f"file {file}",
        "env DL_LIT_WORKERS_ENRICHMENT",
        "option --queueing-workers",
        "default",
    ]


def test_an_option_that_was_not_given_and_an_empty_variable_set_nothing() -> None:
    loaded = load(env={"DL_LIT_CONTACT_EMAIL": ""}, options={"engine.queue_size": ("--queue-size", None)})
    assert loaded.settings.contact_email is None
    assert loaded.values["engine.queue_size"].origin == "default"


def test_the_users_file_is_read_from_the_xdg_folder(tmp_path: Path) -> None:
    file = write(tmp_path / "dl-lit" / "config.toml", 'contact_email = "ada@uni.edu"')
    loaded = load(env={"XDG_CONFIG_HOME": str(tmp_path)})
    assert loaded.settings.contact_email == "ada@uni.edu"
    assert loaded.files == (file,)


def test_a_relative_xdg_folder_is_ignored_as_its_specification_asks() -> None:
    assert load(env={"HOME": "/h", "XDG_DATA_HOME": "data"}).settings.database == Path(
        "/h/.local/share/dl-lit/dl-lit.db"
    )


def test_under_systemd_the_units_folders_are_used(tmp_path: Path) -> None:
    write(tmp_path / "etc" / "config.toml", "[workers]\ndownload = 4\n")
    env = {"CONFIGURATION_DIRECTORY": str(tmp_path / "etc"), "STATE_DIRECTORY": "/var/lib/dl-lit:/var/lib/other"}
    settings = load(env=env).settings
    assert settings.workers.download == 4
    assert settings.database == Path("/var/lib/dl-lit/dl-lit.db")
    assert settings.state_folder == Path("/var/lib/dl-lit")


def test_a_key_from_systemds_credentials_wins_over_the_environment(tmp_path: Path) -> None:
    write(tmp_path / "openalex_key", "from-credential\n")
    loaded = load(env={"CREDENTIALS_DIRECTORY": str(tmp_path), "DL_LIT_OPENALEX_KEY": "from-env"})
    assert loaded.settings.services["openalex"].key == "from-credential"
    assert loaded.values["services.openalex.key"].origin == "credential openalex_key"


def test_paths_start_from_where_they_were_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "etc" / "c.toml", 'library = "books"\ncache_folder = "~/cache"\n')
    monkeypatch.chdir(tmp_path)
    settings = load(config=file, env={"HOME": "/home/ada", "DL_LIT_DB": "work.db"}).settings
    assert settings.library == tmp_path / "etc" / "books"
    assert settings.database == tmp_path / "work.db"
    assert settings.cache_folder == Path("/home/ada/cache")


def test_the_config_variable_names_the_file_and_the_option_beats_it(tmp_path: Path) -> None:
    one = write(tmp_path / "one.toml", "[workers]\ndownload = 1\n")
    two = write(tmp_path / "two.toml", "[workers]\ndownload = 2\n")
    assert load(env={"DL_LIT_CONFIG": str(one)}).settings.workers.download == 1
    assert load(config=two, env={"DL_LIT_CONFIG": str(one)}).settings.workers.download == 2


def test_lists_are_split_at_commas_in_the_environment() -> None:
    settings = load(env={"DL_LIT_ALLOW_HOSTS": "127.0.0.1:8080, 10.0.0.0/8,"}).settings
    assert settings.allow_hosts == ("127.0.0.1:8080", "10.0.0.0/8")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("wrokers = 3", "'wrokers' is no setting"),
        ("[workers]\ndownlaod = 3", "'workers.downlaod' is no setting"),
        ("[services.nature]\nurl = 'http://x'", "'services.nature.url' is no setting"),
        ("workers = 3", "'workers' is a section, not a value"),
        ("[workers]\ndownload = '3'", "workers.download"),
        ("[workers]\ndownload = 0", "workers.download"),
        ("[workers]\ndownload = true", "workers.download"),
        ("[engine]\npoll_s = nan", "engine.poll_s"),
        ("[engine]\nlow_water = 9000", "engine.low_water (9000, file"),
        ("synchronous = 'OFF'", "synchronous"),
        ("contact_email = 'ada\\nBcc: x@example.org'", "contact_email"),
        ('contact_email = "ada@x\\r\\nX: y"', "contact_email"),
        ("contact_email = 'you@example.org'", "address of your own"),
        ("contact_email = 'me@Mail.Example.COM'", "address of your own"),
        ("allow_hosts = ['999.1.1.1/8']", "allow_hosts"),
        ("allow_hosts = ['localhost', 'http://a/']", "not a host, host:port or address range: 'http://a/'"),
        ("library = ''", "library"),
        ("[services.openalex]\nurl = 'ftp://example.org'", "services.openalex.url"),
        ("[services.openalex]\nurl = 'http://a:99999999/'", "services.openalex.url"),
        ("[services.openalex]\nrate = '3 a second'", "services.openalex.rate"),
        ("[services.openalex]\nrate = '3/0'", "services.openalex.rate"),
        ("[", "cannot read the settings file"),
    ],
)
def test_what_is_wrong_in_the_file_is_told_in_one_line_that_names_setting_and_file(
    tmp_path: Path, text: str, told: str
) -> None:
    file = write(tmp_path / "c.toml", text)
    with pytest.raises(NeedsConfiguration) as caught:
        load(config=file, env={})
    message = str(caught.value)
    assert told in message
    assert str(file) in message
    assert "\n" not in message
    assert caught.value.exit_code == 6


def test_a_wrong_variable_is_named() -> None:
    with pytest.raises(NeedsConfiguration, match=r"workers\.download \(env DL_LIT_WORKERS_DOWNLOAD\)"):
        load(env={"DL_LIT_WORKERS_DOWNLOAD": "many"})


def test_a_wrong_option_is_named() -> None:
    with pytest.raises(BadInput, match=r"engine\.queue_size \(option --queue-size\)"):
        load(env={}, options={"engine.queue_size": ("--queue-size", 0)})


def test_a_named_file_that_is_missing_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(NeedsConfiguration, match=r"nowhere\.toml"):
        load(config=tmp_path / "nowhere.toml", env={})


def test_a_wrong_key_is_not_repeated_in_the_message() -> None:
    with pytest.raises(NeedsConfiguration) as caught:
        load(env={"DL_LIT_OPENALEX_KEY": "hush hush"})
    assert "hush" not in str(caught.value)
    assert "services.openalex.key" in str(caught.value)


def test_variables_that_set_nothing_are_listed_not_refused() -> None:
    """A service of another version, or a misspelling: the run goes on, `dl-lit config` tells."""
    loaded = load(env={"DL_LIT_DBLP_URL": "http://127.0.0.1:1", "DL_LIT_DB": "/x.db", "OTHER": "1"})
    assert loaded.unused == ("DL_LIT_DBLP_URL",)


def test_no_two_settings_share_a_variable() -> None:
    variables = [variable for leaf in leaves().values() for variable in leaf.variables]
    assert len(variables) == len(set(variables))
