"""How long a request may be worked on."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gql.domain.errors import TimedOut


@asynccontextmanager
async def deadline(seconds: float) -> AsyncIterator[None]:
    """Cancels the block when its time is up, and then raises TimedOut.

    Cancelling rolls back what the block has not committed. A TimeoutError of the block's own, before that, stays one.
    """
    try:
        async with asyncio.timeout(seconds) as timeout:
            yield
    except TimeoutError:
        if timeout.expired():
            raise TimedOut from None
        raise
