"""The changes of customers' statuses."""

from typing import Final

from sqlalchemy import select

from gql.db.models import StatusChange
from gql.db.queries.records import Records
from gql.db.rows import StatusRow

_changes = StatusChange.__table__

STATUS_CHANGES: Final = Records(
    select(
        _changes.c.id,
        _changes.c.customer_id,
        _changes.c.action,
        _changes.c.status_before,
        _changes.c.status_after,
        _changes.c.reason,
        _changes.c.changed_by_id,
        _changes.c.changed_at,
    ),
    _changes.c.customer_id,
    StatusRow,
)
