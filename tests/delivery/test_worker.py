"""What the settings choose."""

import asyncio
from pathlib import Path

import pytest

from gql.delivery.files import FileTransport
from gql.delivery.smtp import SmtpTransport
from gql.delivery.worker import make_transport, run_worker
from gql.settings import Settings


def test_mails_go_to_files_unless_a_mail_server_is_named(tmp_path: Path) -> None:
    transport = make_transport(Settings.model_validate({"var_dir": tmp_path}))
    assert isinstance(transport, FileTransport)
    assert transport.folder == tmp_path / "mail"
    assert isinstance(make_transport(Settings.model_validate({"smtp_url": "smtps://mail.example"})), SmtpTransport)


@pytest.mark.parametrize(
    "wrong", [{"smtp_url": "smtp://mail.example:99999"}, {"mail_from": "a@b.example, c@d.example"}]
)
async def test_settings_that_cannot_work_are_told_at_the_start(database_url: str, wrong: dict[str, str]) -> None:
    settings = Settings.model_validate({"database_url": database_url, **wrong})
    with pytest.raises(ValueError, match=r"SMTP_URL|MAIL_FROM"):
        await run_worker(settings, asyncio.Event())
