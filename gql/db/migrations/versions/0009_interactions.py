"""Interactions with customers, and triggers by which what is due follows its customer."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_KINDS = ("CALL", "VISIT", "MESSAGE", "COMPLAINT", "CALLBACK_REQUEST")
_DUE = "due_at IS NOT NULL AND done_at IS NULL"
_INDEXES = {
    "ix_interactions_due": (["due_at", "id"], _DUE),
    "ix_interactions_due_of_office": (["office_id", "due_at", "id"], _DUE),
    "ix_interactions_due_of_manager": (["account_manager_id", "due_at", "id"], _DUE),
    "ix_interactions_due_of_nobody": (["office_id", "due_at", "id"], f"{_DUE} AND account_manager_id IS NULL"),
}
_FOLLOW = (
    "UPDATE interactions SET office_id = NEW.office_id, account_manager_id = NEW.account_manager_id "  # noqa: S608 - our constants
    f"WHERE customer_id = NEW.id AND {_DUE}"
)
_TRIGGER = "customers_take_what_is_due_along"


def upgrade() -> None:
    """Triggers, so that whoever gives a customer to somebody else takes what is due along."""
    op.create_table(
        "interactions",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        _one_of("kind", _KINDS),
        _one_of("direction", ("INBOUND", "OUTBOUND")),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("next_step", sa.Text(), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by_id", sa.Uuid(), nullable=True),
        sa.Column("next_step_outcome", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(due_at IS NULL) = (next_step IS NULL)", name=op.f("ck_interactions_next_step_is_due")),
        sa.CheckConstraint(
            "(done_at IS NULL) = (next_step_outcome IS NULL)", name=op.f("ck_interactions_done_with_outcome")
        ),
        sa.CheckConstraint("done_at IS NULL OR due_at IS NOT NULL", name=op.f("ck_interactions_done_was_due")),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_interactions_{column}"))
            for column, table in (
                ("customer_id", "customers"),
                ("office_id", "offices"),
                ("account_manager_id", "admins"),
                ("author_id", "admins"),
                ("done_by_id", "admins"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_interactions")),
    )
    op.create_index(
        op.f("ix_interactions_customer_id_occurred_at_id"), "interactions", ["customer_id", "occurred_at", "id"]
    )
    for name, (columns, condition) in _INDEXES.items():
        _create_partial_index(name, columns, condition, unique=False)
    _create_partial_index(
        "uq_interactions_open_callback", ["customer_id"], "kind = 'CALLBACK_REQUEST' AND done_at IS NULL", unique=True
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION take_what_is_due_along() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_FOLLOW}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {_TRIGGER} AFTER UPDATE OF office_id, account_manager_id ON customers FOR EACH ROW "
            "WHEN (OLD.office_id <> NEW.office_id OR OLD.account_manager_id IS DISTINCT FROM NEW.account_manager_id) "
            "EXECUTE FUNCTION take_what_is_due_along()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {_TRIGGER} AFTER UPDATE OF office_id, account_manager_id ON customers FOR EACH ROW "
            "WHEN OLD.office_id <> NEW.office_id OR OLD.account_manager_id IS NOT NEW.account_manager_id "
            f"BEGIN {_FOLLOW}; END"
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER {_TRIGGER} ON customers")
        op.execute("DROP FUNCTION take_what_is_due_along()")
    else:
        op.execute(f"DROP TRIGGER {_TRIGGER}")
    op.drop_table("interactions")


def _create_partial_index(name: str, columns: list[str], condition: str, *, unique: bool) -> None:
    where = sa.text(condition)
    op.create_index(name, "interactions", columns, unique=unique, sqlite_where=where, postgresql_where=where)


def _one_of(name: str, values: tuple[str, ...]) -> sa.Column[str]:
    kind = sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=False)
