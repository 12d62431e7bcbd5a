"""What a reader finds in a mail, whatever was typed into a name."""

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest
from jinja2 import TemplateNotFound, UndefinedError

from gql.delivery.failures import Rejected
from gql.delivery.mail import Mail, MailComposer
from gql.delivery.outbox import Claimed
from gql.domain.ids import new_id
from tests.delivery.conftest import FOR_MANAGER, SENDER
from tests.delivery.mailserver import parse

FOR_CUSTOMER = {
    "customer_name": "Adaeze Okafor",
    "manager_name": "Tunde Balogun",
    "manager_email": "tunde@savanna.example",
    "manager_phone": "+234 803 000 0000",
    "manager_office": "Ikeja",
    "previous_manager_name": None,
}
TO_CUSTOMER = "account_manager_assigned_customer"
TO_MANAGER = "account_manager_assigned_manager"
TO_FORMER = "account_manager_ended_manager"


def compose(template: str, payload: dict[str, Any], recipient: str = "ada@mail.example") -> Mail:
    moment = datetime(2026, 3, 1, 9, 30, 15, 123456, tzinfo=UTC)
    return MailComposer(SENDER).compose(Claimed(new_id(), template, recipient, payload, 1, moment, moment))


def received(template: str, payload: dict[str, Any]) -> EmailMessage:
    return parse(compose(template, payload).message.as_bytes())


def text_of(mail: EmailMessage, kind: str = "plain") -> str:
    part = mail.get_body((kind,))
    assert part is not None
    return str(part.get_content())


def test_customer_learns_who_the_manager_is_and_how_to_reach_them() -> None:
    mail = received(TO_CUSTOMER, FOR_CUSTOMER)
    assert mail["Subject"] == "Your account manager is now Tunde Balogun"
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "Hello Adaeze Okafor," in text
        for fact in ("Tunde Balogun", "tunde@savanna.example", "+234 803 000 0000", "Ikeja", "Savanna Credit"):
            assert fact in text
        assert "in place of" not in text
    assert 'href="mailto:tunde@savanna.example"' in text_of(mail, "html")


def test_a_change_of_manager_names_the_former_one_and_a_missing_phone_leaves_no_gap() -> None:
    changed = FOR_CUSTOMER | {"previous_manager_name": "Kemi Ade", "manager_phone": None}
    mail = received(TO_CUSTOMER, changed)
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert "in place of Kemi Ade" in text
        assert "Phone" not in text
        assert "None" not in text


@pytest.mark.parametrize("reason", [None, "Kemi has left the company"])
@pytest.mark.parametrize(
    ("template", "subject", "greeted"),
    [
        (TO_MANAGER, "You are now the account manager of Adaeze Okafor (C-100042)", "Tunde Balogun"),
        (TO_FORMER, "Adaeze Okafor (C-100042) has a new account manager", "Kemi Ade"),
    ],
)
def test_staff_learn_whom_it_is_about_and_who_did_it(
    template: str, subject: str, greeted: str, reason: str | None
) -> None:
    mail = received(template, FOR_MANAGER | {"previous_manager_name": "Kemi Ade", "reason": reason})
    assert mail["Subject"] == subject
    for kind in ("plain", "html"):
        text = text_of(mail, kind)
        assert f"Hello {greeted}," in text
        for fact in ("C-100042", "Ngozi Eze", "Kemi Ade", "Tunde Balogun"):
            assert fact in text
        assert (reason or "Reason") in text if reason else "Reason" not in text


def test_headers_let_mail_programs_recognise_a_second_delivery_and_an_automatic_mail() -> None:
    mail = compose(TO_CUSTOMER, FOR_CUSTOMER)
    read = parse(mail.message.as_bytes())
    assert read["Message-ID"] == f"<{mail.id}@savanna.example>"
    assert read["Date"].datetime == datetime(2026, 3, 1, 9, 30, 15, tzinfo=UTC)
    assert read["From"] == SENDER
    assert read["To"] == "ada@mail.example"
    assert read["Auto-Submitted"] == "auto-generated"
    assert read.get_content_type() == "multipart/alternative"
    assert not read.defects


def test_the_same_message_makes_the_same_bytes() -> None:
    moment = datetime(2026, 3, 1, tzinfo=UTC)
    message = Claimed(new_id(), TO_CUSTOMER, "ada@mail.example", FOR_CUSTOMER, 1, moment, moment)
    first, second = (MailComposer(SENDER).compose(message).message.as_bytes() for _ in range(2))
    assert first == second


def test_html_loads_nothing_and_says_its_language() -> None:
    html = text_of(received(TO_CUSTOMER, FOR_CUSTOMER), "html")
    assert html.startswith("<!doctype html>")
    assert '<html lang="en">' in html
    assert not any(word in html for word in ("<img", "<script", "<link", "http://", "https://", "url("))


