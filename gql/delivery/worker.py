"""The dispatcher as the settings want it, inside the server or as a process of its own."""

import asyncio

from gql.db.engine import Database
from gql.delivery.dispatcher import Dispatcher, Pace
from gql.delivery.files import FileTransport
from gql.delivery.mail import MailComposer
from gql.delivery.smtp import SmtpTransport
from gql.delivery.transport import Transport
from gql.settings import Settings


def make_transport(settings: Settings) -> Transport:
    """The mail server of SMTP_URL, or files under VAR_DIR/mail. Raises ValueError where SMTP_URL is not one."""
    if settings.smtp_url is not None:
        return SmtpTransport(settings.smtp_url.get_secret_value())
    return FileTransport(settings.var_dir / "mail")


def make_dispatcher(settings: Settings, database: Database) -> Dispatcher:
    """A dispatcher on a database that the caller opened and closes. Raises ValueError for settings that can't work."""
    pace = Pace(poll_seconds=settings.outbox_poll_seconds)
    return Dispatcher(database, make_transport(settings), MailComposer(settings.mail_from), pace)


async def run_worker(settings: Settings, stop: asyncio.Event) -> None:
    """Deliver mails until `stop` is set. Raises ValueError for settings that can't work, and nothing after."""
    database = Database(settings.database_url, pool_size=Pace().connections)
    try:
        await make_dispatcher(settings, database).run(stop)
    finally:
        await database.close()
