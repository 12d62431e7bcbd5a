"""Customers: one, lists, and what a viewer can do with one."""

from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from gql.context import Context
from gql.db.queries.customer_lists import list_customers
from gql.db.queries.customer_relevance import search_by_relevance
from gql.db.rows import CustomerRow
from gql.domain.back_office import LONGEST_TAG, normal_tag
from gql.domain.bank_accounts import ACCOUNT_NUMBER, is_account_number, normal_account_number
from gql.domain.contact import normal_email, normal_phone
from gql.domain.customer_record import typed_number
from gql.domain.errors import BadUserInput, Refused
from gql.domain.identifiers import IdentifierKind, form_of, normal_identifier
from gql.domain.ids import Kind, parse_id_of
from gql.domain.listing import (
    BY_RELEVANCE,
    CUSTOMER_SORTS,
    CustomerCriteria,
    CustomerOrderField,
    CustomerSearch,
    NumberSearch,
)
from gql.domain.paging import Edge, Page
from gql.domain.refusals import VERSION_CONFLICT
from gql.domain.roles import CustomerField, Permission
from gql.domain.search import search_key
from gql.resolvers.arguments import (
    LONGEST_SEARCH,
    Arguments,
    days_of,
    moment_of,
    optional_id,
    optional_set,
    page_of,
    text,
)
from gql.services.lookups import record_lookup

_NO_REGION: Final = "ZZ"
"""Of which no phone number is: those that begin with a country's prefix are read all the same."""


async def customer(context: Context, global_id: str) -> CustomerRow | None:
    """A customer whom the viewer sees; None for any other, there or not."""
    found: CustomerRow | None = await context.loaders.one("customer", parse_id_of(Kind.CUSTOMER, global_id))
    return found


async def present(context: Context, customer_id: UUID) -> CustomerRow | None:
    """The customer as the viewer sees them now that something was, or may have been, changed."""
    context.renew()
    found: CustomerRow | None = await context.loaders.one("customer", customer_id)
    return found


async def present_if_stale(context: Context, customer_id: UUID, refused: Refused) -> CustomerRow | None:
    """What a stale edit is answered with, so that the client can show what it missed; None for any other refusal."""
    return await present(context, customer_id) if is_stale(refused) else None


def is_stale(refused: Refused) -> bool:
    """Whether the client's version was not the present one."""
    return any(refusal.code == VERSION_CONFLICT for refusal in refused.refusals)


async def customers(
    context: Context,
    criteria: Arguments,
    search: str | None,
    order: Arguments,
    paging: Arguments,
    *,
    brief: bool = False,
) -> Page[Edge[CustomerRow]]:
    """A page of the customers whom the viewer sees; a search for a name by relevance, unless it is ordered.

    With `brief`, its rows may be brief ones.
    """
    wanted = criteria_of(
        criteria,
        await _search(context, search),
        identifier=await _identifier(context, criteria),
        account_number=await _account_number(context, criteria),
    )
    if not order and wanted.search is not None and wanted.search.is_of_a_name:
        found = await search_by_relevance(context.database, context.access, wanted, page_of(BY_RELEVANCE, paging))
    else:
        sort = CUSTOMER_SORTS[order["field"] if order else CustomerOrderField.NAME]
        page = page_of(sort, paging, order)._replace(brief=brief)
        found = await list_customers(context.database, context.access, wanted, page)
    context.note_reads(edge.node for edge in found.edges)
    return found


def criteria_of(
    criteria: Arguments,
    search: CustomerSearch | None = None,
    *,
    identifier: NumberSearch | None = None,
    account_number: NumberSearch | None = None,
) -> CustomerCriteria:
    """The filter's arguments as the query takes them. Raises BadUserInput for what can't be meant."""
    created = criteria.get("created") or {}
    least, most = days_of(criteria, "days_past_due")
    return CustomerCriteria(
        statuses=optional_set(criteria, "status"),
        office_id=optional_id(Kind.OFFICE, criteria, "office_id"),
        include_subtree=bool(criteria.get("include_subtree")),
        account_manager_id=optional_id(Kind.ADMIN, criteria, "account_manager_id"),
        has_account_manager=criteria.get("has_account_manager"),
        group_id=optional_id(Kind.GROUP, criteria, "group_id"),
        created_from=moment_of(created, "from_"),
        created_before=moment_of(created, "before"),
        days_past_due_min=least,
        days_past_due_max=most,
        tiers=optional_set(criteria, "tier"),
        tag=_tag_of(criteria),
        identifier=identifier,
        account_number=account_number,
        search=search,
    )


