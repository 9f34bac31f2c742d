from __future__ import annotations

import pytest

from mano_runtime.settings import Settings
from mano_runtime.storage import UnusableDatabaseError
from nfvo.data_directory import DataDirectory
from nfvo.server import CannotServeError, run

ELSEWHERE = "postgresql://mano@db.example/mano"


@pytest.fixture
def directory(tmp_path):
    return DataDirectory(tmp_path)


def test_a_new_installation_has_its_database_where_it_is_told(directory):
    """In a file of the data directory, unless there is a URL."""
    assert directory.database() == f"sqlite+aiosqlite:///{directory.path}/mano.sqlite"
    assert directory.database(ELSEWHERE) == ELSEWHERE


def test_an_installation_keeps_the_database_that_it_has(directory):
    """It is not begun anew with an empty one because the URL was given, or forgotten: the message says what to do."""
    directory.installation()
    assert directory.database(ELSEWHERE) == ELSEWHERE
    with pytest.raises(UnusableDatabaseError, match=r"elsewhere.*MANO_DATABASE_URL.*backup"):
        directory.database()
    (directory.path / "mano.sqlite").touch()
    assert directory.database().endswith("/mano.sqlite")
    with pytest.raises(UnusableDatabaseError, match="leave the URL of a database out"):
        directory.database(ELSEWHERE)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://mano:sesame@db.example/mano", "'mysql' is not supported; use postgresql://"),
        ("mano:sesame@db.example/mano", "cannot be read; use postgresql://"),
        ("postgresql://mano:sesame@/mano?host=/nowhere", "the database cannot be reached"),
    ],
)
def test_a_database_that_cannot_be_used_is_told(tmp_path, url, message):
    """The server does not start, says what is wrong, and does not repeat the password."""
    with pytest.raises(CannotServeError, match=message) as refused:
        run(Settings(data_dir=tmp_path / "data", database_url=url))
    assert "sesame" not in str(refused.value)
