"""What admins keep for themselves."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from gql.db.models.base import Base, HasId, SortText


class SavedView(HasId, Base):
    """A list of customers that an admin comes back to: its arguments, under a name of the admin's own."""

    __tablename__ = "saved_views"
    __table_args__ = (UniqueConstraint("admin_id", "name"),)

    admin_id: Mapped[UUID] = mapped_column(ForeignKey("admins.id"))
    name: Mapped[str] = mapped_column(SortText)
    arguments: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
