"""What a dispatcher needs of a way out."""

from contextlib import AbstractAsyncContextManager
from typing import Protocol

from gql.delivery.mail import Mail


class Connection(Protocol):
    """A way out that stands; used by one task at a time."""

    async def send(self, mail: Mail) -> None:
        """Hand one mail over. Returns once it is safe on the other side; raises DeliveryFailure otherwise."""


class Transport(Protocol):
    """Where mails go."""

    def connect(self) -> AbstractAsyncContextManager[Connection]:
        """A connection for several mails, opened when the first is sent. Entering and leaving raise nothing."""
