"""Change what is known of a customer: sections of the profile, guarantors, next of kin, relations."""

from collections.abc import Awaitable, Callable
from typing import Any

from gql.context import Context
from gql.domain import user_errors
from gql.domain.errors import BadUserInput
from gql.domain.ids import Kind, parse_id_of
from gql.domain.profile import Address, Employment, Personal, Socials
from gql.domain.texts import line_of
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of
from gql.resolvers.customer_changes import ChangePayload, answer
from gql.services.customer_changes import Recorded
from gql.services.customer_profile import UpdateProfile, update_profile
from gql.services.customer_relations import RelateCustomers, relate_customers, unrelate_customers
from gql.services.people import (
    AddLinkedGuarantor,
    AddPerson,
    RemovePerson,
    add_guarantor,
    add_next_of_kin,
    remove_guarantor,
    remove_next_of_kin,
)

_NOT_YOURS = ChangePayload(user_errors=(user_errors.FORBIDDEN,))
_OF_NO_CUSTOMER = ("name", "phone", "email", "address")


async def update(context: Context, arguments: Arguments) -> ChangePayload:
    """Replace sections of the profile."""
    personal, employment, socials = (arguments.get(name) for name in ("personal", "employment", "socials"))
    wish = UpdateProfile(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        expected_version=arguments["expected_version"],
        personal=None if personal is None else _personal(personal),
        employment=None if employment is None else _employment(employment),
        socials=None if socials is None else Socials(**_lines(socials)),
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    change = update_profile(context.database, context.actor, context.admin, wish)
    return await answer(context, change, customer_id=wish.customer_id)


def _lines(section: Arguments) -> dict[str, Any]:
    """Texts as they are stored; what is no text as it is."""
    return {name: line_of(value) if type(value) is str else value for name, value in section.items()}


def _personal(section: Arguments) -> Personal:
    addresses = tuple(Address(**_lines(address)) for address in section.get("addresses") or ())
    return Personal(**_lines(section) | {"addresses": addresses})


def _employment(section: Arguments) -> Employment:
    income = section.get("monthly_income")
    of_income = {} if income is None else {f"income_{name}": value for name, value in income.items()}
    others = {name: value for name, value in section.items() if name != "monthly_income"}
    return Employment(**_lines(others) | of_income)


async def guarantor(context: Context, arguments: Arguments) -> ChangePayload:
    """Add a guarantor, named by exactly one of ID and name."""
    if (arguments.get("guarantor_customer_id") is None) is (arguments.get("name") is None):
        raise BadUserInput("Name the guarantor by exactly one of `guarantorCustomerId` and `name`.")
    wish = _linked(arguments) if arguments.get("name") is None else _person(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    region = context.application.settings.default_region
    change = add_guarantor(context.database, context.actor, context.admin, wish, region)
    return await answer(context, change, loader="guarantor")


def _linked(arguments: Arguments) -> AddLinkedGuarantor:
    if any(arguments.get(name) is not None for name in _OF_NO_CUSTOMER):
        raise BadUserInput("A guarantor who is a customer has contacts of their own. Leave `phone` and the like out.")
    return AddLinkedGuarantor(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        guarantor_id=parse_id_of(Kind.CUSTOMER, arguments["guarantor_customer_id"]),
        relationship=line_of(arguments.get("relationship")),
        idempotency_key=idempotency_key_of(arguments),
    )


def _person(arguments: Arguments) -> AddPerson:
    return AddPerson(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        name=arguments["name"],
        relationship=line_of(arguments.get("relationship")),
        phone=line_of(arguments.get("phone")),
        email=line_of(arguments.get("email")),
        address=line_of(arguments.get("address")),
        idempotency_key=idempotency_key_of(arguments),
    )


async def next_of_kin(context: Context, arguments: Arguments) -> ChangePayload:
    """Add one of the next of kin."""
    wish = _person(arguments)
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    region = context.application.settings.default_region
    change = add_next_of_kin(context.database, context.actor, context.admin, wish, region)
    return await answer(context, change, loader="next_of_kin")


async def without_guarantor(context: Context, arguments: Arguments) -> ChangePayload:
    """Remove a guarantor."""
    return await _without(context, arguments, Kind.GUARANTOR, "guarantor_id", remove_guarantor)


async def without_next_of_kin(context: Context, arguments: Arguments) -> ChangePayload:
    """Remove one of the next of kin."""
    return await _without(context, arguments, Kind.NEXT_OF_KIN, "next_of_kin_id", remove_next_of_kin)


async def _without(
    context: Context, arguments: Arguments, kind: Kind, name: str, remove: Callable[..., Awaitable[Recorded]]
) -> ChangePayload:
    wish = RemovePerson(parse_id_of(kind, arguments[name]), idempotency_key_of(arguments))
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    return await answer(context, remove(context.database, context.actor, context.admin, wish))


async def relate(context: Context, arguments: Arguments) -> ChangePayload:
    """Relate two customers."""
    return await _related(context, arguments, relate_customers)


async def unrelate(context: Context, arguments: Arguments) -> ChangePayload:
    """Take that back."""
    return await _related(context, arguments, unrelate_customers)


async def _related(context: Context, arguments: Arguments, change: Callable[..., Awaitable[Recorded]]) -> ChangePayload:
    wish = RelateCustomers(
        customer_id=parse_id_of(Kind.CUSTOMER, arguments["customer_id"]),
        related_id=parse_id_of(Kind.CUSTOMER, arguments["related_customer_id"]),
        relation=arguments["relation"],
        idempotency_key=idempotency_key_of(arguments),
    )
    if isinstance(context.viewer, CustomerViewer):
        return _NOT_YOURS
    return await answer(context, change(context.database, context.actor, context.admin, wish))
