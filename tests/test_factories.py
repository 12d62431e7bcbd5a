"""The builders of the tests: what they repeat agrees with what it repeats."""

from datetime import timedelta

from sqlalchemy import func, select

from gql.db.engine import Database
from gql.db.models import AdminRole, Assignment, Customer, Group, LoanInstalment, Membership
from gql.domain.time import today
from tests.factories import World


async def test_a_world_keeps_the_repeated_columns_right(database: Database) -> None:
    """Manager and open assignment, member count and open memberships, outstanding and instalments."""
    world = World(database)
    head = await world.office()
    branch = await world.office(parent=head)
    ada = await world.admin("portfolio_manager", "auditor", office=branch)
    bola = await world.admin("account_manager", office=branch)
    ngozi, *others = await world.customers(5, office=branch, manager=ada)
    await world.assignment(ngozi, bola)
    full = await world.group(maximum=3, members=others[:2])
    await world.membership(full, ngozi)
    category = await world.risk_category()
    await world.group(risk_category=await world.risk_category(excludes=[category]))
    loan = await world.loan(ngozi, paid=1, overdue_days=9)
    await world.password(ada)

    open_now = select(Assignment.customer_id, Assignment.admin_id).where(Assignment.ended_at.is_(None))
    held = select(Customer.id, Customer.account_manager_id).where(Customer.account_manager_id.is_not(None))
    assert set(await database.rows(open_now)) == set(await database.rows(held))
    assert ngozi.account_manager_id == bola.id
    assert len(await database.rows(select(AdminRole.role_id).where(AdminRole.admin_id == ada.id))) == 2
    members = select(func.count()).select_from(Membership).where(Membership.group_id == full.id)
    counted = await database.rows(select(Group.member_count, members.scalar_subquery()).where(Group.id == full.id))
    assert [tuple(row) for row in counted] == [(3, 3)]
    unpaid = await database.rows(
        select(LoanInstalment.due_minor, LoanInstalment.due_on)
        .where(LoanInstalment.loan_id == loan.id, LoanInstalment.paid_minor == 0)
        .order_by(LoanInstalment.sequence)
    )
    assert sum(row.due_minor for row in unpaid) == loan.outstanding_minor
    assert unpaid[0].due_on == today() - timedelta(days=9)
