"""Audit events: whom they are about, from where, denied or not; append-only, and sealed in segments."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

_APPEND_ONLY = ("audit_events", "audit_segments")
_REFUSAL = "the audit trail is append-only"
_INDEXES = {
    "ix_audit_events_actor_id_at_id": ["actor_id", "at", "id"],
    "ix_audit_events_subject_id_at_id": ["subject_id", "at", "id"],
    "ix_audit_events_customer_id_at_id": ["customer_id", "at", "id"],
    "ix_audit_events_action_at_id": ["action", "at", "id"],
}


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_waiting",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_audit_waiting")),
    )
    op.create_table(
        "audit_segments",
        sa.Column("number", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("events", sa.BigInteger(), nullable=False),
        sa.Column("entries", sa.LargeBinary(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_segments")),
    )
    op.add_column("audit_events", sa.Column("customer_id", sa.Uuid(), nullable=True))
    op.add_column("audit_events", sa.Column("address", sa.Text(), nullable=True))
    op.add_column("audit_events", sa.Column("denied", sa.Boolean(), server_default=sa.false(), nullable=False))
    for name, columns in _INDEXES.items():
        op.create_index(name, "audit_events", columns)
    op.create_index(
        "ix_audit_events_denied",
        "audit_events",
        ["at", "id"],
        sqlite_where=sa.text("denied = 1"),
        postgresql_where=sa.text("denied"),
    )
    op.drop_index("ix_audit_events_subject_id_at", "audit_events")
    is_postgresql = op.get_bind().dialect.name == "postgresql"
    of_details = (
        "(details ->> 'customer_id')::uuid" if is_postgresql else "replace(details ->> '$.customer_id', '-', '')"
    )
    op.execute("UPDATE audit_events SET customer_id = subject_id WHERE subject_kind = 'customer'")
    op.execute(f"UPDATE audit_events SET customer_id = {of_details} WHERE action = 'group.member_added'")  # noqa: S608 - a constant
    op.execute("UPDATE audit_events SET customer_id = actor_id WHERE customer_id IS NULL AND actor_kind = 'CUSTOMER'")
    op.execute("INSERT INTO audit_waiting (event_id) SELECT id FROM audit_events")
    _guard_postgresql() if is_postgresql else _guard_sqlite()


def _guard_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit_trail() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN RAISE EXCEPTION '{_REFUSAL}' USING ERRCODE = 'restrict_violation'; END $$"
    )
    for table in _APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_trail()"
        )
        op.execute(
            f"CREATE TRIGGER {table}_not_emptied BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_audit_trail()"
        )
    op.execute(
        "CREATE FUNCTION await_sealing() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN INSERT INTO audit_waiting (event_id) SELECT id FROM fresh; RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_events_await_sealing AFTER INSERT ON audit_events "
        "REFERENCING NEW TABLE AS fresh FOR EACH STATEMENT EXECUTE FUNCTION await_sealing()"
    )


def _guard_sqlite() -> None:
    for table in _APPEND_ONLY:
        for change in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER {table}_{change}_refused BEFORE {change.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{_REFUSAL}'); END"
            )
    op.execute(
        "CREATE TRIGGER audit_events_await_sealing AFTER INSERT ON audit_events "
        "BEGIN INSERT INTO audit_waiting (event_id) VALUES (NEW.id); END"
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER audit_events_await_sealing ON audit_events")
        for table in _APPEND_ONLY:
            op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
            op.execute(f"DROP TRIGGER {table}_not_emptied ON {table}")
        op.execute("DROP FUNCTION await_sealing()")
        op.execute("DROP FUNCTION refuse_change_of_audit_trail()")
    else:
        op.execute("DROP TRIGGER audit_events_await_sealing")
        for table in _APPEND_ONLY:
            for change in ("update", "delete"):
                op.execute(f"DROP TRIGGER {table}_{change}_refused")
    op.create_index("ix_audit_events_subject_id_at", "audit_events", ["subject_id", "at"])
    for name in ("ix_audit_events_denied", *_INDEXES):
        op.drop_index(name, "audit_events")
    for column in ("denied", "address", "customer_id"):
        op.drop_column("audit_events", column)
    op.drop_table("audit_segments")
    op.drop_table("audit_waiting")
    op.execute("DELETE FROM installation_facts WHERE key = 'audit.head'")
