"""The data key that tests share."""

from gql.db.models import BankAccount, Identifier
from gql.domain.data_keys import parse_keys
from gql.vault.numbers import place_of
from gql.vault.sealing import Vault

DATA_KEY = "dGhlIGRhdGEga2V5IG9mIHRoZSB0ZXN0cywgMzIgbG8"
"""Of 32 bytes."""
VAULT = Vault(parse_keys(DATA_KEY))


def number_of(record: Identifier | BankAccount) -> str:
    """What is sealed in a record of the factories'."""
    return VAULT.open(record.sealed, place_of(type(record), record.id))
