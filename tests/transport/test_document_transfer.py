"""Documents' bytes over real sockets: sent to a signed link, fetched from another, and by nobody who lost the right."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import update

from gql.auth.tokens import AccessTokens
from gql.db.engine import Database
from gql.db.models import Admin, AuditEvent, Customer, Document, Session
from gql.domain.enums import SubjectKind
from gql.domain.ids import new_id, parse_global_id
from gql.domain.time import now
from gql.services.upkeep import Upkeep
from gql.settings import Settings
from gql.vault.links import Links, Purpose
from tests.api.client import KEY, gid
from tests.factories import World
from tests.patience import PATIENCE
from tests.records import events
from tests.transport.listening import Listening, head, listening
from tests.vaults import DATA_KEY

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 2_000
UPLOAD = """mutation($input: CreateDocumentUploadInput!) { createDocumentUpload(input: $input) {
  link { documentId path expiresAt } replayed userErrors { code field } } }"""
DOWNLOAD = """mutation($input: CreateDocumentDownloadInput!) { createDocumentDownload(input: $input) {
  link { documentId path } userErrors { code field } } }"""
REMOVE = """mutation($input: RemoveDocumentInput!) { removeDocument(input: $input) {
  customer { documents { totalCount } } userErrors { code field } } }"""
LIST = """query($id: ID!) { customer(id: $id) { documents { totalCount edges { node {
  id kind name contentType size sha256 uploadedBy { name } } } } } }"""


@dataclass
class Desk:
    """A server, an admin who is signed in, and the admin's own customer."""

    server: Listening
    http: httpx.AsyncClient
    world: World
    admin: Admin
    customer: Customer
    session: Session
    folder: Path
    settings: Settings

    async def data(self, query: str, variables: Any) -> Any:
        """What the API answers the admin."""
        life = timedelta(minutes=self.settings.access_token_minutes)
        token = AccessTokens(KEY, life).issue(SubjectKind.ADMIN, self.admin.id, self.session.id)
        headers = {"Authorization": f"Bearer {token.text}"}
        answer = await self.http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        assert "errors" not in answer.json(), answer.text
        return answer.json()["data"]

    async def upload_link(self, name: str = "passport.pdf", **more: Any) -> str:
        """Where to send a document."""
        given = {"customerId": gid(self.customer), "kind": "IDENTITY", "name": name} | more
        payload = (await self.data(UPLOAD, {"input": given}))["createDocumentUpload"]
        assert payload["userErrors"] == []
        path: str = payload["link"]["path"]
        return path

    async def download_link(self, document: str) -> str:
        """Where to fetch it."""
        payload = (await self.data(DOWNLOAD, {"input": {"documentId": document}}))["createDocumentDownload"]
        assert payload["userErrors"] == []
        path: str = payload["link"]["path"]
        return path

    async def send(self, content: bytes = PDF, name: str = "passport.pdf") -> str:
        """Send a document; answers its ID."""
        answer = await self.http.put(await self.upload_link(name), content=content)
        assert answer.status_code == 201, answer.text
        document: str = answer.json()["document"]["id"]
        return document

    async def documents(self) -> list[Any]:
        """The customer's, as they are listed."""
        found = (await self.data(LIST, {"id": gid(self.customer)}))["customer"]["documents"]
        assert found["totalCount"] == len(found["edges"])
        return [edge["node"] for edge in found["edges"]]

    @property
    def files(self) -> list[Path]:
        """What is in the store."""
        return [file for file in (self.folder / "documents").rglob("*") if file.is_file()]

    async def change(self, model: Any, record: Any, **values: Any) -> None:
        """Change a row behind the server's back."""
        async with self.world.database.begin() as session:
            await session.execute(update(model).where(model.id == record.id).values(values))


Open = Callable[..., AbstractAsyncContextManager[Desk]]


