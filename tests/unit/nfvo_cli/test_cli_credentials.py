"""Who the command line says it is."""

import os
import stat

import pytest

from nfvo.cli.credentials import (
    Credentials,
    Token,
    config_file,
    credentials,
    forget_login,
    keep_login,
    keep_token,
    kept_token,
)
from nfvo.cli.errors import InputError

URL = "http://mano.example:8484"


@pytest.fixture
def environment(tmp_path):
    return {"XDG_CONFIG_HOME": str(tmp_path)}


def test_the_environment_counts_more_than_a_login(environment, tmp_path):
    """MANO_CLIENT_ID with a file or a secret; without either what `mano login` kept; else nobody."""
    assert credentials(URL, environment) is None
    keep_login(URL, Credentials("kept", "s1"), environment)
    assert credentials(URL, environment) == ("kept", "s1")
    assert credentials("http://other.example", environment) is None
    (tmp_path / "secret").write_text("s2\n")
    named = environment | {"MANO_CLIENT_ID": "named"}
    assert credentials(URL, named | {"MANO_CLIENT_SECRET_FILE": str(tmp_path / "secret")}) == ("named", "s2")
    assert credentials(URL, named | {"MANO_CLIENT_SECRET": "s3"}) == ("named", "s3")


def test_half_an_identity_is_an_error(environment, tmp_path):
    """A client without a secret, or with a file that is not there, is told before anything is sent."""
    named = environment | {"MANO_CLIENT_ID": "named"}
    with pytest.raises(InputError) as caught:
        credentials(URL, named)
    assert "MANO_CLIENT_SECRET_FILE" in caught.value.hint
    with pytest.raises(InputError, match="MANO_CLIENT_SECRET_FILE cannot be read"):
        credentials(URL, named | {"MANO_CLIENT_SECRET_FILE": str(tmp_path / "absent")})


def test_a_login_is_private(environment):
    """Only its user can read the file, whatever the umask; nothing secret is in a repr."""
    before = os.umask(0)
    try:
        file = keep_login(URL, Credentials("kept", "s1"), environment)
    finally:
        os.umask(before)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert "s1" not in repr(Credentials("kept", "s1"))
    assert "t1" not in repr(Token("t1", 0))


def test_a_token_is_kept_as_long_as_it_is_good(environment):
    """For the login that it belongs to, until shortly before its end."""
    keep_login(URL, Credentials("kept", "s1"), environment)
    keep_token(URL, "other", Token("t0", 4e9), environment)
    assert kept_token(URL, "kept", environment) is None
    keep_token(URL, "kept", Token("t1", 4e9), environment)
    assert kept_token(URL, "kept", environment).text == "t1"
    assert kept_token(URL, "other", environment) is None
    keep_token(URL, "kept", Token("t2", 1e9), environment)
    assert kept_token(URL, "kept", environment) is None


def test_who_logs_out_is_forgotten(environment):
    """With the token; others stay logged in."""
    keep_login(URL, Credentials("kept", "s1"), environment)
    keep_login("http://other.example", Credentials("kept", "s1"), environment)
    assert forget_login(URL, environment)
    assert not forget_login(URL, environment)
    assert credentials("http://other.example", environment)


def test_a_broken_file_is_named(environment):
    """The message says which file, and what to do."""
    file = config_file(environment)
    file.parent.mkdir(parents=True)
    file.write_text("{")
    with pytest.raises(InputError, match=r"logins\.json cannot be read"):
        credentials(URL, environment)
