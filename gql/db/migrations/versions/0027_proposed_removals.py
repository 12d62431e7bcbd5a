"""Members who no longer fit their group: when they were looked for, and what is proposed and decided about them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_PROPOSALS = "proposed_removals"
_STATUSES = ("PROPOSED", "ACCEPTED", "KEPT", "OBSOLETE")
_KEYS = {
    "group_id": "groups",
    "membership_id": "memberships",
    "customer_id": "customers",
    "criterion_id": "failed_criteria",
    "decided_by_id": "admins",
}
_MOMENTS = {"found_at": False, "decided_at": True, "kept_until": True}
_CHECKS = {
    "decided": "(decided_at IS NULL) = (status = 'PROPOSED')",
    "decided_by_somebody": (
        "(decided_by_id IS NULL) = (status IN ('PROPOSED', 'OBSOLETE')) "
        "AND (reason IS NULL) = (status IN ('PROPOSED', 'OBSOLETE'))"
    ),
    "kept": "(kept_until IS NULL) = (status <> 'KEPT')",
}
_ENDS = (
    f"UPDATE {_PROPOSALS} SET status = 'OBSOLETE', decided_at = NEW.until "  # noqa: S608 - the names above
    "WHERE membership_id = NEW.id AND status = 'PROPOSED'"
)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "group_checks",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        *(sa.Column(name, sa.DateTime(timezone=True)) for name in ("checked_at", "began_at", "after_since")),
        *(sa.Column(name, sa.Uuid()) for name in ("after_id", "lease_by")),
        sa.Column("lease_until", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("(after_since IS NULL) = (after_id IS NULL)", name=op.f("ck_group_checks_place")),
        sa.CheckConstraint("after_id IS NULL OR began_at IS NOT NULL", name=op.f("ck_group_checks_under_way")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_group_checks_group_id")),
        sa.PrimaryKeyConstraint("group_id", name=op.f("pk_group_checks")),
    )
    op.create_table(
        "failed_criteria",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("part", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_failed_criteria_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_criteria")),
        sa.UniqueConstraint("group_id", "digest", name=op.f("uq_failed_criteria_group_id_digest")),
    )
    _make_proposals()
    _follow_memberships()


def _make_proposals() -> None:
    op.create_table(
        _PROPOSALS,
        *(sa.Column(name, sa.Uuid(), nullable=name == "decided_by_id") for name in _KEYS),
        sa.Column(
            "status",
            sa.Enum(*_STATUSES, name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        *(sa.Column(name, sa.DateTime(timezone=True), nullable=nullable) for name, nullable in _MOMENTS.items()),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        *(sa.CheckConstraint(rule, name=op.f(f"ck_{_PROPOSALS}_{name}")) for name, rule in _CHECKS.items()),
        *(
            sa.ForeignKeyConstraint([column], [f"{table}.id"], name=op.f(f"fk_{_PROPOSALS}_{column}"))
            for column, table in _KEYS.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{_PROPOSALS}")),
    )
    undecided = sa.text("status = 'PROPOSED'")
    op.create_index(
        f"uq_{_PROPOSALS}_undecided",
        _PROPOSALS,
        ["membership_id"],
        unique=True,
        sqlite_where=undecided,
        postgresql_where=undecided,
    )
    for columns in (
        ["membership_id", "kept_until"],
        ["group_id", "found_at", "id"],
        ["group_id", "status", "found_at", "id"],
    ):
        op.create_index(f"ix_{_PROPOSALS}_{'_'.join(columns)}", _PROPOSALS, columns)


def _follow_memberships() -> None:
    """A trigger, so that what is undecided ends with the membership, by whatever way that ends."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {_PROPOSALS}_follow_membership() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {_ENDS}; RETURN NULL; END $$"
        )
        op.execute(
            f"CREATE TRIGGER memberships_{_PROPOSALS}_follow AFTER UPDATE OF until ON memberships "
            "FOR EACH ROW WHEN (OLD.until IS NULL AND NEW.until IS NOT NULL) "
            f"EXECUTE FUNCTION {_PROPOSALS}_follow_membership()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER memberships_{_PROPOSALS}_follow AFTER UPDATE OF until ON memberships "
            f"WHEN OLD.until IS NULL AND NEW.until IS NOT NULL BEGIN {_ENDS}; END"
        )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"DROP TRIGGER memberships_{_PROPOSALS}_follow ON memberships")
        op.execute(f"DROP FUNCTION {_PROPOSALS}_follow_membership()")
    else:
        op.execute(f"DROP TRIGGER memberships_{_PROPOSALS}_follow")
    for table in (_PROPOSALS, "failed_criteria", "group_checks"):
        op.drop_table(table)
