"""Since when nobody has looked who looks after a customer, and signed reviews of that."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_NOT_ARCHIVED = "status <> 'ARCHIVED'"
_INDEXES = {
    "ix_customers_reviewed": ("office_id", f"{_NOT_ARCHIVED} AND account_manager_id IS NOT NULL"),
    "ix_customers_reviewed_of_nobody": ("office_id", f"{_NOT_ARCHIVED} AND account_manager_id IS NULL"),
    "ix_customers_reviewed_of_manager": ("account_manager_id", f"{_NOT_ARCHIVED} AND account_manager_id IS NOT NULL"),
}


def upgrade() -> None:
    """Apply. When somebody was assigned, or that ended, counts as a review."""
    long_ago = sa.text("'1970-01-01 00:00:00.000000+00:00'")
    if op.get_bind().dialect.name == "sqlite":
        long_ago = sa.text("'1970-01-01 00:00:00.000000'")
    column = sa.Column("manager_reviewed_at", sa.DateTime(timezone=True), nullable=False, server_default=long_ago)
    op.add_column("customers", column)
    op.execute(
        "UPDATE customers SET manager_reviewed_at = coalesce((SELECT started_at FROM assignments "
        "WHERE assignments.customer_id = customers.id AND ended_at IS NULL), (SELECT max(ended_at) FROM assignments "
        "WHERE assignments.customer_id = customers.id), created_at)"
    )
    for name, (first, only) in _INDEXES.items():
        columns, where = [first, "manager_reviewed_at", "id"], sa.text(only)
        op.create_index(name, "customers", columns, sqlite_where=where, postgresql_where=where)
    op.create_table(
        "assignment_confirmations",
        sa.Column("assignment_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_by_id", sa.Uuid(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["assignment_id"], ["assignments.id"], name=op.f("fk_assignment_confirmations_assignment_id")
        ),
        sa.ForeignKeyConstraint(
            ["confirmed_by_id"], ["admins.id"], name=op.f("fk_assignment_confirmations_confirmed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment_confirmations")),
    )
    op.create_index(
        "ix_assignment_confirmations_assignment_id_confirmed_at_id",
        "assignment_confirmations",
        ["assignment_id", "confirmed_at", "id"],
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("assignment_confirmations")
    for name in _INDEXES:
        op.drop_index(name, "customers")
    op.drop_column("customers", "manager_reviewed_at")
