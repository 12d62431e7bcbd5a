"""Why an admin sees a customer as they do, for whoever audits access."""

from dataclasses import dataclass

from gql.context import Context
from gql.db.queries.admin_facts import AdminFacts, admin_facts
from gql.db.rows import AdminRow, CustomerRow
from gql.domain.enums import AdminStatus
from gql.domain.explaining import Explanation, explain
from gql.domain.ids import Kind, parse_id_of


@dataclass(frozen=True, slots=True)
class Explained:
    """The answer: of whom, about whom, and whether they can use what the rules give them."""

    customer: CustomerRow
    admin: AdminRow
    of: Explanation
    status: AdminStatus
    has_session: bool

    @property
    def signed_in(self) -> bool:
        """Whether they can read by a session that they have."""
        return self.signs_in and self.has_session

    @property
    def signs_in(self) -> bool:
        """Whether they may sign in at all."""
        return self.status is AdminStatus.ACTIVE

    @property
    def summary(self) -> str:
        """The answer for people."""
        return f"{self.of.summary} {self._use}".rstrip()

    @property
    def _use(self) -> str:
        if not self.signs_in:
            return (
                f"But the account is {self.status.value}: nobody can sign in with it, so that it sees nothing at all."
            )
        if not self.signed_in:
            return "But the admin has no session now, and sees nothing until they sign in."
        return ""


async def explain_access(context: Context, customer_id: str, admin_id: str) -> Explained | None:
    """The rules that decide what the admin sees of the customer. None where either isn't there for the viewer.

    That it was asked is put on record, whatever the viewer's roles. Raises Unavailable where that can't be done.
    """
    customer_key, admin_key = parse_id_of(Kind.CUSTOMER, customer_id), parse_id_of(Kind.ADMIN, admin_id)
    customer: CustomerRow | None = await context.loaders.one("customer", customer_key)
    if customer is None:
        return None
    admin: AdminRow | None = await context.loaders.one("admin", admin_key)
    facts: AdminFacts | None = None if admin is None else await admin_facts(context.database.rows, admin_key)
    if admin is None or facts is None:
        return None
    context.application.reads.note_explained(context.actor, customer_key, admin_key)
    explanation = explain(facts.standing, customer_key, customer.account_manager_id, customer.office_id)
    return Explained(customer, admin, explanation, facts.status, facts.has_session)
