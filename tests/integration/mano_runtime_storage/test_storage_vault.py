from __future__ import annotations

import pytest

from mano_runtime.storage import Database, LostKeyError, Vault
from mano_runtime.storage.vault import KeyFileError


@pytest.fixture
async def database(tmp_path):
    database = await Database.open(f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite")
    yield database
    await database.aclose()


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "secret.key"


async def test_the_key_is_made_once_and_for_its_owner_only(database, key_file):
    """The first opening makes it, with mode 600; what it sealed opens ever after."""
    sealed = (await Vault.open(database, key_file)).seal(b"sesame", "door")
    assert key_file.stat().st_mode & 0o777 == 0o600
    made = key_file.read_bytes()
    assert (await Vault.open(database, key_file)).unseal(sealed, "door") == b"sesame"
    assert key_file.read_bytes() == made


async def test_a_lost_key_is_told_and_not_made_anew(database, key_file):
    """Without its file the vault does not open, and the message says what to do; nothing is written."""
    await Vault.open(database, key_file)
    key_file.unlink()
    with pytest.raises(LostKeyError, match="from a backup"):
        await Vault.open(database, key_file)
    assert not key_file.exists()


async def test_a_file_of_other_keys_does_not_open(database, key_file):
    """The keys of another installation are no substitute."""
    await Vault.open(database, key_file)
    key_file.write_text("aes256gcm:" + "A" * 43 + "=\n")
    with pytest.raises(LostKeyError, match="has not the key"):
        await Vault.open(database, key_file)


async def test_an_empty_file_is_the_word_that_keys_are_gone(database, key_file):
    """A new key is made in its place, and the vault opens again and again; what was sealed stays shut."""
    sealed = (await Vault.open(database, key_file)).seal(b"sesame", "door")
    key_file.write_text("")
    for _ in range(2):
        again = await Vault.open(database, key_file)
        with pytest.raises(LostKeyError):
            again.unseal(sealed, "door")


async def test_a_key_that_others_can_read_is_refused(database, key_file):
    """The message has the command that mends it."""
    await Vault.open(database, key_file)
    key_file.chmod(0o640)
    with pytest.raises(KeyFileError, match="chmod 600"):
        await Vault.open(database, key_file)


async def test_a_key_is_needed_until_it_is_retired(database, key_file):
    """A new first line seals; the old one may go when everything was sealed anew, and not before."""
    await Vault.open(database, key_file)
    new = "aes256gcm:" + "A" * 43 + "=\n"
    key_file.write_text(new + key_file.read_text())
    both = await Vault.open(database, key_file)
    key_file.write_text(new)
    with pytest.raises(LostKeyError):
        await Vault.open(database, key_file)
    await both.retire(database)
    await Vault.open(database, key_file)
