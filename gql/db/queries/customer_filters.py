"""The WHERE of customer lists: filters and searches, with what a viewer's bucket withholds left out of them."""

from datetime import date, timedelta
from enum import Enum
from typing import Any, Final, NamedTuple
from uuid import UUID

from sqlalchemy import ColumnElement, Date, Text, Uuid, and_, bindparam, exists, or_, select

from gql.db.models import Customer, CustomerTag, Membership
from gql.db.queries.number_search import NumberShape, has_number, number_parameters, number_shape
from gql.db.queries.office_tree import office_and_beneath
from gql.db.visibility import BucketShape, Seeks
from gql.domain.buckets import Holder
from gql.domain.listing import CustomerCriteria, CustomerSearch, NameReading
from gql.domain.roles import CustomerField
from gql.domain.time import today

customers = Customer.__table__
memberships = Membership.__table__
tags = CustomerTag.__table__

GROUP: Final = "filter_group_id"
MEMBER_OF: Final = "filter_member_of"
"""The names under which groups are bound: of which a customer must be, and whose members are listed."""
LAST_CHARACTER = "\U0010ffff"
"""Sorts after everything that can follow a prefix."""


class PastDue(Enum):
    """The form of a range of days past due."""

    ANY = "from none on"
    AT_MOST = "from none to a bound"
    AT_LEAST = "from a bound on"
    BETWEEN = "from a bound to another"


class FilterShape(NamedTuple):
    """All of the criteria that shows in the SQL."""

    statuses: int | None
    """How many: each is sought by itself."""
    office: bool
    subtree: bool
    manager: bool
    has_manager: bool | None
    group: bool
    member_of: bool
    created_from: bool
    created_before: bool
    past_due: PastDue | None
    tiers: int | None
    """How many: each is sought by itself."""
    without_tier: bool
    tag: bool
    numbers: tuple[NumberShape, ...]
    search: frozenset[str] | None
    reading: NameReading
    lookup: bool

    @property
    def seeks(self) -> Seeks:
        """How a list with these filters gets at a bucket's offices."""
        if self == NO_FILTERS:
            return Seeks.UNROLLED  # filtered lists are planned for their values, which must be quick
        by_names = self.search is not None and self.reading is NameReading.BOTH
        by_few = self.group or self.member_of or self.tag or bool(self.numbers) or self.past_due is not None
        if by_names or by_few or self.created_from or self.created_before:
            return Seeks.AT_ONCE
        # Whose customers are nobody's, who have no tier and who are of an office, is in the indexes by office only.
        by_office = self.has_manager is not None or self.without_tier or self.office
        return Seeks.BY_OFFICE_EVERYWHERE if by_office else Seeks.BY_OFFICE


def _past_due(criteria: CustomerCriteria) -> PastDue | None:
    least, most = criteria.days_past_due_min, criteria.days_past_due_max
    if least is None and most is None:
        return None
    if not least:
        return PastDue.ANY if most is None else PastDue.AT_MOST
    return PastDue.AT_LEAST if most is None else PastDue.BETWEEN


def filter_shape(criteria: CustomerCriteria) -> FilterShape:
    """The shape of the criteria."""
    search = criteria.search
    meanings = None
    if search is not None:
        meanings = frozenset(
            name for name in ("name_prefix", "number", "email", "phone") if getattr(search, name) is not None
        )
    return FilterShape(
        statuses=None if criteria.statuses is None else len(criteria.statuses),
        office=criteria.office_id is not None,
        subtree=criteria.include_subtree,
        manager=criteria.account_manager_id is not None,
        has_manager=criteria.has_account_manager,
        group=criteria.group_id is not None,
        member_of=criteria.member_of is not None,
        created_from=criteria.created_from is not None,
        created_before=criteria.created_before is not None,
        past_due=_past_due(criteria),
        tiers=None if criteria.tiers is None else len(criteria.tiers),
        without_tier=criteria.without_tier,
        tag=criteria.tag is not None,
        numbers=number_shape(criteria),
        search=meanings,
        reading=NameReading.BOTH if search is None else search.reading,
        lookup=search is not None and search.lookup,
    )


