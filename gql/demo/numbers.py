"""The customers' BVNs, NINs and bank accounts, sealed as any other."""

from collections.abc import Iterator
from datetime import datetime
from typing import Final, NamedTuple
from uuid import UUID

from gql.db.models import BankAccount, Identifier
from gql.demo.customers import CustomerRow
from gql.demo.plan import Draw, Plan
from gql.domain.bank_accounts import ACCOUNT_NUMBER
from gql.domain.enums import CustomerKind
from gql.domain.identifiers import IdentifierKind
from gql.vault.numbers import sealed_values
from gql.vault.sealing import Vault

_BANKS: Final = (
    ("Access Bank", "044"),
    ("First Bank", "011"),
    ("GTBank", "058"),
    ("UBA", "033"),
    ("Zenith Bank", "057"),
)
_SPREAD: Final = 7_919
"""Prime, and no divisor of a power of ten: numbers that are this far apart are all different."""
_MOST: Final = 50_000
"""Customers with numbers: of a larger lender's, one in so many. Sealing a million would take a minute."""


class IdentifierValues(NamedTuple):
    """A row of customer_identifiers."""

    id: UUID
    customer_id: UUID
    kind: IdentifierKind
    sealed: bytes
    key_id: str
    blind_index: bytes
    last_four: str
    recorded_by_id: UUID | None
    recorded_at: datetime


class BankAccountValues(NamedTuple):
    """A row of bank_accounts."""

    id: UUID
    customer_id: UUID
    bank_name: str
    bank_code: str
    account_name: str
    sealed: bytes
    key_id: str
    blind_index: bytes
    last_four: str
    currency: str
    is_primary: bool
    added_by_id: UUID | None
    added_at: datetime
    verified_by_id: UUID | None
    verified_at: datetime | None


class Numbers:
    """Those of one plan's customers."""

    def __init__(self, plan: Plan, vault: Vault) -> None:
        self._vault = vault
        self._every = -(-plan.customers // _MOST)

    def identifiers(self, draw: Draw, index: int, customer: CustomerRow) -> Iterator[IdentifierValues]:
        """A person's BVN, and for most a NIN; a company's tax ID."""
        if index % self._every:
            return
        serial = index * _SPREAD % 10**9
        numbers = {IdentifierKind.TAX_ID: f"3{serial:09}"}
        if customer.kind is CustomerKind.PERSON:
            numbers = {IdentifierKind.BVN: f"22{serial:09}"}
            if draw.chance(0.7):
                numbers[IdentifierKind.NIN] = f"71{serial:09}"
        for kind, number in numbers.items():
            key = draw.id_at(customer.created_at)
            values = sealed_values(self._vault, Identifier, key, kind, number)
            yield IdentifierValues(
                key, customer.id, kind, **values, recorded_by_id=None, recorded_at=customer.created_at
            )

    def accounts(self, draw: Draw, index: int, customer: CustomerRow) -> Iterator[BankAccountValues]:
        """One or two, the first one the primary."""
        if index % self._every:
            return
        for place in range(draw.randint(1, 2)):
            key, (bank, code) = draw.id_at(customer.created_at), _BANKS[(index + place) % len(_BANKS)]
            number = f"{(index * 2 + place) * _SPREAD % 10**10:010}"
            yield BankAccountValues(
                id=key,
                customer_id=customer.id,
                bank_name=bank,
                bank_code=code,
                account_name=customer.name,
                **sealed_values(self._vault, BankAccount, key, ACCOUNT_NUMBER, number),
                currency="NGN",
                is_primary=not place,
                added_by_id=None,
                added_at=customer.created_at,
                verified_by_id=None,
                verified_at=None,
            )
