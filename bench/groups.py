"""`python -m bench.groups`: the page of a group and its statistics, against the number of its members.

On PostgreSQL, in the lender of the peers' bench, to which groups of a thousand members and more are added, each a
sample of all customers, and the payments that its instalments tell of. One request after the other, as one person
waits for it; the least of some, which the machine's other work makes longer the least.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from time import perf_counter
from typing import Annotated, Any, Final

import asyncpg  # type: ignore[import-untyped]
import typer

from bench import BenchFailed
from bench.measure import Console, body_of
from bench.meter import read_meter
from bench.own_server import OWN_SERVER, running
from bench.peers.data import prepare
from bench.peers.postgres import embedded_server
from gql.domain.search import search_key
from gql.domain.time import today
from gql.settings import Settings

_SMALLEST: Final = 1_000
_NAME: Final = "Sample of {} customers"
_VIEWERS: Final = ("super@lenddesk.example", "portfolio@lenddesk.example", "auditor@lenddesk.example")

_ADD_GROUP = """
    INSERT INTO groups (id, name, search_name, status, purpose, description, criteria_text, member_count, version,
                        created_at, updated_at)
    VALUES (gen_random_uuid(), $1, $2, 'ACTIVE', 'OTHER', 'For measuring.', 'Anybody.', 0, 1, now(), now())
    RETURNING id
"""
_ADD_MEMBERS = """
    INSERT INTO memberships (id, group_id, customer_id, since, until)
    SELECT gen_random_uuid(), $1, id, since, CASE WHEN hashtext(number) % 20 = 0 THEN since + (now() - since) * 0.7 END
    FROM (SELECT id, number, created_at + (now() - created_at) * 0.3 AS since
          FROM customers ORDER BY md5(number) LIMIT $2) AS sample
    ORDER BY since
"""
_COUNT = """
    UPDATE groups SET member_count = (SELECT count(*) FROM memberships WHERE group_id = $1 AND until IS NULL)
    WHERE id = $1
"""
_ADD_PAYMENTS = """
    INSERT INTO loan_payments (id, loan_id, amount_minor, received_at)
    SELECT gen_random_uuid(), loan_id, paid_minor, due_on + INTERVAL '10 hours' FROM loan_instalments
    WHERE paid_minor > 0
        AND NOT EXISTS (SELECT FROM loan_payments AS other WHERE other.loan_id = loan_instalments.loan_id)
"""
_FIND = "query($name: String!) { groups(search: $name) { edges { node { id memberCount } } } }"
_SEEN = "query($id: ID!) { group(id: $id) { members { totalCount } } }"
_PAGE = """
query($id: ID!) { group(id: $id) {
  id name status description memberCount maximumMembers viewerActions { action allowed reason }
  members(first: 50) {
    edges { since addedBy { name } node { id number displayName status office { name } accountManager { name } } }
    pageInfo { hasNextPage endCursor }
  }
} }
"""
_STATISTICS = """
query($id: ID!, $since: Date!) { group(id: $id) { memberCount statistics(since: $since) {
  changes { since joined left } figures { ...Figures }
  offices { office { name } figures { ...Figures } } otherOffices { ...Figures }
  accountManagers { accountManager { name } figures { ...Figures } } otherAccountManagers { ...Figures }
} } }
fragment Figures on MemberFigures {
  members counted suppressed activeLoans delinquencyRate
  currencies {
    currency portfolio { outstanding { amount } par30 { ratio } par60 { ratio } par90 { ratio } }
    repayment { expected { amount } collected { amount } collectionRate }
  }
}
"""


def main(
    customers: Annotated[int, typer.Option(min=2_000, help="Size of the lender; it is made once and kept.")] = 100_000,
    times: Annotated[int, typer.Option(min=1, help="How often each is asked.")] = 5,
) -> None:
    """Measure the page of groups of 1,000 members up to all customers, and their statistics of a year."""
    try:
        with _database(customers) as url:
            prepare(url, customers, lambda line: print(line, file=sys.stderr))
            sizes = [_SMALLEST * 10**power for power in range(4) if _SMALLEST * 10**power <= customers]
            asyncio.run(_add(url, sizes))
            folder = Settings().var_dir / "bench"
            with running(OWN_SERVER, os.environ | {"DATABASE_URL": url, "VAR_DIR": str(folder)}) as server:
                _measure(server.url, sizes, times)
    except BenchFailed as failure:
        print(failure, file=sys.stderr)
        raise typer.Exit(1) from None


@contextmanager
def _database(customers: int) -> Iterator[str]:
    """DATABASE_URL, or an embedded server's, whose data are kept."""
    given = os.environ.get("DATABASE_URL")
    if given is not None:
        yield given.replace("postgresql+asyncpg://", "postgresql://", 1)
        return
    folder = (Settings().var_dir / "bench" / "groups").resolve()
    folder.mkdir(parents=True, exist_ok=True)
    with embedded_server(folder / f"customers-{customers}") as server:
        yield server.url


async def _add(url: str, sizes: list[int]) -> None:
    """Add the groups and the payments that aren't there yet, in one transaction."""
    connection = await asyncpg.connect(url)
    try:
        async with connection.transaction():
            wanted = {_NAME.format(size): size for size in sizes}
            there = await connection.fetch("SELECT name FROM groups WHERE name = ANY($1::text[])", list(wanted))
            for name in wanted.keys() - {row["name"] for row in there}:
                print(f"Adding {name} ...", file=sys.stderr)
                group_id = await connection.fetchval(_ADD_GROUP, name, search_key(name))
                await connection.execute(_ADD_MEMBERS, group_id, wanted[name])
                await connection.execute(_COUNT, group_id)
            await connection.execute(_ADD_PAYMENTS)
        await connection.execute("VACUUM (ANALYZE)")
    finally:
        await connection.close()


def _measure(url: str, sizes: list[int], times: int) -> None:
    since = {"since": str(today() - timedelta(days=365))}
    print("| who asks | members | seen | page of the group, ms | SQL | statistics, ms | SQL |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for who in _VIEWERS:
        with Console(url, who) as console:
            for size in sizes:
                [found] = console.ask(_FIND, {"name": _NAME.format(size)})["groups"]["edges"]
                group = found["node"]
                page = _timed(console, _PAGE, {"id": group["id"]}, 4 * times)
                statistics = _timed(console, _STATISTICS, {"id": group["id"]} | since, times)
                seen = console.ask(_SEEN, {"id": group["id"]})["group"]["members"]["totalCount"]
                columns = (f"{group['memberCount']:,}", f"{seen:,}", *page, *statistics)
                print(f"| {who.partition('@')[0]} | {' | '.join(columns)} |", flush=True)


def _timed(console: Console, document: str, variables: Mapping[str, Any], times: int) -> tuple[str, str]:
    """The least time of a request, after one that isn't counted, in ms; and the statements that it sends.

    A group may be too large for the bounds of a statement and a request, on a machine that does other work.
    """
    body, taken = body_of(document, variables), []
    try:
        console.post(body)
        before = read_meter(console.http)
        for _ in range(times):
            begun = perf_counter()
            console.post(body)
            taken.append(perf_counter() - begun)
    except BenchFailed:
        return "not in time", "-"
    after = read_meter(console.http)
    statements = (after.statements - before.statements) / times if before and after else 0
    return f"{min(taken) * 1_000:,.0f}", f"{statements:g}"


if __name__ == "__main__":
    os.environ.setdefault("SECRET_KEY", "only for measuring, on a database of its own")
    typer.run(main)
