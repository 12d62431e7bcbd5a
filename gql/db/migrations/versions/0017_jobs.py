"""Jobs that change many customers, their items, and of assignments the job that made them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(JSONB(), "postgresql")
_COUNTS = ("done", "moved", "unchanged", "refused", "skipped")


def _enum(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "jobs",
        sa.Column("kind", _enum("kind", "REASSIGN_BOOK", "UNDO", "HAND_OVER"), nullable=False),
        sa.Column("status", _enum("status", "QUEUED", "RUNNING", "DONE", "FAILED", "CANCELLED"), nullable=False),
        sa.Column("requested_by_id", sa.Uuid(), nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("spec", _JSON, nullable=False),
        sa.Column("total", sa.BigInteger(), nullable=False),
        *(sa.Column(name, sa.BigInteger(), nullable=False) for name in _COUNTS),
        sa.Column("failure", sa.Text(), nullable=True),
        sa.Column("lease_by", sa.Uuid(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undo_of_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("done = moved + unchanged + refused + skipped", name=op.f("ck_jobs_done")),
        sa.CheckConstraint("done <= total", name=op.f("ck_jobs_done_of_total")),
        sa.CheckConstraint("(finished_at IS NULL) = (status IN ('QUEUED', 'RUNNING'))", name=op.f("ck_jobs_finished")),
        sa.ForeignKeyConstraint(["requested_by_id"], ["admins.id"], name=op.f("fk_jobs_requested_by_id")),
        sa.ForeignKeyConstraint(["undo_of_id"], ["jobs.id"], name=op.f("fk_jobs_undo_of_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_jobs")),
        sa.UniqueConstraint("undo_of_id", name=op.f("uq_jobs_undo_of_id")),
    )
    op.create_index("ix_jobs_requested_by_id_created_at_id", "jobs", ["requested_by_id", "created_at", "id"])
    op.create_index("ix_jobs_created_at_id", "jobs", ["created_at", "id"])
    under_way = sa.text("status IN ('QUEUED', 'RUNNING')")
    op.create_index("ix_jobs_under_way", "jobs", ["created_at"], sqlite_where=under_way, postgresql_where=under_way)
    op.create_table(
        "job_items",
        sa.Column("job_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("to_admin_id", sa.Uuid(), nullable=True),
        sa.Column("seen_assignment_id", sa.Uuid(), nullable=True),
        sa.Column("outcome", _enum("outcome", "MOVED", "UNCHANGED", "REFUSED", "SKIPPED"), nullable=True),
        sa.Column("codes", _JSON, nullable=True),
        sa.Column("assignment_id", sa.Uuid(), nullable=True),
        sa.Column("previous_admin_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("job_id", "position", name=op.f("pk_job_items")),
    )
    op.add_column("assignments", sa.Column("job_id", sa.Uuid(), nullable=True))


def downgrade() -> None:
    """Take back."""
    op.drop_column("assignments", "job_id")
    op.drop_table("job_items")
    op.drop_table("jobs")
