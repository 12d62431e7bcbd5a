"""Assignments that begin later by themselves."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_TABLE = "scheduled_assignments"
_STATUSES = ("PENDING", "STARTED", "CANCELLED", "REFUSED")
_ORDER = ("status", "effective_at", "id")
_KEYS = {
    "customer_id": "customers",
    "office_id": "offices",
    "account_manager_id": "admins",
    "admin_id": "admins",
    "scheduled_by_id": "admins",
    "decided_by_id": "admins",
    "assignment_id": "assignments",
}
_NULLABLE = frozenset({"account_manager_id", "decided_by_id", "assignment_id"})
_CHECKS = {
    "decided": "(decided_at IS NULL) = (status = 'PENDING')",
    "started": "(assignment_id IS NULL) = (status <> 'STARTED')",
    "cancelled_by_somebody": (
        "(decided_by_id IS NULL) = (status <> 'CANCELLED') AND (cancel_reason IS NULL) = (status <> 'CANCELLED')"
    ),
}
_FOLLOWS = (
    f"UPDATE {_TABLE} SET office_id = NEW.office_id, account_manager_id = NEW.account_manager_id "  # noqa: S608
    "WHERE customer_id = NEW.id"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        _TABLE,
        *(sa.Column(name, sa.Uuid(), nullable=name in _NULLABLE) for name in _KEYS),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("effective_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*_STATUSES, name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("refusal_codes", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cancel_reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{_TABLE}_{name}")) for name, rule in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{_TABLE}_{column}"))
            for column, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_TABLE}")),
    )
    pending = sa.text("status = 'PENDING'")
    op.create_index(
        f"uq_{_TABLE}_pending",
        _TABLE,
        ["customer_id"],
        unique=True,
        sqlite_where=pending,
        postgresql_where=pending,
    )
    for first in ("customer_id", None, "office_id", "admin_id"):
        columns = list(_ORDER) if first is None else [first, *_ORDER]
        op.create_index(f"ix_{_TABLE}_{'_'.join(columns)}", _TABLE, columns)
    op.create_index(f"ix_{_TABLE}_book", _TABLE, ["account_manager_id", *_ORDER])
    _follow_customers()


def _follow_customers() -> None:
    """A trigger, so that whoever moves a customer moves what is scheduled, by whatever way."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {_TABLE}_follow_customer() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_FOLLOWS}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER customers_{_TABLE}_follow AFTER UPDATE OF office_id, account_manager_id ON customers "
            "FOR EACH ROW WHEN ((OLD.office_id, OLD.account_manager_id) IS DISTINCT FROM "
            f"(NEW.office_id, NEW.account_manager_id)) EXECUTE FUNCTION {_TABLE}_follow_customer()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER customers_{_TABLE}_follow AFTER UPDATE OF office_id, account_manager_id ON customers "
            "WHEN OLD.office_id IS NOT NEW.office_id OR OLD.account_manager_id IS NOT NEW.account_manager_id "
            f"BEGIN {_FOLLOWS}; END"
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER customers_{_TABLE}_follow ON customers")
        op.execute(f"DROP FUNCTION {_TABLE}_follow_customer()")
    else:
        op.execute(f"DROP TRIGGER customers_{_TABLE}_follow")
    op.drop_table(_TABLE)
