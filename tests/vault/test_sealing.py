"""A sealed text is read with its key and in its place only; a blind index tells nobody else what it stands for."""

import hashlib
from pathlib import Path
from uuid import uuid4

import pytest
from pydantic import ValidationError

from gql.domain.data_keys import new_key, parse_keys
from gql.settings import Settings
from gql.vault.sealing import INDEX_BYTES, KeyMissing, NotOpened, Place, Vault

BVN = "22212345678"


@pytest.fixture
def vault() -> Vault:
    return Vault(parse_keys(new_key()))


def test_what_was_sealed_is_opened_in_its_place_and_hides_what_it_is(vault: Vault) -> None:
    place = Place("customer_identifiers.sealed", uuid4())
    one, other = vault.seal(BVN, place), vault.seal(BVN, place)
    assert vault.open(one.text, place) == vault.open(other.text, place) == BVN
    assert one.text != other.text
    assert BVN.encode() not in one.text
    assert BVN not in repr(one)


def test_a_sealed_text_opens_in_no_other_place(vault: Vault) -> None:
    place = Place("customer_identifiers.sealed", uuid4())
    sealed = vault.seal(BVN, place).text
    for other in (Place("customer_identifiers.sealed", uuid4()), Place("bank_accounts.sealed", place.row_id)):
        with pytest.raises(NotOpened) as caught:
            vault.open(sealed, other)
        assert BVN not in str(caught.value)


def test_a_change_of_any_byte_is_noticed(vault: Vault) -> None:
    place = Place("bank_accounts.sealed", uuid4())
    sealed = vault.seal(BVN, place).text
    for at in range(len(sealed)):
        with pytest.raises(NotOpened):
            vault.open(sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :], place)
    for part in (b"", sealed[:20], sealed[:-1], sealed + b"\0"):
        with pytest.raises(NotOpened):
            vault.open(part, place)


def test_older_keys_open_and_the_newest_seals() -> None:
    old, new = new_key(), new_key()
    place = Place("bank_accounts.sealed", uuid4())
    before, after = Vault(parse_keys(old)), Vault(parse_keys(f"{new}, {old}"))
    sealed = before.seal(BVN, place)
    assert after.open(sealed.text, place) == BVN
    assert after.seal(BVN, place).key_id == after.newest != sealed.key_id
    with pytest.raises(KeyMissing, match=sealed.key_id):
        Vault(parse_keys(new)).open(sealed.text, place)


def test_a_blind_index_is_of_a_key_and_a_kind() -> None:
    old, new = new_key(), new_key()
    vault = Vault(parse_keys(f"{new},{old}"))
    index = vault.index("BVN", BVN)
    assert index == vault.index("BVN", BVN) == vault.indexes("BVN", BVN)[0]
    assert vault.indexes("BVN", BVN)[1] == Vault(parse_keys(old)).index("BVN", BVN)
    guesses = [hash_of(BVN.encode()).digest() for hash_of in (hashlib.sha256, hashlib.blake2s)]
    guesses += [
        hashlib.blake2b(BVN.encode(), digest_size=INDEX_BYTES).digest(),
    ]
    others = [vault.index("NIN", BVN), vault.index("BVN", BVN[:-1] + "9"), bytes.fromhex(vault.fingerprint(BVN))]
    assert index not in [*guesses, *others, vault.indexes("BVN", BVN)[1]]


@pytest.mark.parametrize("keys", ["", ",", "c2hvcnQ", "not base64 at all!", "ä" * 43])
def test_what_is_no_key_is_refused_without_being_repeated(keys: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate({"data_keys": keys})
    assert all(keys not in error["msg"] for error in caught.value.errors() if len(keys) > 1)
    with pytest.raises(ValueError, match="once"):
        parse_keys(",".join([key := new_key(), new_key(), key]))


def test_a_key_is_made_once_where_none_is_configured(tmp_path: Path) -> None:
    first, second = (Settings.model_validate({"var_dir": tmp_path}) for _ in range(2))
    assert first.data_key_ring == second.data_key_ring
    assert first.signing_key == second.signing_key
    assert (tmp_path / "data.keys").stat().st_mode & 0o077 == 0
    assert [file.name for file in sorted(tmp_path.iterdir())] == ["data.keys", "secret.key"]
