"""The `lenddesk` command."""

import asyncio
import signal
import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from gql import serving
from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.delivery.outbox import outbox_summary, requeue_dead
from gql.delivery.worker import run_worker
from gql.document_files import NotDocuments, read_documents
from gql.domain.data_keys import new_key
from gql.domain.errors import Refused
from gql.logs import configure_logging
from gql.readme_tables import with_tables
from gql.schema.assembly import build_schema
from gql.services import audit_verification, key_rotation
from gql.services import documents as document_services
from gql.services.admins import create_admin
from gql.services.audit_chain import Head, SealingKeys
from gql.services.group_upkeep import run_group_upkeep
from gql.services.job_runner import run_jobs
from gql.services.scheduled_starts import run_scheduled_starts
from gql.services.sealing import run_sealer
from gql.services.upkeep import run_upkeep
from gql.terminal import BAR, fail, load_settings, run_to_end, with_database
from gql.vault.sealing import Vault

app = typer.Typer(no_args_is_help=True, add_completion=False, help="LendDesk: a lender's back-office GraphQL API.")
_console = Console()
SCHEMA_FILE = Path("schema.graphql")
_SIGN_INS = "super, portfolio, groups, manager1, team or auditor"
README_FILE = Path("README.md")


@app.command()
def serve(
    limit_concurrency: Annotated[
        int | None,
        typer.Option(min=1, help="Connections taken at a time; others get a 503.", show_default=False),
    ] = None,
) -> None:
    """Serve the API and GraphiQL, deliver mails, work on jobs, seal the audit trail, and clear away what has ended."""
    settings = load_settings()
    if limit_concurrency is not None:
        settings = settings.model_copy(update={"limit_concurrency": limit_concurrency})
    serving.serve(settings)


@app.command()
def worker() -> None:
    """Deliver mails, work on jobs, begin scheduled assignments, keep up groups, seal, clear away; without serving."""
    settings = load_settings()
    configure_logging(settings.log_level, sys.stderr)

    async def run() -> None:
        stop = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
        parts = (run_worker, run_jobs, run_upkeep, run_group_upkeep, run_sealer, run_scheduled_starts)
        await asyncio.gather(*(part(settings, stop) for part in parts))

    asyncio.run(run())


@app.command()
def migrate() -> None:
    """Bring the database's tables to the present shape."""
    from gql.db.migrate import migrate as to_head  # Alembic is 7 MB that no server needs

    run_to_end(to_head(load_settings().database_url))


