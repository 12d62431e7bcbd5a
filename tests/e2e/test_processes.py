"""Server and worker as processes: where they listen, how they stop, and what a crash leaves behind."""

import asyncio
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url, select

from gql.db.engine import Database
from gql.db.models import Admin, OutboxMessage
from gql.domain.enums import OutboxStatus
from tests.api.client import gid, open_api
from tests.command import COMMAND, environment
from tests.databases import fresh_database
from tests.e2e.conftest import Server, serving, takes_connections, wait_until
from tests.e2e.test_assign_account_manager import ASSIGN, PROFILE
from tests.factories import PASSWORD, World
from tests.patience import PATIENCE
from tests.transport.listening import Listening
from tests.transport.stalled import UNFINISHED

OTHER_HOST = "127.0.0.2" if sys.platform == "linux" else "127.0.0.1"
STOPPED = {0, -signal.SIGTERM}
"""After its tidy end, uvicorn ends by the signal that it got."""


@dataclass
class Lender:
    """The few people whom an assignment needs; IDs are global ones."""

    boss: Admin
    customer: str
    customer_email: str
    manager: str
    manager_email: str
    old_manager_email: str


async def _small_lender(database_url: str) -> Lender:
    database = Database(database_url)
    try:
        world = World(database)
        boss, old, new = [await world.admin(role) for role in ("super_admin", "account_manager", "account_manager")]
        await world.password(boss)
        customer = await world.customer(manager=old)
    finally:
        await database.close()
    return Lender(boss, gid(customer), customer.email, gid(new), new.email, old.email)


async def _left_behind(lender: Lender, database_url: str, folder: Path) -> tuple[str, list[tuple[OutboxStatus, int]]]:
    """The account manager in the customer's profile, and each mail's status and attempts, as another process sees."""
    async with open_api(database_url, folder) as api:
        client = await api.sign_in(lender.boss)
        profile = (await client.data(PROFILE, {"id": lender.customer}))["customer"]
        mails = await api.database.rows(select(OutboxMessage.status, OutboxMessage.attempts))
    return profile["accountManager"]["id"], [(mail.status, mail.attempts) for mail in mails]


def test_a_server_killed_between_answer_and_delivery_loses_no_mail(database_url: str, tmp_path: Path) -> None:
    """What was answered is kept, and each mail is delivered once by a worker that starts later."""
    lender = asyncio.run(_small_lender(database_url))
    no_delivery = {"OUTBOX_IN_SERVER": "false", "OUTBOX_POLL_SECONDS": "0.05"}
    with serving(database_url, tmp_path, host=OTHER_HOST, **no_delivery) as server:
        console = server.sign_in(lender.boss.email, password=PASSWORD)
        request = {"customerId": lender.customer, "accountManagerId": lender.manager}
        answer = console.data(ASSIGN, {"input": request})["assignAccountManager"]
        time.sleep(0.5)  # for a dispatcher, if there were one
        server.process.kill()
        assert server.process.wait(10) == -signal.SIGKILL
        assert answer["changed"]
        assert server.mails() == []

    variables = environment(database_url, tmp_path, OUTBOX_POLL_SECONDS="0.1")
    with (tmp_path / "worker.log").open("wb") as log:
        worker = subprocess.Popen([COMMAND, "worker"], cwd=tmp_path, env=variables, stdout=log, stderr=log)
    try:
        wait_until(lambda: len(server.mails()) >= 3, "the worker delivers")
        time.sleep(0.5)  # for a second delivery, if there were one
        worker.terminate()
        assert worker.wait(20) == 0
    finally:
        worker.kill()
        worker.wait()
    recipients = (lender.customer_email, lender.manager_email, lender.old_manager_email)
    assert Counter(str(mail["To"]) for mail in server.mails()) == Counter(recipients)

    delivered_once = [(OutboxStatus.DELIVERED, 1)] * 3
    assert asyncio.run(_left_behind(lender, database_url, tmp_path)) == (lender.manager, delivered_once)


