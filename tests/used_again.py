"""Databases of PostgreSQL that serve one test after another: to copy and drop one takes a tenth of a second.

After a test its database gets another name, so that nobody who still knows the old one finds it; its sessions are
ended; its rows become those of the template. Where anything else differs from the template (a table, an index, a
setting, statistics), or it has grown so that plans may differ, it is to be dropped instead.
"""

import json
from dataclasses import asdict, dataclass

import asyncpg  # type: ignore[import-untyped]

_OF_OURS = 16384
"""Objects of the server itself have lower numbers."""
_CATALOGUES = {
    "pg_attrdef": "oid",
    "pg_attribute": "attrelid",
    "pg_class": "oid",
    "pg_collation": "oid",
    "pg_constraint": "oid",
    "pg_index": "indexrelid",
    "pg_operator": "oid",
    "pg_proc": "oid",
    "pg_rewrite": "ev_class",
    "pg_statistic": "starelid",
    "pg_trigger": "oid",
    "pg_type": "oid",
}
"""Catalogues with thousands of rows of the server's own, which are left out by that column."""
_SMALL_CATALOGUES = (
    *("pg_default_acl", "pg_event_trigger", "pg_extension", "pg_largeobject_metadata", "pg_namespace", "pg_policy"),
    *("pg_publication", "pg_statistic_ext"),
)
_COUNTED = [
    *(f"SELECT count(*) AS n, sum(xmin::text::bigint) AS x FROM {name}" for name in _SMALL_CATALOGUES),
    *(
        f"SELECT count(*), sum(xmin::text::bigint) FROM {name} WHERE {column} >= {_OF_OURS}"
        for name, column in _CATALOGUES.items()
    ),
    # What ANALYZE and VACUUM change in place, and what sequences have given.
    f"SELECT sum(relpages), sum(reltuples)::bigint FROM pg_class WHERE oid >= {_OF_OURS}",
    "SELECT count(*), sum(last_value)::bigint FROM pg_sequences",
    """SELECT count(*), 0 FROM pg_db_role_setting JOIN pg_database ON oid = setdatabase
    WHERE datname = current_database()""",
]
_STATE = f"SELECT json_agg(json_build_array(n, x))::text FROM ({' UNION ALL '.join(_COUNTED)}) AS counted"
"""Different after every change of a catalogue: a row that is written carries the number of the transaction."""

_FEW_PAGES = 10
"""PostgreSQL plans for a table that was never analysed as if it had ten pages, as long as it has no more."""
_TABLES = f"""
SELECT oid::regclass::text AS name, pg_relation_size(oid) / current_setting('block_size')::int AS pages
FROM pg_class WHERE relkind IN ('r', 'p', 'm') AND oid >= {_OF_OURS} AND relpersistence <> 't'
"""


@dataclass(frozen=True)
class Template:
    """What a database is like that no test has touched."""

    state: str
    """Of its catalogues."""
    rows: dict[str, str]
    """By table, as JSON; of those that have any."""

    @classmethod
    async def read(cls, url: str) -> "Template":
        """That of a database."""
        connection = await asyncpg.connect(url)
        try:
            names = [table["name"] for table in await connection.fetch(_TABLES) if table["pages"]]
            return cls(await connection.fetchval(_STATE), await _rows(connection, names))
        finally:
            await connection.close()

    @classmethod
    def of(cls, shared: str) -> "Template":
        """What `share` gave."""
        return cls(**json.loads(shared))

    def share(self) -> str:
        """For another process."""
        return json.dumps(asdict(self))

    async def restore(self, url: str) -> bool:
        """Make a database's rows those of the template. False where that is not enough to make it the same."""
        connection = await asyncpg.connect(url)
        try:
            tables = await connection.fetch(_TABLES)
            if any(table["pages"] > _FEW_PAGES for table in tables) or await connection.fetchval(_STATE) != self.state:
                return False
            await self._restore_rows(connection, [table["name"] for table in tables if table["pages"]])
            return True
        finally:
            await connection.close()

    async def _restore_rows(self, connection: asyncpg.Connection, written: list[str]) -> None:
        present = await _rows(connection, list(self.rows))
        changed = [name for name in self.rows if present.get(name) != self.rows[name]]
        emptied = [name for name in written if name not in self.rows or name in changed]
        async with connection.transaction():
            # Neither foreign keys nor the schema's triggers have a say in this.
            await connection.execute("SET LOCAL session_replication_role = replica")
            for name in emptied:
                await connection.execute(f"DELETE FROM {name}")
            for name in changed:
                again = f"INSERT INTO {name} SELECT * FROM json_populate_recordset(NULL::{name}, $1::text::json)"
                await connection.execute(again, self.rows[name])


async def _rows(connection: asyncpg.Connection, tables: list[str]) -> dict[str, str]:
    every = [f"SELECT '{name}', json_agg(t ORDER BY t::text)::text FROM {name} AS t" for name in tables]
    return {name: rows for name, rows in await connection.fetch(" UNION ALL ".join(every)) if rows is not None}