@app.command()
def seed(
    customers: Annotated[int, typer.Option(help="How many customers.")] = 5_000,
    number: Annotated[int, typer.Option("--seed", help="The same number gives the same lender.")] = 2026,
    if_empty: Annotated[bool, typer.Option(help="Leave a database that holds anything as it is.")] = False,
) -> None:
    """Write a demo lender into an empty database."""
    from gql import demo  # which no server needs, either

    settings = load_settings()

    async def run(bar: Progress) -> demo.SeedReport:
        tasks = {}

        def progress(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bar.add_task(step, total=total)
            bar.update(tasks[step], completed=done)

        database = Database(settings.database_url, pool_size=1, statement_timeout=0)
        vault = Vault(settings.data_key_ring)
        try:
            return await demo.seed(database, customers=customers, seed=number, progress=progress, vault=vault)
        finally:
            await database.close()

    try:
        with Progress(*BAR, console=_console) as bar:
            report = run_to_end(run(bar))
    except demo.NotADemo as refusal:
        if if_empty:
            _console.print("The database is not empty: left as it is.")
            return
        fail(str(refusal))
    except demo.InvalidSize as refusal:
        fail(str(refusal))
    if report.already_there:
        _console.print("The demo lender is there already: left as it is.")
    else:
        _console.print(f"Wrote {sum(report.rows.values()):,} rows.")
    typer.echo(f"Sign in as {_SIGN_INS} @lenddesk.example, password {demo.PASSWORD} (README lists them all).")


@app.command()
def schema(
    check: Annotated[bool, typer.Option(help="Only say whether the file is the present schema.")] = False,
) -> None:
    """Write schema.graphql."""
    text = build_schema().as_str() + "\n"
    if not check:
        SCHEMA_FILE.write_text(text, encoding="utf-8")
    elif not SCHEMA_FILE.exists() or SCHEMA_FILE.read_text(encoding="utf-8") != text:
        fail("schema.graphql is not the present schema. Run `make schema` and look at the difference.")


@app.command()
def readme() -> None:
    """Write the README's tables anew."""
    README_FILE.write_text(with_tables(README_FILE.read_text(encoding="utf-8")), encoding="utf-8")


@app.command("create-admin")
def create_admin_command(
    email: Annotated[str, typer.Option(prompt=True)],
    name: Annotated[str, typer.Option(prompt=True)],
    office: Annotated[str, typer.Option(prompt=True, help="Created as head office where there is no office yet.")],
    role: Annotated[str, typer.Option(help="The role's key.")] = "super_admin",
    password: Annotated[str, typer.Option(prompt=True, hide_input=True, confirmation_prompt=True)] = "",
) -> None:
    """Create an admin, such as a new installation's first."""
    settings = load_settings()

    async def run() -> None:
        database, passwords = Database(settings.database_url, pool_size=1), Passwords(1)
        try:
            await create_admin(database, passwords, email=email, name=name, office=office, role=role, password=password)
        finally:
            passwords.close()
            await database.close()

    try:
        run_to_end(run())
    except Refused as refused:
        fail("\n".join(refusal.message for refusal in refused.refusals))
    typer.echo(f"{email} can sign in.")


@app.command()
def outbox(
    requeue: Annotated[bool, typer.Option(help="Put mails that were given up back into the queue.")] = False,
) -> None:
    """Show how many mails wait, were delivered and were given up."""

    async def run() -> None:
        database = Database(load_settings().database_url, pool_size=1)
        try:
            if requeue:
                _console.print(f"{await requeue_dead(database)} put back")
            summary = await outbox_summary(database)
        finally:
            await database.close()
        for status, count in summary.counts.items():
            _console.print(f"{status.value.lower():10} {count}")
        if summary.oldest_waiting is not None:
            _console.print(f"oldest waiting for {summary.oldest_waiting}")

    run_to_end(run())


documents = typer.Typer(no_args_is_help=True, help="The documents that clients send by their SHA-256.")
app.add_typer(documents, name="documents")


@documents.command()
def register(
    files: Annotated[list[Path], typer.Argument(help="`.graphql` files, `.json` manifests, or folders of them.")],
) -> None:
    """Let clients send these documents by their SHA-256: all of them, or none where one is not valid."""
    try:
        found = read_documents(files, build_schema()._schema)
    except NotDocuments as wrong:
        fail(str(wrong))
    added = with_database(lambda database: document_services.register(database, found))
    typer.echo(f"{len(found)} documents, {added} of them new.")


@documents.command("list")
def list_documents() -> None:
    """Show the registered documents: SHA-256, when it was registered, and its operations."""
    for row in with_database(document_services.registered_documents):
        typer.echo(f"{row.sha256}  {row.registered_at:%Y-%m-%d}  {row.name}")


@documents.command()
def remove(sha256: Annotated[str, typer.Argument(help="As `list` shows it.")]) -> None:
    """Register a document no more. Servers take it for another half a minute."""
    if not with_database(lambda database: document_services.remove(database, sha256)):
        fail("There is no such document. `lenddesk documents list` shows all.")
    typer.echo("Removed.")


keys = typer.Typer(no_args_is_help=True, help="The keys that seal BVNs, NINs and account numbers (DATA_KEYS).")
app.add_typer(keys, name="keys")


@keys.command("new")
def new_data_key() -> None:
    """Make a key, to be put first in DATA_KEYS."""
    typer.echo(new_key())


@keys.command("show")
def show_keys() -> None:
    """Show the IDs of the keys, newest first, and how many numbers each has sealed."""
    ring = [key.id for key in load_settings().data_key_ring]
    counts = with_database(key_rotation.count_by_key)
    for key_id in (*ring, *sorted(counts.keys() - set(ring))):
        note = "" if key_id in ring else "  not in DATA_KEYS"
        typer.echo(f"{key_id}  {counts.get(key_id, 0)}{note}")


@keys.command("rotate")
def rotate_keys() -> None:
    """Seal everything anew by the newest key, while servers run. What was cut short is gone on with."""
    vault = Vault(load_settings().data_key_ring)
    with Progress(*BAR, console=_console) as bar:
        task = bar.add_task("Numbers sealed anew", total=None)
        done = with_database(lambda database: key_rotation.rotate(database, vault, partial(bar.update, task)))
    typer.echo(f"{done.sealed_anew} numbers sealed anew by {vault.newest}.")
    if done.not_opened:
        fail(f"{len(done.not_opened)} were not opened: their keys are not in DATA_KEYS (`lenddesk keys show`).")


audit = typer.Typer(no_args_is_help=True, help="The audit trail.")
app.add_typer(audit, name="audit")


@audit.command()
def verify(
    head: Annotated[
        list[str] | None,
        typer.Option(
            help="An end of the chain that was kept elsewhere, as `verify` and the log show it.", metavar="N:HASH"
        ),
    ] = None,
) -> None:
    """Compare the audit trail with how it was sealed; fails where an event was removed, altered, added or moved."""
    try:
        known = [Head.parse(text) for text in head or ()]
    except ValueError:
        fail("A head is a number and a hash, as `lenddesk audit verify` shows them: 12:1f0e….")
    keys = SealingKeys.of(load_settings())
    found = with_database(lambda database: audit_verification.verify(database, keys, known), statement_timeout=0)
    typer.echo(f"{found.segments} segments with {found.events} events compared; the chain ends with {found.head}")
    since = "" if found.oldest_waiting is None else f", the oldest since {found.oldest_waiting:%Y-%m-%d %H:%M:%S} UTC"
    typer.echo(f"{found.waiting} events are not sealed yet{since}: changes of those are not noticed.")
    if found.differences:
        fail("\n".join(found.differences))
    typer.echo("The audit trail is as it was sealed.")
