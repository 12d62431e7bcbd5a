"""Handing a mail to a real mail server, and telling its refusals apart."""

import asyncio
from collections.abc import Callable

import pytest

from gql.delivery.failures import Deferred, DeliveryFailure, PutOff, Rejected, TransportDown
from gql.delivery.mail import Mail, MailComposer
from gql.delivery.outbox import Claimed
from gql.delivery.smtp import SmtpTransport
from gql.domain.ids import new_id
from gql.domain.time import now
from tests.delivery.certificates import tls_sides
from tests.delivery.conftest import FOR_MANAGER, SENDER
from tests.delivery.mailserver import Mailbox, serving


def a_mail() -> Mail:
    template = "account_manager_assigned_manager"
    return MailComposer(SENDER).compose(
        Claimed(new_id(), template, "tunde@savanna.example", FOR_MANAGER, 1, now(), now())
    )


async def send(transport: SmtpTransport) -> None:
    async with transport.connect() as connection:
        await connection.send(a_mail())


async def test_several_mails_go_over_one_connection() -> None:
    mailbox = Mailbox()
    mails = [a_mail() for _ in range(3)]
    async with serving(mailbox) as port, SmtpTransport(f"smtp://127.0.0.1:{port}").connect() as connection:
        for mail in mails:
            await connection.send(mail)
    assert mailbox.connections == 1
    assert mailbox.message_ids == [f"<{mail.id}@savanna.example>" for mail in mails]
    assert mailbox.envelopes[0].mail_from == "no-reply@savanna.example"
    assert mailbox.envelopes[0].rcpt_tos == ["tunde@savanna.example"]


Scripted = Callable[[Mailbox], None]


@pytest.mark.parametrize(
    ("script", "failure", "code"),
    [
        (
            lambda box: box.recipient_answers.append("550 No tunde@savanna.example"),
            Rejected,
            "SMTPRecipientRefused 550",
        ),
        (lambda box: box.data_answers.append("554 Spam"), Rejected, "SMTPDataError 554"),
        (lambda box: box.recipient_answers.append("451 Greylisted"), PutOff, "SMTPRecipientRefused 451"),
        (lambda box: box.recipient_answers.append("530 Sign in"), Deferred, "SMTPRecipientRefused 530"),
        (lambda box: box.data_answers.append("452 Full"), PutOff, "SMTPDataError 452"),
        (lambda box: box.data_answers.append("421 Going down"), Deferred, "SMTPDataError 421"),
        (lambda box: box.data_answers.append("drop"), Deferred, "SMTPServerDisconnected"),
        (lambda box: box.sender_answers.append("550 We don't relay you"), Deferred, "SMTPSenderRefused 550"),
    ],
)
async def test_a_refusal_is_for_good_only_where_it_is_the_mails_own(
    script: Scripted, failure: type[DeliveryFailure], code: str
) -> None:
    mailbox = Mailbox()
    script(mailbox)
    async with serving(mailbox) as port, SmtpTransport(f"smtp://127.0.0.1:{port}").connect() as connection:
        with pytest.raises(DeliveryFailure) as caught:
            await connection.send(a_mail())
        assert (type(caught.value), caught.value.code) == (failure, code)
        await connection.send(a_mail())  # the next mail of the same conversation is not harmed
    assert len(mailbox.envelopes) == 1


async def test_no_server_there() -> None:
    async with serving(Mailbox()) as port:
        pass
    with pytest.raises(TransportDown, match=r"^SMTPConnectError$"):
        await send(SmtpTransport(f"smtp://127.0.0.1:{port}"))


async def test_a_server_that_says_nothing() -> None:
    async def listen(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await asyncio.sleep(0.5)
        finally:
            writer.close()

    async with await asyncio.start_server(listen, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(TransportDown, match=r"^SMTPConnectTimeoutError$"):
            await send(SmtpTransport(f"smtp://127.0.0.1:{port}", timeout=0.05))


async def test_a_server_that_falls_silent_in_the_middle() -> None:
    async def fall_silent() -> None:
        await asyncio.sleep(0.3)

    mailbox = Mailbox(on_data=fall_silent)
    async with serving(mailbox) as port:
        with pytest.raises(Deferred, match=r"^SMTPReadTimeoutError$"):
            await send(SmtpTransport(f"smtp://127.0.0.1:{port}", timeout=0.1))


async def test_offered_encryption_is_used() -> None:
    server, client = tls_sides()
    mailbox = Mailbox()
    async with serving(mailbox, starttls=server) as port:
        await send(SmtpTransport(f"smtp://127.0.0.1:{port}", tls=client))
    assert mailbox.encrypted == [True]


async def test_sign_in_over_tls() -> None:
    server, client = tls_sides()
    mailbox = Mailbox()
    async with serving(mailbox, tls=server, login=True) as port:
        await send(SmtpTransport(f"smtps://lend%40desk:right%20p%40ss@127.0.0.1:{port}", tls=client))
        assert mailbox.logins == [(b"lend@desk", b"right p@ss")]
        with pytest.raises(TransportDown, match=r"^SMTPAuthenticationError 535$"):
            await send(SmtpTransport(f"smtps://lend%40desk:wrong@127.0.0.1:{port}", tls=client))
    assert len(mailbox.envelopes) == 1


async def test_a_server_that_cannot_prove_its_name_gets_no_mail() -> None:
    server, _ = tls_sides()
    mailbox = Mailbox()
    async with serving(mailbox, starttls=server) as port:
        with pytest.raises(TransportDown):
            await send(SmtpTransport(f"smtp://127.0.0.1:{port}"))
    assert mailbox.envelopes == []


async def test_a_password_goes_to_another_machine_only_encrypted() -> None:
    mailbox = Mailbox()
    async with serving(mailbox, login=True) as port:
        with pytest.raises(TransportDown):  # 0.0.0.0 reaches this machine, but isn't known to
            await send(SmtpTransport(f"smtp://lenddesk:right%20p%40ss@0.0.0.0:{port}"))
        assert mailbox.logins == []
        await send(SmtpTransport(f"smtp://lenddesk:right%20p%40ss@127.0.0.1:{port}"))
    assert mailbox.logins == [(b"lenddesk", b"right p@ss")]


@pytest.mark.parametrize(
    "url", ["", "mail.example", "http://mail.example", "smtp://", "smtp://u:secret@mail.example:port", "smtp://[secret"]
)
def test_a_url_that_is_none_is_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(ValueError, match=r"^SMTP_URL") as caught:
        SmtpTransport(url)
    assert "secret" not in str(caught.value)