NO_FILTERS: Final = filter_shape(CustomerCriteria())


def filter_parameters(criteria: CustomerCriteria) -> dict[str, Any]:
    """The bound values of the criteria."""
    bound: dict[str, Any] = {}
    for place, status in enumerate(sorted(criteria.statuses or ())):
        bound[f"status_{place}"] = status
    for place, tier in enumerate(sorted(criteria.tiers or ())):
        bound[f"tier_{place}"] = tier
    for name in ("office_id", "account_manager_id", "group_id", "member_of", "created_from", "created_before", "tag"):
        if getattr(criteria, name) is not None:
            bound[f"filter_{name}"] = getattr(criteria, name)
    bound |= number_parameters(criteria)
    # The more days past due, the earlier the day.
    if criteria.days_past_due_min:
        bound["due_until"] = _days_ago(criteria.days_past_due_min)
    if criteria.days_past_due_max is not None:
        bound["due_from"] = _days_ago(criteria.days_past_due_max)
    return bound if criteria.search is None else bound | _search_parameters(criteria.search)


def _search_parameters(search: CustomerSearch) -> dict[str, Any]:
    whole = {name: getattr(search, name) for name in ("number", "email", "phone")}
    bound = {f"search_{name}": value for name, value in whole.items() if value is not None}
    if search.name_prefix is not None:
        bound |= {"search_from": search.name_prefix, "search_to": search.name_prefix + LAST_CHARACTER}
    return bound


def _days_ago(days: int) -> date:
    return today() - timedelta(days=days)


def _meanings(shape: FilterShape, withheld: frozenset[CustomerField]) -> frozenset[str]:
    """What the search may mean where these fields are withheld."""
    meanings = shape.search or frozenset()
    if shape.lookup:
        return meanings
    hidden = {field.value for field in (CustomerField.EMAIL, CustomerField.PHONE) if field in withheld}
    return meanings - hidden


def may_match(shape: FilterShape, bucket: BucketShape) -> bool:
    """Whether any row of the bucket can match. Filtering by what it withholds would tell it; and where nobody can have
    the account manager that is asked for, the database would look at everybody to find that out.
    """
    tells = {
        CustomerField.GROUPS: shape.group,
        CustomerField.CREATED_AT: shape.created_from or shape.created_before,
        CustomerField.ARREARS: shape.past_due is not None,
        CustomerField.BACK_OFFICE: shape.tag or shape.without_tier or shape.tiers is not None,
    }
    if 0 in (shape.statuses, shape.tiers) or any(asked and field in bucket.withheld for field, asked in tells.items()):
        return False
    if bucket.holder is Holder.NOBODYS and (shape.manager or shape.has_manager):
        return False
    if (bucket.is_book or bucket.holder is Holder.OTHERS) and shape.has_manager is False:
        return False
    if any(number.is_hidden(bucket.withheld) for number in shape.numbers):
        return False
    return shape.search is None or bool(_meanings(shape, bucket.withheld))


def parts(shape: FilterShape) -> list[list[ColumnElement[bool]]]:
    """The predicates of the disjoint parts in which a list is sought: one for each status and tier, or the whole."""
    statuses = _each(customers.c.status, "status", shape.statuses)
    return [status + tier for status in statuses for tier in _each(customers.c.tier, "tier", shape.tiers)]


def _each(column: ColumnElement[Any], name: str, how_many: int | None) -> list[list[ColumnElement[bool]]]:
    if how_many is None:
        return [[]]
    return [[column == bindparam(f"{name}_{place}", type_=column.type)] for place in range(how_many)]


