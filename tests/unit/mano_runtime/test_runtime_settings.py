"""Settings come from the command line, the environment and the defaults, in this order."""

from pathlib import Path

import pytest

from mano_runtime.settings import Settings, SettingsError


def test_the_defaults_serve_this_machine_only():
    """Without configuration the server listens on loopback."""
    assert Settings.read({}) == Settings()
    assert Settings().host == "127.0.0.1"


def test_the_environment_counts_and_the_command_line_counts_more():
    """An option beats its variable, which beats the default; what is None or empty was not given."""
    environment = {"MANO_PORT": "9000", "MANO_LOG_FORMAT": "json", "MANO_HOST": "", "MANO_DATA_DIR": "~/mano"}
    settings = Settings.read(environment, port=9001, log_level=None)
    assert (settings.port, settings.log_format, settings.host) == (9001, "json", "127.0.0.1")
    assert settings.data_dir == Path.home() / "mano"


@pytest.mark.parametrize(
    ("environment", "overrides", "message"),
    [
        ({"MANO_PORT": "http"}, {}, "MANO_PORT is 'http': Expected `int`"),
        ({"MANO_PORT": "70000"}, {}, "MANO_PORT is '70000': Expected `int` <= 65535"),
        ({"MANO_LOG_LEVEL": "loud"}, {}, "MANO_LOG_LEVEL is 'loud'"),
        ({}, {"list_limit": 0}, "--list-limit is 0"),
        ({}, {"colour": "red"}, "no such setting: colour"),
    ],
)
def test_an_unusable_value_is_named(environment, overrides, message):
    """The message names the variable or option, its value and what is accepted."""
    with pytest.raises(SettingsError, match=message):
        Settings.read(environment, **overrides)
