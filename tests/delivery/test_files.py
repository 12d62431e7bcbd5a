"""Mails as .eml files."""

import os
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gql.delivery.failures import TransportDown
from gql.delivery.files import FileTransport
from gql.delivery.mail import Mail, MailComposer
from gql.delivery.outbox import Claimed
from gql.domain.ids import new_id
from tests.delivery.conftest import FOR_MANAGER, SENDER
from tests.delivery.mailserver import parse


def a_mail() -> Mail:
    template, moment = "account_manager_assigned_manager", datetime(2026, 3, 1, 9, 30, 15, 250, tzinfo=UTC)
    return MailComposer(SENDER).compose(
        Claimed(new_id(), template, "tunde@savanna.example", FOR_MANAGER, 1, moment, moment)
    )


async def test_a_mail_is_one_readable_file_however_often_it_is_delivered(tmp_path: Path) -> None:
    mail, folder = a_mail(), tmp_path / "var" / "mail"
    async with FileTransport(folder).connect() as connection:
        await connection.send(mail)
        await connection.send(replace(mail))
    [file] = folder.iterdir()
    assert file.name == f"20260301T093015.000250Z-{mail.id}.eml"
    read = parse(file.read_bytes())
    assert read["To"] == "tunde@savanna.example"
    assert read["Message-ID"] == f"<{mail.id}@savanna.example>"
    body = read.get_body()
    assert body is not None
    assert "Adaeze Okafor" in body.get_content()


async def test_only_the_owner_reads_the_mails(tmp_path: Path) -> None:
    folder = tmp_path / "mail"
    await FileTransport(folder).send(a_mail())
    assert folder.stat().st_mode & 0o077 == 0
    assert next(folder.iterdir()).stat().st_mode & 0o077 == 0


async def test_a_disk_that_refuses_is_told_by_its_code_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device", "/secret/path")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TransportDown, match=r"^OSError ENOSPC$"):
        await FileTransport(tmp_path).send(a_mail())
    assert os.listdir(tmp_path) == []