@pytest.fixture
def open_desk(database_url: str, database: Database, tmp_path: Path) -> Open:
    """A desk of the test's own, by settings."""

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[Desk]:
        world = World(database)
        admin = await world.admin("account_manager", name="Ada")
        customer = await world.customer(manager=admin)
        session = Session(id=new_id(), admin_id=admin.id, created_at=now(), expires_at=now() + timedelta(hours=1))
        async with database.begin() as transaction:
            transaction.add(session)
        given = {"secret_key": KEY, "data_keys": DATA_KEY, "points_per_minute": 0, **settings}
        made = Settings.model_validate({"database_url": database_url, "var_dir": tmp_path, **given})
        with listening(database_url, tmp_path, **given) as server:
            async with httpx.AsyncClient(base_url=server.url, timeout=PATIENCE) as http:
                yield Desk(server, http, world, admin, customer, session, tmp_path, made)

    return opened


async def test_a_document_is_sent_listed_fetched_and_removed(open_desk: Open) -> None:
    async with open_desk() as desk:
        path = await desk.upload_link("C:\\scans\\Reisepaß  Ọlá.pdf", idempotencyKey="k")
        assert await desk.documents() == []
        sent = await desk.http.put(path, content=PDF)
        [document] = await desk.documents()
        sha256 = hashlib.sha256(PDF).hexdigest()
        assert sent.status_code == 201
        facts = {"contentType": "application/pdf", "size": len(PDF), "sha256": sha256}
        assert sent.json() == {"document": {"id": document["id"], **facts}}
        named = {"kind": "IDENTITY", "name": "Reisepaß Ọlá.pdf", "uploadedBy": {"name": "Ada"}}
        assert document == {"id": document["id"], **named, **facts}

        link = await desk.download_link(document["id"])
        fetched = await desk.http.get(link)

        assert (fetched.status_code, fetched.content) == (200, PDF)
        assert fetched.headers["content-type"] == "application/pdf"
        disposition = "attachment; filename*=UTF-8''Reisepa%C3%9F%20%E1%BB%8Cl%C3%A1.pdf"
        assert fetched.headers["content-disposition"] == disposition
        assert fetched.headers["x-content-type-options"] == "nosniff"
        assert fetched.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in fetched.headers["content-security-policy"]
        looked = await desk.http.head(link)
        assert (looked.status_code, looked.headers["content-length"], looked.content) == (200, str(len(PDF)), b"")
        for what in ("uploaded", "downloaded"):
            [event] = await events(desk.world.database, f"customer.document_{what}")
            assert (event.actor_id, event.subject_id) == (desk.admin.id, desk.customer.id)
            assert (event.address, bool(event.request_id)) == ("127.0.0.1", True)

        given = {"documentId": document["id"], "reason": "Of somebody else."}
        payload = (await desk.data(REMOVE, {"input": given}))["removeDocument"]
        assert payload == {"customer": {"documents": {"totalCount": 0}}, "userErrors": []}
        assert (await desk.http.get(link)).status_code == 404
        assert len(desk.files) == 1
        await Upkeep(desk.world.database, desk.settings).clear()
        assert desk.files == []


async def test_what_is_no_such_document_is_refused_and_nothing_of_it_stays(open_desk: Open) -> None:
    async with open_desk(max_document_bytes=100_000) as desk:
        large = PDF[:9] + bytes(100_000)
        wrong: list[tuple[int, dict[str, Any]]] = [
            (415, {"content": b"<html><script>alert(1)</script></html>"}),
            (415, {"content": b"MZ" + bytes(1_000)}),
            (415, {"content": b""}),
            (415, {"content": b"%PD"}),
            (415, {"content": PDF[:1_000], "headers": {"Content-Encoding": "gzip"}}),
            (413, {"content": large}),
            (413, {"content": _in_pieces(large)}),
        ]
        for status, sending in wrong:
            answer = await desk.http.put(await desk.upload_link(), **sending)
            assert answer.status_code == status, sending
            assert set(answer.json()) == {"errors"}
        assert await desk.documents() == []
        assert desk.files == []
        for content in (PDF[:100_000], b"\xff\xd8\xff\xe0 a picture", b"\x89PNG\r\n\x1a\n another"):
            await desk.send(content)
        assert [one["contentType"] for one in await desk.documents()] == ["image/png", "image/jpeg", "application/pdf"]
        assert (await desk.http.post(await desk.upload_link(), content=PDF)).status_code == 405


