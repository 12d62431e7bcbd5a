"""What the lender and its customers had to do with each other."""

from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.interactions import InteractionDirection, InteractionKind

IS_DUE: Final = "due_at IS NOT NULL AND done_at IS NULL"
_DUE = text(IS_DUE)
_DUE_AND_NOBODYS = text(f"{IS_DUE} AND account_manager_id IS NULL")
_OPEN_CALLBACK = text("kind = 'CALLBACK_REQUEST' AND done_at IS NULL")


class Interaction(HasId, Base):
    """A call, visit, message, complaint, or a customer's wish to be called. Append-only, but for closing what is due.

    While something is due, `office_id` and `account_manager_id` repeat the customer's, by a trigger on the customer's
    row: lists of what is due are seeks in the visibility bucket's index. Afterwards they stay as they were.
    """

    __tablename__ = "interactions"
    __table_args__ = (
        CheckConstraint("(due_at IS NULL) = (next_step IS NULL)", name="next_step_is_due"),
        CheckConstraint("(done_at IS NULL) = (next_step_outcome IS NULL)", name="done_with_outcome"),
        CheckConstraint("done_at IS NULL OR due_at IS NOT NULL", name="done_was_due"),
        Index(None, "customer_id", "occurred_at", "id"),
        Index("ix_interactions_due", "due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index("ix_interactions_due_of_office", "office_id", "due_at", "id", sqlite_where=_DUE, postgresql_where=_DUE),
        Index(
            "ix_interactions_due_of_manager",
            "account_manager_id",
            "due_at",
            "id",
            sqlite_where=_DUE,
            postgresql_where=_DUE,
        ),
        Index(
            "ix_interactions_due_of_nobody",
            "office_id",
            "due_at",
            "id",
            sqlite_where=_DUE_AND_NOBODYS,
            postgresql_where=_DUE_AND_NOBODYS,
        ),
        Index(
            "uq_interactions_open_callback",
            "customer_id",
            unique=True,
            sqlite_where=_OPEN_CALLBACK,
            postgresql_where=_OPEN_CALLBACK,
        ),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    office_id: Mapped[UUID] = mapped_column(ForeignKey("offices.id"))
    account_manager_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    kind: Mapped[InteractionKind] = mapped_column(enum_text(InteractionKind, "kind"))
    direction: Mapped[InteractionDirection] = mapped_column(enum_text(InteractionDirection, "direction"))
    summary: Mapped[str]
    outcome: Mapped[str | None]
    occurred_at: Mapped[datetime]
    logged_at: Mapped[datetime]
    author_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    """Who put it on record; NULL where it was the customer."""
    next_step: Mapped[str | None]
    due_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[UUID | None] = mapped_column(ForeignKey("admins.id"))
    next_step_outcome: Mapped[str | None]
