"""Finding people: similar names, days past due, more orders of the customers' list, and saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.exc import DBAPIError

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_customers_status_name_id": ("status", "name", "id"),
    "ix_customers_office_id_status_name_id": ("office_id", "status", "name", "id"),
    "ix_customers_office_id_number_id": ("office_id", "number", "id"),
    "ix_customers_updated_at_id": ("updated_at", "id"),
    "ix_customers_office_id_updated_at_id": ("office_id", "updated_at", "id"),
    "ix_customers_office_id_search_name": ("office_id", "search_name"),
    "ix_customers_office_id_search_name_reversed": ("office_id", "search_name_reversed"),
}
_OF_THOSE_WHO_OWE = {
    "ix_customers_owing": ("oldest_unpaid_due_on",),
    "ix_customers_owing_by_office": ("office_id", "oldest_unpaid_due_on"),
}
_OF_A_TIER = {
    "ix_customers_tier": ("tier", "name", "id"),
    "ix_customers_tier_by_office": ("office_id", "tier", "name", "id"),
}
_SIMILAR = "ix_customer_names_similar"

_OLDEST_UNPAID = """
    SELECT min(loan_instalments.due_on) FROM loans JOIN loan_instalments ON loan_instalments.loan_id = loans.id
    WHERE loans.customer_id = customers.id AND loan_instalments.paid_minor < loan_instalments.due_minor
"""


class NoTrigrams(Exception):
    """The database's user may not create the extension. Nothing was changed."""

    def __init__(self) -> None:
        super().__init__(
            "This database doesn't have the extension pg_trgm, which finds names that are written a little "
            "differently, and its user may not create it. Have an administrator of the database install PostgreSQL's "
            "contrib modules if they are missing, run `CREATE EXTENSION pg_trgm;` in this database, and migrate again."
        )


