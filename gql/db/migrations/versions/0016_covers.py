"""Covers: access to a book, or to one customer, for a while; and the permission to open customers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_ROLES = sa.table("roles", sa.column("key", sa.Text()), sa.column("permissions", _JSON))
_OPENERS = ("super_admin", "portfolio_manager", "collections_officer")
_OPEN = "customer.breakGlass"
_ADMINS = ("delegate_id", "manager_id", "granted_by_id", "ended_by_id")
_CHECKS = {
    "ends_after_start": "ends_at > starts_at",
    "of_a_customer": "(kind = 'BREAK_GLASS') = (customer_id IS NOT NULL)",
    "of_a_book": "customer_id IS NOT NULL OR manager_id IS NOT NULL",
    "by_another": "kind <> 'LEAVE' OR delegate_id <> manager_id",
    "ended_by_somebody": "(ended_at IS NULL) = (ended_by_id IS NULL)",
    "ended_with_reason": "(ended_at IS NULL) = (end_reason IS NULL)",
}


def upgrade() -> None:
    """Apply."""
    keys = dict.fromkeys(_ADMINS, "admins") | {"customer_id": "customers"}
    op.create_table(
        "covers",
        sa.Column(
            "kind",
            sa.Enum("LEAVE", "BREAK_GLASS", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("delegate_id", sa.Uuid(), nullable=False),
        sa.Column("manager_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("granted_by_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by_id", sa.Uuid(), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(check, name=op.f(f"ck_covers_{name}")) for name, check in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_covers_{column}"))
            for column, table in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_covers")),
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_covers_open", "covers", ["delegate_id", "ends_at"], sqlite_where=is_open, postgresql_where=is_open
    )
    for column in ("delegate_id", "manager_id"):
        op.create_index(f"ix_covers_{column}_starts_at_id", "covers", [column, "starts_at", "id"])
    _set_permission(granted=True)


def _set_permission(*, granted: bool) -> None:
    connection = op.get_bind()
    roles = connection.execute(sa.select(_ROLES.c.key, _ROLES.c.permissions)).all()
    for key, permissions in roles:
        wanted = set(permissions) - {_OPEN}
        if granted and key in _OPENERS:
            wanted.add(_OPEN)
        if wanted != set(permissions):
            connection.execute(sa.update(_ROLES).where(_ROLES.c.key == key).values(permissions=sorted(wanted)))


def downgrade() -> None:
    """Take back."""
    _set_permission(granted=False)
    op.drop_table("covers")
