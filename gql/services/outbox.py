"""Put messages into the outbox, in the transaction of the change that they tell of."""

from typing import Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from gql.db.appending import append
from gql.db.models import OutboxMessage
from gql.domain.enums import OutboxStatus
from gql.domain.time import now


def enqueue_mail(
    session: AsyncSession,
    *,
    template: str,
    recipient: str,
    subject_id: UUID,
    payload: dict[str, Any],
    secret: str | None = None,
) -> None:
    """Have a mail sent once the session's transaction has committed; never, if it rolls back.

    `template` names a pair of files under `gql/delivery/templates`; `payload` is all they read, as of now,
    but for the `secret`, which is forgotten once the mail was delivered.
    """
    moment = now()
    values = {
        "channel": "mail",
        "template": template,
        "recipient": recipient,
        "payload": payload,
        "secret": secret,
        "subject_id": subject_id,
        "status": OutboxStatus.PENDING,
        "attempts": 0,
        "not_before": moment,
        "created_at": moment,
    }
    append(session, OutboxMessage, values)
