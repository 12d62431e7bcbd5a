"""Loan requests; of payments how they came and that they were reversed; of instalments the day that settled them."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.schema import SchemaItem

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_STATUSES = ("SUBMITTED", "UNDER_REVIEW", "APPROVED", "DECLINED", "WITHDRAWN")
_METHODS = ("CASH", "BANK_TRANSFER", "DIRECT_DEBIT", "CARD", "MOBILE_MONEY", "CHEQUE", "OTHER")
_FOLLOWS = (
    "UPDATE loan_requests SET office_id = NEW.office_id, account_manager_id = NEW.account_manager_id "
    "WHERE customer_id = NEW.id"
)
_WHERE = ("office_id", "status", "submitted_at", "id")


def upgrade() -> None:
    """Apply."""
    _make_requests()
    _follow_customers()
    _change_payments()
    op.execute(
        "ALTER TABLE loan_instalments ADD COLUMN settled_on DATE CONSTRAINT ck_loan_instalments_settled_when_paid "
        "CHECK (settled_on IS NULL OR paid_minor = due_minor)"
    )
    _find_when_settled()


def _make_requests() -> None:
    admins = ("account_manager_id", "submitted_by_id", "reviewer_id", "decided_by_id")
    keys = {"customer_id": "customers", "office_id": "offices", "loan_id": "loans", **dict.fromkeys(admins, "admins")}
    op.create_table(
        "loan_requests",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(*_STATUSES, name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("submitted_by_id", sa.Uuid(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewer_id", sa.Uuid(), nullable=True),
        sa.Column("review_started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_reason", sa.Text(), nullable=True),
        sa.Column("loan_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_loan_requests_amount_positive")),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_loan_requests_currency")),
        sa.CheckConstraint(
            "(reviewer_id IS NULL) = (review_started_at IS NULL)", name=op.f("ck_loan_requests_reviewed_by_somebody")
        ),
        sa.CheckConstraint(
            "(decided_at IS NULL) = (status IN ('SUBMITTED', 'UNDER_REVIEW'))", name=op.f("ck_loan_requests_decided")
        ),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_loan_requests_{column}"))
            for column, table in keys.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_requests")),
        sa.UniqueConstraint("loan_id", name=op.f("uq_loan_requests_loan_id")),
    )
    for columns in (("customer_id", "submitted_at", "id"), ("status", "submitted_at", "id"), _WHERE):
        op.create_index(f"ix_loan_requests_{'_'.join(columns)}", "loan_requests", columns)
    op.create_index("ix_loan_requests_book", "loan_requests", ["account_manager_id", *_WHERE[1:]])
    nobodys = sa.text("account_manager_id IS NULL")
    op.create_index("ix_loan_requests_nobodys", "loan_requests", _WHERE, sqlite_where=nobodys, postgresql_where=nobodys)


def _follow_customers() -> None:
    """A trigger, so that whoever moves a customer moves the requests, by whatever way."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE FUNCTION loan_requests_follow_customer() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_FOLLOWS}; RETURN NULL; END $$"
        )
        op.execute(
            "CREATE TRIGGER customers_loan_requests_follow AFTER UPDATE OF office_id, account_manager_id ON customers "
            "FOR EACH ROW WHEN ((OLD.office_id, OLD.account_manager_id) IS DISTINCT FROM "
            "(NEW.office_id, NEW.account_manager_id)) EXECUTE FUNCTION loan_requests_follow_customer()"
        )
    else:
        op.execute(
            "CREATE TRIGGER customers_loan_requests_follow AFTER UPDATE OF office_id, account_manager_id ON customers "
            "WHEN OLD.office_id IS NOT NEW.office_id OR OLD.account_manager_id IS NOT NEW.account_manager_id "
            f"BEGIN {_FOLLOWS}; END"
        )