async def _in_pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 7_000):
        yield content[start : start + 7_000]


async def test_a_link_is_good_for_its_purpose_its_document_and_its_time(open_desk: Open) -> None:
    async with open_desk() as desk:
        document = await desk.send()
        up, down = await desk.upload_link(), await desk.download_link(document)
        assert (await desk.http.put(down, content=PDF)).status_code == 404
        assert (await desk.http.get(up)).status_code == 404
        link = Links(KEY, timedelta(minutes=5)).read(down.rpartition("/")[2])
        assert link is not None
        lives = (Links(KEY[::-1], timedelta(minutes=5)), *(Links(KEY, timedelta(days=days)) for days in (-1, 2)))
        for links in lives:
            made = links.make(Purpose.DOWNLOAD, link.subject_id, link.admin_id, link.session_id)
            assert (await desk.http.get(f"/documents/{links.text_of(made)}")).status_code == 404
        for at in range(11, len(down), 7):
            changed = down[:at] + ("A" if down[at] != "A" else "B") + down[at + 1 :]
            assert (await desk.http.get(changed)).status_code == 404
        for made_up in ("/documents/x", "/documents/%00", "/documents/" + "é" * 10, "/documents/..%2fsecret.key"):
            assert (await desk.http.get(made_up)).status_code == 404
        sent = [await desk.http.put(up, content=PDF) for _ in range(2)]
        assert [answer.status_code for answer in sent] == [201, 404]
        assert (await desk.http.get(down)).status_code == 200
        # Only what was signed by us is on record; not that the same bytes came twice.
        recorded = [(event.action, event.details["codes"]) for event in await _denied(desk)]
        of_another_time = [("fetchDocument.denied", ["NOT_ALLOWED"])] * 2
        wrong_way = [("sendDocument.denied", ["NOT_ALLOWED"]), ("fetchDocument.denied", ["NOT_ALLOWED"])]
        assert recorded == wrong_way + of_another_time


async def test_who_lost_the_session_or_the_sight_has_nothing_of_a_link(open_desk: Open) -> None:
    async with open_desk() as desk:
        document, other = await desk.send(), await desk.world.admin()
        up, down = await desk.upload_link(), await desk.download_link(document)
        lost: list[tuple[Any, Any, dict[str, Any], dict[str, Any]]] = [
            (Customer, desk.customer, {"account_manager_id": other.id}, {"account_manager_id": desk.admin.id}),
            (Customer, desk.customer, {"account_manager_id": None}, {"account_manager_id": desk.admin.id}),
            (Admin, desk.admin, {"status": "INACTIVE"}, {"status": "ACTIVE"}),
            (Session, desk.session, {"revoked_at": now()}, {"revoked_at": None}),
        ]
        for model, record, taken, given_back in lost:
            await desk.change(model, record, **taken)
            before = len(await _denied(desk))
            answers = [await desk.http.get(down), await desk.http.put(up, content=PDF)]
            assert [answer.status_code for answer in answers] == [404, 404], taken
            await _assert_on_record(desk, before, answers, document, taken)
            await desk.change(model, record, **given_back)
            assert (await desk.http.get(down)).status_code == 200
        assert len(desk.files) == 1
        outlined = await desk.world.document(await desk.world.customer())  # whom Ada sees an outline of
        payload = (await desk.data(DOWNLOAD, {"input": {"documentId": gid(outlined)}}))["createDocumentDownload"]
        assert payload["userErrors"] == [{"code": "NOT_FOUND", "field": ["documentId"]}]


async def _denied(desk: Desk) -> Any:
    """The denied attempts on record, oldest first."""
    table: Any = AuditEvent.__table__
    return await desk.world.database.rows(table.select().where(table.c.denied).order_by(table.c.at, table.c.id))


