"""What team members are told within the console, and customers in the app."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, enum_text
from gql.domain.notifications import NotificationEvent, OwnEvent

_UNREAD = text("read_at IS NULL")


class Notification(HasId, Base):
    """Something has happened that an admin should know.

    It has no names: what it is about is read when it is shown, as far as the admin sees that then.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index(None, "admin_id", "created_at", "id"),
        Index("ix_notifications_unread", "admin_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index(None, "created_at"),
    )

    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    event: Mapped[NotificationEvent] = mapped_column(enum_text(NotificationEvent, "event"))
    customer_id: Mapped[UUID | None] = mapped_column(ForeignKey("customers.id"))
    job_id: Mapped[UUID | None] = mapped_column(ForeignKey("jobs.id"))
    group_id: Mapped[UUID | None] = mapped_column(ForeignKey("groups.id"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]


class OwnNotification(HasId, Base):
    """Something has happened that a customer should know. It has no words of its own, either."""

    __tablename__ = "own_notifications"
    __table_args__ = (
        Index(None, "customer_id", "created_at", "id"),
        Index("ix_own_notifications_unread", "customer_id", sqlite_where=_UNREAD, postgresql_where=_UNREAD),
        Index(None, "created_at"),
    )

    customer_id: Mapped[UUID] = mapped_column(ForeignKey("customers.id"))
    event: Mapped[OwnEvent] = mapped_column(enum_text(OwnEvent, "event"))
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