def _change_payments() -> None:
    if op.get_bind().dialect.name == "postgresql":
        for added in _new_columns():
            op.add_column("loan_payments", added)
        for name, (column, table) in _NEW_KEYS.items():
            op.create_foreign_key(name, "loan_payments", table, [column], ["id"])
        op.execute(
            "ALTER TABLE loan_payments ADD CONSTRAINT ck_loan_payments_reversal_reason "
            "CHECK ((reversed_at IS NULL) = (reversal_reason IS NULL))"
        )
    else:
        _rebuild_payments(
            *_new_columns(),
            sa.CheckConstraint(
                "(reversed_at IS NULL) = (reversal_reason IS NULL)", name=op.f("ck_loan_payments_reversal_reason")
            ),
            *(
                sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(name))
                for name, (column, table) in _NEW_KEYS.items()
            ),
        )
    stands = sa.text("reversed_at IS NULL AND reference IS NOT NULL")
    op.create_index(
        "ix_loan_payments_reference",
        "loan_payments",
        ["loan_id", "reference"],
        unique=True,
        sqlite_where=stands,
        postgresql_where=stands,
    )


_NEW_KEYS = {
    "fk_loan_payments_recorded_by_id": ("recorded_by_id", "admins"),
    "fk_loan_payments_reversed_by_id": ("reversed_by_id", "admins"),
}


def _new_columns() -> list[sa.Column[Any]]:
    method = sa.Enum(
        *_METHODS, name=op.f("ck_loan_payments_method"), native_enum=False, create_constraint=True, length=32
    )
    return [
        sa.Column("method", method, nullable=False, server_default=sa.text("'OTHER'")),
        sa.Column("reference", sa.Text(), nullable=True),
        sa.Column("recorded_by_id", sa.Uuid(), nullable=True),
        sa.Column("reversed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reversed_by_id", sa.Uuid(), nullable=True),
        sa.Column("reversal_reason", sa.Text(), nullable=True),
    ]


def _rebuild_payments(*more: SchemaItem) -> None:
    """SQLite adds no named constraints to a table, and drops none: it gets another table with the same rows."""
    op.create_table(
        "loan_payments_new",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_loan_payments_amount_positive")),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_loan_payments_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_payments")),
        *more,
    )
    kept = "loan_id, amount_minor, received_at, id"
    op.execute(f"INSERT INTO loan_payments_new ({kept}) SELECT {kept} FROM loan_payments")  # noqa: S608 - our constant
    op.drop_table("loan_payments")
    op.rename_table("loan_payments_new", "loan_payments")
    op.create_index("ix_loan_payments_loan_id_received_at_id", "loan_payments", ["loan_id", "received_at", "id"])


def _find_when_settled() -> None:
    """The day of the payment with which as much had come as was due by then; the due day where no payments are kept."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    day = "(min(received_at) AT TIME ZONE 'UTC')::date" if is_postgresql else "date(min(received_at))"
    op.execute(f"""
        UPDATE loan_instalments SET settled_on = coalesce((
            SELECT {day} FROM (
                SELECT received_at, sum(amount_minor) OVER (ORDER BY received_at, id) AS come
                FROM loan_payments WHERE loan_payments.loan_id = loan_instalments.loan_id
            ) AS payments
            WHERE come >= (
                SELECT sum(due_minor) FROM loan_instalments AS earlier
                WHERE earlier.loan_id = loan_instalments.loan_id AND earlier.sequence <= loan_instalments.sequence
            )
        ), due_on)
        WHERE paid_minor = due_minor
    """)  # noqa: S608 - our constants


def downgrade() -> None:
    """Take back."""
    op.execute("ALTER TABLE loan_instalments DROP COLUMN settled_on")
    op.drop_index("ix_loan_payments_reference", "loan_payments")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER customers_loan_requests_follow ON customers")
        op.execute("DROP FUNCTION loan_requests_follow_customer()")
        for added in reversed(_new_columns()):
            op.drop_column("loan_payments", added.name)
    else:
        op.execute("DROP TRIGGER customers_loan_requests_follow")
        _rebuild_payments()
    op.drop_table("loan_requests")