async def _assert_on_record(desk: Desk, before: int, answers: list[httpx.Response], of: str, taken: Any) -> None:
    """Who tried it, with whose document, in which request, from where."""
    fetched, sent = (await _denied(desk))[before:]
    assert [fetched.action, sent.action] == ["fetchDocument.denied", "sendDocument.denied"], taken
    assert (fetched.subject_kind, fetched.subject_id) == ("document", parse_global_id(of)[1])
    for event, answer in zip((fetched, sent), answers, strict=True):
        assert (event.actor_kind, event.actor_id) == (SubjectKind.ADMIN, desk.admin.id), taken
        assert (event.customer_id, event.address) == (desk.customer.id, "127.0.0.1"), taken
        assert event.request_id == answer.headers["x-request-id"], taken
        assert event.details["codes"] in (["NOT_FOUND"], ["FORBIDDEN"], ["UNAUTHENTICATED"]), taken


async def test_who_begins_last_ends_and_what_never_comes_is_cleared_away(open_desk: Open) -> None:
    """A broken sending is begun again with the same link; a document whose bytes never came is deleted in a day."""
    async with open_desk() as desk:
        up = await desk.upload_link()
        reader, writer = await asyncio.open_connection(desk.server.host, desk.server.port)
        writer.write(head(method=b"PUT", path=up.encode(), length=len(PDF)) + PDF[:1_000])
        await writer.drain()
        await _begun(desk)
        assert (await desk.http.put(up, content=PDF)).status_code == 201
        writer.write(PDF[1_000:])
        await writer.drain()
        assert b" 404 " in await asyncio.wait_for(reader.readline(), PATIENCE)
        writer.close()
        [document] = await desk.documents()
        assert (await desk.http.get(await desk.download_link(document["id"]))).content == PDF
        await desk.upload_link()
        before = len(await _all(desk))
        async with desk.world.database.begin() as session:
            never_came = Document.uploaded_at.is_(None)
            await session.execute(update(Document).where(never_came).values(created_at=now() - timedelta(days=2)))
        await Upkeep(desk.world.database, desk.settings).clear()
        assert (before, len(await _all(desk))) == (2, 1)
        kept = (await _all(desk))[0]
        assert [file.name for file in desk.files] == [kept.store_key]


async def test_who_was_overtaken_ends_nothing_while_the_other_is_not_done_either(open_desk: Open) -> None:
    """Bytes that were begun before others never become the document, in whichever order the two come to an end."""
    async with open_desk() as desk:
        up = (await desk.upload_link()).encode()
        sendings, told = [], []
        for _ in range(2):
            former = [row.store_key for row in await _all(desk)]
            sendings.append(await asyncio.open_connection(desk.server.host, desk.server.port))
            sendings[-1][1].write(head(method=b"PUT", path=up, length=len(PDF)) + PDF[:1_000])
            await _begun(desk, after=former)
        for reader, writer in sendings:
            writer.write(PDF[1_000:])
            told.append((await asyncio.wait_for(reader.readline(), PATIENCE), len(await desk.documents())))
            writer.close()
        assert [(b" 404 " in line, b" 201 " in line, listed) for line, listed in told] == [(1, 0, 0), (0, 1, 1)]
        [kept] = await _all(desk)
        assert [file.name for file in desk.files] == [kept.store_key]


async def _all(desk: Desk) -> Any:
    return await desk.world.database.rows(Document.__table__.select())


async def _begun(desk: Desk, after: Sequence[str | None] = (None,)) -> None:
    async with asyncio.timeout(PATIENCE):
        while [row.store_key for row in await _all(desk)] == list(after):  # noqa: ASYNC110 - another thread's
            await asyncio.sleep(0.01)


async def test_a_document_has_a_time_of_its_own_to_come(open_desk: Open) -> None:
    """Longer than other bodies have, and no longer."""
    async with open_desk(body_seconds=0.2, document_seconds=1) as desk:
        slow = await desk.http.put(await desk.upload_link(), content=_slowly(0.5))
        assert slow.status_code == 201
        begun = head(method=b"PUT", path=(await desk.upload_link()).encode(), length=len(PDF)) + PDF[:1_000]
        [stalled] = await asyncio.to_thread(desk.server.ask, begun)
        assert stalled.status == 408


async def _slowly(seconds: float) -> AsyncIterator[bytes]:
    yield PDF[:1_000]
    await asyncio.sleep(seconds)
    yield PDF[1_000:]