def matches(shape: FilterShape, withheld: frozenset[CustomerField]) -> list[ColumnElement[bool]]:
    """The predicates, all of which must hold, besides those of the part."""
    c = customers.c
    predicates: list[ColumnElement[bool]] = []
    if shape.office:
        predicates.append(in_filter_office(customers.c.office_id, shape.subtree))
    if shape.manager:
        predicates.append(c.account_manager_id == bindparam("filter_account_manager_id", type_=Uuid()))
    if shape.has_manager is not None:
        predicates.append(c.account_manager_id.is_not(None) if shape.has_manager else c.account_manager_id.is_(None))
    for of, wanted in ((GROUP, shape.group), (MEMBER_OF, shape.member_of)):
        if wanted:
            theirs = select(memberships.c.id).where(*are_in_group(of), memberships.c.customer_id == c.id)
            predicates.append(exists(theirs.correlate(customers)))  # not with memberships that are listed, too
    predicates += _of_back_office(shape)
    if shape.created_from:
        predicates.append(c.created_at >= bindparam("filter_created_from", type_=c.created_at.type))
    if shape.created_before:
        predicates.append(c.created_at < bindparam("filter_created_before", type_=c.created_at.type))
    if shape.past_due is not None:
        predicates += _is_past_due(shape.past_due)
    predicates += [has_number(number) for number in shape.numbers]
    if shape.search is not None:
        predicates.append(_searched(_meanings(shape, withheld), shape.reading))
    return predicates


def _of_back_office(shape: FilterShape) -> list[ColumnElement[bool]]:
    """But for the tiers, of which each is a part."""
    found: list[ColumnElement[bool]] = []
    if shape.without_tier:
        found.append(customers.c.tier.is_(None))
    if shape.tag:
        found.append(exists(select(tags.c.tag).where(has_tag(), tags.c.customer_id == customers.c.id)))
    return found


def are_in_group(of: str) -> list[ColumnElement[bool]]:
    """The open memberships of the group that is asked for: GROUP or MEMBER_OF."""
    return [memberships.c.group_id == bindparam(of, type_=Uuid()), memberships.c.until.is_(None)]


def has_tag() -> ColumnElement[bool]:
    """The tag that is asked for."""
    return tags.c.tag == bindparam("filter_tag", type_=Text())


def _is_past_due(form: PastDue) -> list[ColumnElement[bool]]:
    due = customers.c.oldest_unpaid_due_on
    due_from, due_until = bindparam("due_from", type_=Date()), bindparam("due_until", type_=Date())
    forms: dict[PastDue, list[ColumnElement[bool]]] = {
        PastDue.ANY: [],
        PastDue.AT_MOST: [or_(due.is_(None), due >= due_from)],
        PastDue.AT_LEAST: [due <= due_until],
        PastDue.BETWEEN: [due.between(due_from, due_until)],
    }
    return forms[form]


_FILTER_OFFICE = bindparam("filter_office_id", type_=Uuid())
_FILTER_SUBTREE = office_and_beneath(_FILTER_OFFICE, "filter_subtree")


def in_filter_office(office: ColumnElement[UUID], subtree: bool) -> ColumnElement[bool]:
    """Whether it is the office that is asked for, or with `subtree` one beneath it."""
    if subtree:
        return office.in_(select(_FILTER_SUBTREE.c.id))
    return office == _FILTER_OFFICE


def prefixed(column: ColumnElement[str], first: str = "search_from", last: str = "search_to") -> ColumnElement[bool]:
    """Whether a key starts with the bound prefix, as a range that an index can seek."""
    return column.between(bindparam(first, type_=Text()), bindparam(last, type_=Text()))


def _searched(meanings: frozenset[str], reading: NameReading) -> ColumnElement[bool]:
    c = customers.c
    predicates: list[ColumnElement[bool]] = []
    if "name_prefix" in meanings:
        predicates.append(_named(reading))
    whole = [name for name in ("number", "email", "phone") if name in meanings]
    return or_(*predicates, *(c[name] == bindparam(f"search_{name}", type_=Text()) for name in whole))


def _named(reading: NameReading) -> ColumnElement[bool]:
    as_written, last_word_first = prefixed(customers.c.search_name), prefixed(customers.c.search_name_reversed)
    if reading is NameReading.AS_WRITTEN:
        return as_written
    if reading is NameReading.LAST_WORD_FIRST:
        return and_(last_word_first, ~as_written)
    return or_(as_written, last_word_first)
