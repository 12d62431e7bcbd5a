"""What goes with the customer's profile, full of canaries."""

from typing import Any, Final

from gql.db.models import (
    Base,
    Customer,
    CustomerAddress,
    CustomerNote,
    CustomerProfile,
    CustomerRelation,
    CustomerTag,
    Guarantor,
    NextOfKin,
    SavingsAccount,
    TierDecision,
)
from gql.domain.back_office import SavingsStatus
from gql.domain.profile import AddressKind
from gql.domain.relations import Relation
from gql.domain.time import now
from tests.leaks.canaries import Canaries

OF_PROFILE: Final = (Guarantor, NextOfKin, CustomerNote, SavingsAccount)
"""Those that can be asked for by ID."""


def profile_of(canaries: Canaries, customer: Customer, related: Any) -> list[Base]:
    """The rows; the related customer is one of whom there are no canaries."""
    row, of = canaries.row, {"customer_id": customer.id}
    nobody = {"added_by_id": None}
    unknown = ("gender", "marital_status", "residence_type", "education_level", "employment_status", "payroll_cycle")
    return [
        row(CustomerProfile, "profile", income_currency="NGN", **dict.fromkeys(unknown), **of),
        row(CustomerAddress, "address", kind=AddressKind.HOME, **of),
        row(CustomerRelation, "relation", related_id=related.id, relation=Relation.EMPLOYEE, **of, **nobody),
        CustomerRelation(customer_id=related.id, related_id=customer.id, relation=Relation.EMPLOYER, since=now()),
        row(Guarantor, "guarantor", guarantor_id=None, **of, **nobody),
        row(NextOfKin, "next of kin", **of, **nobody),
        row(CustomerNote, "note", author_id=None, **of),
        row(CustomerTag, "tag", **of),
        row(TierDecision, "tier decision", decided_by_id=None, **of),
        row(SavingsAccount, "savings account", status=SavingsStatus.ACTIVE, currency="NGN", **of),
    ]
