"""Orders of the customers' list by email, phone, days past due, tier and account manager."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_DUE, _TIER, _MANAGER = "oldest_unpaid_due_on", "tier", "account_manager_id"


_BY_OFFICE = ("email", "phone")


def _change(name: str, only: str | None, *columns: str) -> None:
    op.drop_index(name, "customers")
    _create(name, only, *columns)


def _create(name: str, only: str | None, *columns: str) -> None:
    where = None if only is None else sa.text(f"{only} IS NOT NULL")
    op.create_index(name, "customers", list(columns), sqlite_where=where, postgresql_where=where)


def upgrade() -> None:
    """Apply."""
    _change("ix_customers_owing", _DUE, _DUE, "name", "id")
    _change("ix_customers_owing_by_office", _DUE, "office_id", _DUE, "name", "id")
    _change("ix_customers_tier_by_office", None, "office_id", _TIER, "name", "id")
    _create("ix_customers_managed_by_office", _MANAGER, "office_id", _MANAGER)
    for column in _BY_OFFICE:
        _create(f"ix_customers_office_id_{column}", None, "office_id", column)


def downgrade() -> None:
    """Take back."""
    for column in _BY_OFFICE:
        op.drop_index(f"ix_customers_office_id_{column}", "customers")
    op.drop_index("ix_customers_managed_by_office", "customers")
    _change("ix_customers_tier_by_office", _TIER, "office_id", _TIER, "name", "id")
    _change("ix_customers_owing_by_office", _DUE, "office_id", _DUE)
    _change("ix_customers_owing", _DUE, _DUE)