@pytest.mark.parametrize(
    "name",
    [
        "Ada\r\nBcc: thief@evil.example",
        "Ada\nBcc: thief@evil.example\n\nAnother body",
        "Ada\r\n\r\nAnother body",
        "=?utf-8?q?Ada=0ABcc:_thief=40evil.example?=",
        "=?utf-8?b?QWRhDQpCY2M6IHRoaWVmQGV2aWwuZXhhbXBsZQ0KDQpBbm90aGVyIGJvZHk=?=",
        "=\u202e?utf-8?q?Ada=0D=0ABcc:_thief?=",
        "Ada\x00\x0b\x0c\x1c\x85\u2028\u2029Bcc: thief@evil.example",
        "Ada \ud800 half a character",
        "A" * 5_000,
        "Ọ" * 5_000,
    ],
)
@pytest.mark.parametrize("template", [TO_CUSTOMER, TO_MANAGER, TO_FORMER])
def test_a_name_adds_no_header_and_no_line(template: str, name: str) -> None:
    known = FOR_CUSTOMER if template == TO_CUSTOMER else FOR_MANAGER | {"previous_manager_name": "Kemi", "reason": "R"}
    honest = compose(template, known)
    mail = compose(template, dict.fromkeys(known, name))
    read, as_it_should = parse(mail.message.as_bytes()), parse(honest.message.as_bytes())
    assert read.keys() == as_it_should.keys()
    assert read["To"] == "ada@mail.example"
    assert "\n" not in read["Subject"]
    assert len(read["Subject"]) < 200
    assert [part.get_content_type() for part in read.walk()] == ["multipart/alternative", "text/plain", "text/html"]
    extra_lines = 2  # a phone, and a former manager, who may be missing in the honest mail
    assert len(text_of(read).splitlines()) <= len(text_of(as_it_should).splitlines()) + extra_lines


def test_a_name_that_reorders_what_follows_it_is_shown_straight() -> None:
    mail = received(TO_CUSTOMER, FOR_CUSTOMER | {"customer_name": "Ada\u202e\u2066 gnp.exe"})
    assert "Hello Ada gnp.exe," in text_of(mail)


def test_html_in_a_name_is_shown_as_typed() -> None:
    name = "<script>alert(1)</script><a href='https://evil.example'>x</a>\"&"
    mail = received(TO_CUSTOMER, dict.fromkeys(FOR_CUSTOMER, name))
    html = text_of(mail, "html")
    assert "<script" not in html
    assert "<a href='" not in html
    assert "&lt;script&gt;" in html
    assert name in text_of(mail)


def test_a_manager_address_adds_nothing_to_the_link() -> None:
    mail = received(TO_CUSTOMER, FOR_CUSTOMER | {"manager_email": "t@x.example?bcc=thief@evil.example&body=x"})
    assert "?bcc" not in text_of(mail, "html").split('href="')[1].split('"')[0]


@pytest.mark.parametrize(
    "recipient",
    [
        "",
        "nobody",
        "@savanna.example",
        "ada@",
        "ada@mail.example\r\nBcc: thief@evil.example",
        "ada@mail.example, thief@evil.example",
        "Ada <ada@mail.example>",
        "ada@mail.example> SIZE=1\r\nRCPT TO:<thief@evil.example",
        "ada@mail..example",
        "adé@mail.example",
    ],
)
def test_an_address_that_is_not_one_is_rejected_without_being_repeated(recipient: str) -> None:
    with pytest.raises(Rejected) as caught:
        compose(TO_CUSTOMER, FOR_CUSTOMER, recipient)
    assert caught.value.code == "InvalidAddress"


def test_an_international_domain_is_sent_in_its_ascii_form() -> None:
    mail = compose(TO_CUSTOMER, FOR_CUSTOMER, "ada@exämple.example")
    assert mail.recipient == "ada@xn--exmple-cua.example"
    assert parse(mail.message.as_bytes())["To"] == mail.recipient


def test_a_template_reads_only_what_it_was_given() -> None:
    with pytest.raises(UndefinedError):
        compose(TO_CUSTOMER, {})
    for name in ("no_such_mail", "../layout", "/etc/passwd"):
        with pytest.raises(TemplateNotFound):
            compose(name, FOR_CUSTOMER)


@pytest.mark.parametrize("sender", ["", "LendDesk", "LendDesk <>", "a@b.example, c@d.example"])
def test_a_sender_must_be_an_address(sender: str) -> None:
    with pytest.raises(ValueError, match="MAIL_FROM"):
        MailComposer(sender)
