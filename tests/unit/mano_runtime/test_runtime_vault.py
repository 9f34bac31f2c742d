from __future__ import annotations

import pytest

from mano_runtime.storage.vault import FORM, KeyFileError, LostKeyError, TamperedError, Vault, _parsed


@pytest.fixture
def key_file(tmp_path):
    return tmp_path / "secret.key"


def vault(key_file, **keys):
    return Vault(keys or {"one": bytes(32)}, key_file)


def test_what_is_sealed_says_nothing_and_opens(key_file):
    """The secret comes back; its sealed form has the version and the key's name, and differs each time."""
    box = vault(key_file)
    sealed, again = box.seal(b"sesame", "door"), box.seal(b"sesame", "door")
    assert sealed.startswith(f"{FORM}:one:")
    assert sealed != again
    assert box.unseal(sealed, "door") == box.unseal(again, "door") == b"sesame"


@pytest.mark.parametrize(
    "change", [lambda text: text[:-6] + "AAAA==", lambda text: text[: len(text) // 2], lambda _: "x"]
)
def test_what_was_changed_does_not_open(key_file, change):
    """A byte changed, an end cut off, another text: TamperedError, naming the place."""
    box = vault(key_file)
    with pytest.raises(TamperedError, match="door"):
        box.unseal(change(box.seal(b"sesame", "door")), "door")


def test_a_secret_opens_at_its_place_only(key_file):
    """Who can write the database cannot have one secret used for another."""
    box = vault(key_file)
    with pytest.raises(TamperedError, match="window"):
        box.unseal(box.seal(b"sesame", "door"), "window")


def test_every_key_opens_and_the_first_seals(key_file):
    """With several keys what the older one sealed opens, and is told to be due for sealing again."""
    old = vault(key_file).seal(b"sesame", "door")
    both = vault(key_file, two=b"2" * 32, one=bytes(32))
    assert both.unseal(old, "door") == b"sesame"
    assert not both.is_current(old)
    assert both.is_current(both.seal(b"sesame", "door"))
    with pytest.raises(LostKeyError, match=r"the key one, which .*secret\.key has not"):
        vault(key_file, two=b"2" * 32).unseal(old, "door")


@pytest.mark.parametrize("line", ["rot13:AAAA", "aes256gcm:AAAA", "aes256gcm:no base64!", "sesame"])
def test_a_line_that_is_no_key_is_told_by_its_number(key_file, line):
    """Which line is wrong, and what a key looks like."""
    with pytest.raises(KeyFileError, match=r"secret\.key:2: a key is aes256gcm"):
        _parsed(f"# keys\n{line}\n", key_file)