def _tag_of(criteria: Arguments) -> str | None:
    tag = text(criteria.get("tag"), "tag", LONGEST_TAG)
    return None if tag is None else normal_tag(tag)


async def _search(context: Context, term: str | None) -> CustomerSearch | None:
    """What the search box's text may mean: an email, a phone or customer number, the beginning of a name."""
    term = text(term, "search", LONGEST_SEARCH)
    if term is None:
        return None
    if "@" in term:
        lookup = await put_lookup_on_record(context, CustomerField.EMAIL)
        return CustomerSearch(email=normal_email(term), lookup=lookup)
    meant = _meant(term, normal_phone(term, context.application.settings.default_region))
    if meant.phone is None:
        return meant
    return replace(meant, lookup=await put_lookup_on_record(context, CustomerField.PHONE))


def member_search(term: str | None) -> CustomerSearch | None:
    """The same in a list below another record, where nothing that is withheld is looked up."""
    term = text(term, "search", LONGEST_SEARCH)
    if term is None:
        return None
    if "@" in term:
        return CustomerSearch(email=normal_email(term))
    return _meant(term, normal_phone(term, _NO_REGION))


def _meant(term: str, phone: str | None) -> CustomerSearch:
    """Of a text that is no email."""
    number = typed_number(term)
    if phone is not None:
        return CustomerSearch(phone=phone, number=number)
    if number is not None:
        return CustomerSearch(number=number, name_prefix=search_key(term))
    prefix = search_key(term)
    if not prefix:
        raise BadUserInput("`search` needs a letter or a digit.")
    return CustomerSearch(name_prefix=prefix)


async def _identifier(context: Context, criteria: Arguments) -> NumberSearch | None:
    """The identifier to filter by. Messages don't repeat it."""
    wanted = criteria.get("identifier")
    if wanted is None:
        return None
    kind: IdentifierKind = wanted["kind"]
    value = normal_identifier(kind, wanted["value"])
    if value is None:
        raise BadUserInput(f"`identifier.value`: {form_of(kind)}")
    lookup = await put_lookup_on_record(context, CustomerField.IDENTIFIERS)
    return NumberSearch(kind, tuple(context.application.vault.indexes(kind, value)), lookup)


async def _account_number(context: Context, criteria: Arguments) -> NumberSearch | None:
    """The account number to filter by."""
    wanted = criteria.get("bank_account_number")
    if wanted is None:
        return None
    number = normal_account_number(wanted)
    if not is_account_number(number):
        raise BadUserInput("`bankAccountNumber`: an account's number has 4 to 34 letters and digits.")
    lookup = await put_lookup_on_record(context, CustomerField.BANK_ACCOUNTS)
    return NumberSearch(None, tuple(context.application.vault.indexes(ACCOUNT_NUMBER, number)), lookup)


async def put_lookup_on_record(context: Context, by: CustomerField) -> bool:
    """For a viewer from whom `by` is withheld somewhere and who may look customers up by it all the same.

    Answers whether that is so, and has then recorded the look-up. Raises RateLimited.
    """
    withheld = any(not bucket.access.shows(by) for bucket in context.access.buckets)
    if not (withheld and context.admin.may(Permission.CUSTOMER_LOOKUP)):
        return False
    most = context.application.settings.lookups_per_minute
    await record_lookup(context.database, context.actor, by.value, per_minute=most)
    return True


def withheld_fields(row: CustomerRow, context: Context) -> list[str]:
    """The GraphQL names of the fields that are null because they are withheld.

    Of who is seen in full, the audit trail isn't: it takes a permission, however much of a customer one sees.
    """
    untold = {CustomerField.ARREARS, CustomerField.AUDIT_TRAIL} if row.access.is_full else {CustomerField.ARREARS}
    return sorted(field.value for field in row.access.withheld if field not in untold)


def shows(field: CustomerField) -> Any:
    """The guard of a customer's field: whether the row's access shows it."""

    def guard(row: CustomerRow, context: Context) -> bool:
        return field not in row.access.withheld

    return guard
