"""What all tables share: naming of constraints, UTC times, enums as checked text."""

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import JSON, BigInteger, DateTime, Dialect, Enum, MetaData, String, Text, TypeDecorator, Uuid
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from sqlalchemy.types import NullType

from gql.domain.ids import new_id

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s",
    "pk": "pk_%(table_name)s",
}

SortText = String().with_variant(String(collation="C"), "postgresql")
"""Text compared by code point, as SQLite does: keyset pages and prefix ranges need one order everywhere."""

JsonValue = JSON().with_variant(JSONB(), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """An aware UTC datetime on both databases (SQLite has no time zones). Refuses naive ones."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """From the database."""
        if value is None or value.tzinfo is not None:
            return value
        return value.replace(tzinfo=UTC)


class IdsTogether(TypeDecorator[tuple[Any, ...]]):
    """What `gql.db.dialect.IdsAmong` gives: UUIDs, or tuples of them and None. For results only.

    PostgreSQL has arrays of them, SQLite writes JSON.
    """

    impl = NullType
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[Any, ...]:
        """From the database."""
        if dialect.name == "sqlite":
            value = _with_uuids(json.loads(value or "[]"))
        return tuple(value or ())


def _with_uuids(found: Any) -> Any:
    if isinstance(found, list):
        return [_with_uuids(item) for item in found]
    return None if found is None else UUID(found)


def enum_text(kind: type[StrEnum], name: str) -> Enum:
    """A column of an enum's values as text, held by a CHECK constraint of that name."""
    return Enum(
        kind,
        name=name,
        native_enum=False,
        create_constraint=True,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(DeclarativeBase):
    """All models. `Base.metadata` is what migrations are compared with."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        datetime: UTCDateTime(),
        UUID: Uuid(),
        str: Text(),
        int: BigInteger(),
        dict[str, Any]: JsonValue,
        list[str]: JsonValue,
    }


class HasId:
    """A UUIDv7 primary key, made by us, not by the database."""

    id: Mapped[UUID] = mapped_column(primary_key=True, default=new_id)