def upgrade() -> None:
    """Apply."""
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    if is_postgresql:
        _have_trigrams()
    # SQLite adds a column to a table as it is; Alembic would write all of it anew.
    op.execute("ALTER TABLE customers ADD COLUMN oldest_unpaid_due_on DATE")
    op.execute(
        f"UPDATE customers SET oldest_unpaid_due_on = ({_OLDEST_UNPAID}) WHERE id IN "  # noqa: S608 - our own text
        "(SELECT customer_id FROM loans JOIN loan_instalments ON loan_id = loans.id WHERE paid_minor < due_minor)"
    )
    op.drop_index("ix_customers_status_created_at_id", "customers")
    for name, columns in _INDEXES.items():
        op.create_index(name, "customers", list(columns))
    for only, indexes in (("oldest_unpaid_due_on", _OF_THOSE_WHO_OWE), ("tier", _OF_A_TIER)):
        known = sa.text(f"{only} IS NOT NULL")
        for name, columns in indexes.items():
            op.create_index(name, "customers", list(columns), sqlite_where=known, postgresql_where=known)
    op.create_table(
        "customer_names",
        sa.Column("search_name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("search_name", name=op.f("pk_customer_names")),
    )
    if is_postgresql:
        op.execute("INSERT INTO customer_names SELECT DISTINCT search_name FROM customers")
        of_trigrams = {"search_name": "gin_trgm_ops"}
        op.create_index(_SIMILAR, "customer_names", ["search_name"], postgresql_using="gin", postgresql_ops=of_trigrams)
    for statement in _keep_in_postgresql() if is_postgresql else _IN_SQLITE:
        op.execute(statement)
    _saved_views()


def _have_trigrams() -> None:
    try:
        with op.get_bind().begin_nested():
            op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DBAPIError as error:
        raise NoTrigrams from error


def _keep_in_postgresql() -> list[str]:
    """A trigger for each statement, whatever the number of its rows."""
    function = """
        CREATE FUNCTION lenddesk_keep_oldest_unpaid() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            UPDATE customers SET oldest_unpaid_due_on = owed.oldest
            FROM (
                SELECT touched.customer_id, min(unpaid.due_on) AS oldest
                FROM (SELECT DISTINCT customer_id FROM changed JOIN loans ON loans.id = changed.loan_id) AS touched
                JOIN loans ON loans.customer_id = touched.customer_id
                LEFT JOIN loan_instalments AS unpaid
                    ON unpaid.loan_id = loans.id AND unpaid.paid_minor < unpaid.due_minor
                GROUP BY touched.customer_id
            ) AS owed
            WHERE customers.id = owed.customer_id AND customers.oldest_unpaid_due_on IS DISTINCT FROM owed.oldest;
            RETURN NULL;
        END $$
    """
    triggers = [
        f"CREATE TRIGGER keep_oldest_unpaid_{event.lower()} AFTER {event} ON loan_instalments "
        f"REFERENCING {rows} TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION lenddesk_keep_oldest_unpaid()"
        for event, rows in (("INSERT", "NEW"), ("UPDATE", "NEW"), ("DELETE", "OLD"))
    ]
    return [function, *triggers, *_keep_names()]


def _keep_names() -> list[str]:
    """In order, so that two transactions that bring the same new names wait for each other in one direction only."""
    of_statement = """
        CREATE FUNCTION lenddesk_keep_names() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO customer_names SELECT DISTINCT search_name FROM changed ORDER BY search_name
            ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
    """
    of_row = """
        CREATE FUNCTION lenddesk_keep_name() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            INSERT INTO customer_names VALUES (NEW.search_name) ON CONFLICT DO NOTHING;
            RETURN NULL;
        END $$
    """
    return [
        of_statement,
        of_row,
        """
        CREATE TRIGGER keep_names AFTER INSERT ON customers REFERENCING NEW TABLE AS changed
        FOR EACH STATEMENT EXECUTE FUNCTION lenddesk_keep_names()
        """,
        """
        CREATE TRIGGER keep_name AFTER UPDATE ON customers FOR EACH ROW
        WHEN (OLD.search_name <> NEW.search_name) EXECUTE FUNCTION lenddesk_keep_name()
        """,
    ]


_IN_SQLITE = (
    f"""
    CREATE TRIGGER keep_oldest_unpaid_update AFTER UPDATE OF due_on, due_minor, paid_minor ON loan_instalments
    BEGIN
        UPDATE customers SET oldest_unpaid_due_on = ({_OLDEST_UNPAID})
        WHERE id = (SELECT customer_id FROM loans WHERE id = NEW.loan_id);
    END
    """,  # noqa: S608 - nothing but our own text
    f"""
    CREATE TRIGGER keep_oldest_unpaid_delete AFTER DELETE ON loan_instalments
    BEGIN
        UPDATE customers SET oldest_unpaid_due_on = ({_OLDEST_UNPAID})
        WHERE id = (SELECT customer_id FROM loans WHERE id = OLD.loan_id);
    END
    """,  # noqa: S608 - nothing but our own text
    """
    CREATE TRIGGER keep_oldest_unpaid_insert AFTER INSERT ON loan_instalments WHEN NEW.paid_minor < NEW.due_minor
    BEGIN
        UPDATE customers SET oldest_unpaid_due_on = NEW.due_on
        WHERE id = (SELECT customer_id FROM loans WHERE id = NEW.loan_id)
            AND (oldest_unpaid_due_on IS NULL OR oldest_unpaid_due_on > NEW.due_on);
    END
    """,
)


def _saved_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String().with_variant(sa.String(collation="C"), "postgresql"), nullable=False),
        sa.Column("arguments", sa.JSON().with_variant(sa.dialects.postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_saved_views_admin_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_views")),
        sa.UniqueConstraint("admin_id", "name", name=op.f("uq_saved_views_admin_id_name")),
    )


def downgrade() -> None:
    """Take back, but for the extension: others may use it."""
    op.drop_table("saved_views")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    for event in ("insert", "update", "delete"):
        op.execute(f"DROP TRIGGER keep_oldest_unpaid_{event}" + (" ON loan_instalments" if is_postgresql else ""))
    if is_postgresql:
        for trigger in ("keep_names", "keep_name"):
            op.execute(f"DROP TRIGGER {trigger} ON customers")
        for function in ("keep_oldest_unpaid", "keep_names", "keep_name"):
            op.execute(f"DROP FUNCTION lenddesk_{function}()")
    op.drop_table("customer_names")
    for name in (*_INDEXES, *_OF_THOSE_WHO_OWE, *_OF_A_TIER):
        op.drop_index(name, "customers")
    op.create_index("ix_customers_status_created_at_id", "customers", ["status", "created_at", "id"])
    op.execute("ALTER TABLE customers DROP COLUMN oldest_unpaid_due_on")