def test_a_server_that_is_asked_to_stop_answers_what_it_has_begun(tmp_path: Path) -> None:
    body = b'{"query": "{ __typename }"}'
    head = b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with fresh_database("sqlite") as url, serving(url, tmp_path) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as slow:
            slow.sendall(head % len(body) + body[:5])
            assert server.http.get("/livez").status_code == 200  # by which time the request has come in, too
            server.process.terminate()
            wait_until(lambda: not takes_connections(host, int(port)), "no more requests are taken")
            slow.sendall(body[5:])
            answer = slow.recv(4096)
        assert answer.startswith(b"HTTP/1.1 200")
        assert server.process.wait(20) in STOPPED
        assert "Traceback" not in server.log
        assert "internal error" not in server.log


def test_a_client_that_goes_away_or_talks_nonsense_is_no_error(demo: Server) -> None:
    host, _, port = demo.url.removeprefix("http://").partition(":")
    begun = (
        b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    for sent in (b"POST /gra", begun):
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as gone:
            gone.sendall(sent)
    for wrong in (b"nonsense\r\n\r\n", b"POST /graphql HTTP/1.1\r\nContent-Length: -1\r\n\r\n"):
        with socket.create_connection((host, int(port)), timeout=PATIENCE) as rude:
            rude.sendall(wrong)
            assert rude.recv(4096).startswith(b"HTTP/1.1 400")
    assert demo.anonymous().data("{ __typename }") == {"__typename": "Query"}
    assert "internal error" not in demo.log
    assert "Traceback" not in demo.log


def test_a_stop_answers_a_request_that_waits_for_the_database(tmp_path: Path) -> None:
    """The request is in the middle of its work, which goes well once the lock that it needs is free."""
    with fresh_database("sqlite") as url:
        lender = asyncio.run(_small_lender(url))
        with serving(url, tmp_path) as server, closing(sqlite3.connect(make_url(url).database or "")) as other:
            host, _, port = server.url.removeprefix("http://").partition(":")
            console = server.sign_in(lender.boss.email, password=PASSWORD)
            request = {"customerId": lender.customer, "accountManagerId": lender.manager}
            other.execute("BEGIN IMMEDIATE")
            with ThreadPoolExecutor() as elsewhere:
                answer = elsewhere.submit(console.data, ASSIGN, {"input": request})
                time.sleep(0.5)  # for the request to come as far as the lock
                server.process.terminate()
                wait_until(lambda: not takes_connections(host, int(port)), "no more requests are taken")
                assert not answer.done()
                other.rollback()
                assert answer.result(20)["assignAccountManager"]["changed"]
            assert server.process.wait(20) in STOPPED
            assert "Traceback" not in server.log


def test_clients_who_stall_do_not_keep_a_server_that_is_asked_to_stop(tmp_path: Path) -> None:
    deadlines = {"HEADER_SECONDS": "1", "BODY_SECONDS": "1", "STOP_SECONDS": "60"}
    with fresh_database("sqlite") as url, serving(url, tmp_path, **deadlines) as server, ExitStack() as opened:
        host, _, port = server.url.removeprefix("http://").partition(":")
        for stall in UNFINISHED.values():
            opened.enter_context(stall(Listening(host, int(port))))
        server.http.get("/livez")
        server.process.terminate()
        assert server.process.wait(20) in STOPPED
        assert "Traceback" not in server.log


def test_the_number_of_clients_is_an_option_of_the_command(tmp_path: Path) -> None:
    with fresh_database("sqlite") as url, serving(url, tmp_path, options=("--limit-concurrency", "2")) as server:
        host, _, port = server.url.removeprefix("http://").partition(":")
        with ExitStack() as opened:
            for _ in range(2):
                opened.enter_context(socket.create_connection((host, int(port)), timeout=PATIENCE))
            answer = server.anonymous().post("{ __typename }")
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
        assert answer.json()["errors"][0]["extensions"]["code"] == "SERVICE_UNAVAILABLE"
        assert answer.headers["x-content-type-options"] == "nosniff"
