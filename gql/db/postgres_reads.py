"""Reads on PostgreSQL: statements of SQLAlchemy Core, compiled once and run by asyncpg itself.

SQLAlchemy's own execution starts three greenlets for each read and takes some 0.3 ms of CPU time; this takes a tenth of
that. Types bind and convert by SQLAlchemy's own rules, so that a row is the same as through an engine.
"""

import asyncio
from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final
from weakref import WeakKeyDictionary

import asyncpg  # type: ignore[import-untyped]
import orjson
from sqlalchemy import ARRAY, JSON, URL, Enum, Executable, SelectBase
from sqlalchemy.dialects.postgresql import asyncpg as sqlalchemy_asyncpg
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import TypeEngine

from gql.db.models.base import UTCDateTime
from gql.db.places import Places

Convert = Callable[[Any], Any]
Listener = Callable[[str, Any], None]
"""Is told of each statement that is sent, and of the values that it takes."""

_DIALECT: Any = sqlalchemy_asyncpg.dialect()  # type: ignore[no-untyped-call]
POOL_TIMEOUT_SECONDS: Final = 5
_PLAN_ONCE, _PLAN_BY_VALUES = "SET plan_cache_mode = force_generic_plan", "SET plan_cache_mode = force_custom_plan"
LOST = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    asyncpg.PostgresConnectionError,
    TimeoutError,
)
"""What is raised where there is no connection, or none any more: one that dies may be neither open nor closed yet."""


@dataclass(frozen=True, slots=True)
class _Argument:
    """One value that a statement takes, in its place."""

    name: str
    bind: BindParameter[Any]
    convert: Convert | None

    def of(self, parameters: Mapping[str, Any]) -> Any:
        """The value as the driver takes it. Raises KeyError where it is neither given nor in the statement."""
        if self.name in parameters:
            value = parameters[self.name]
        elif self.bind.required:
            raise KeyError(self.name)
        else:
            value = self.bind.effective_value
        return value if self.convert is None else self.convert(value)


class _Prepared:
    """A statement as the driver takes it, and how its rows are made."""

    def __init__(self, statement: Executable) -> None:
        # Values that are to stand in the text, so that a partial index is seen to fit, do so in this form.
        compiled: Any = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})  # type: ignore[attr-defined]
        if compiled.post_compile_params:
            raise TypeError("a statement whose text depends on its values: use Dialect.is_one_of")
        self.sql: str = compiled.string
        self.arguments = [_argument(name, compiled.binds[name]) for name in compiled.positiontup or ()]
        columns = list(statement.selected_columns) if isinstance(statement, SelectBase) else []
        converts = ((place, _converter(column.type)) for place, column in enumerate(columns))
        self._converts = {place: convert for place, convert in converts if convert is not None}
        self._rows: Callable[[Sequence[Any]], list[Any]] | None = None

    def rows(self, records: Sequence[Any]) -> list[Any]:
        """Named tuples."""
        if not records:
            return []
        if self._rows is None:
            self._rows = _row_maker(tuple(records[0].keys()), self._converts)
        return self._rows(records)


def _row_maker(names: Sequence[str], converts: Mapping[int, Convert]) -> Callable[[Sequence[Any]], list[Any]]:
    """A function of records, generated for their columns: a loop over the columns would take most of the time."""
    row: Any = namedtuple("Row", names, rename=True)  # type: ignore[misc]
    if not converts:
        return lambda records: [row._make(record) for record in records]
    columns = [f"column_{place}" for place in range(len(names))]
    values = [f"convert_{place}({name})" if place in converts else name for place, name in enumerate(columns)]
    scope: dict[str, Any] = {f"convert_{place}": convert for place, convert in converts.items()}
    made = f"new(Row, ({', '.join(values)},))"
    text = f"lambda records: [{made} for {', '.join(columns)}, in records]"
    maker: Callable[[Sequence[Any]], list[Any]] = eval(text, {"new": tuple.__new__, "Row": row, **scope})  # noqa: S307 - numbered names, nothing else
    return maker


def _argument(name: str, bind: BindParameter[Any]) -> _Argument:
    of_type = bind.type
    if isinstance(of_type, ARRAY) and _binder(of_type.item_type) is None:
        return _Argument(name, bind, None)
    return _Argument(name, bind, _binder(of_type))


def _binder(of_type: TypeEngine[Any]) -> Convert | None:
    if isinstance(of_type, Enum):
        return None  # a member of a StrEnum is the text that is stored
    return of_type.dialect_impl(_DIALECT).bind_processor(_DIALECT)


def _converter(of_type: TypeEngine[Any]) -> Convert | None:
    if isinstance(of_type, UTCDateTime):
        return None  # the driver's are aware, and UTC
    if isinstance(of_type, Enum) and of_type.enum_class is not None:
        members: dict[Any, Any] = {member.value: member for member in of_type.enum_class}
        return members.get
    native = of_type.dialect_impl(_DIALECT)
    if isinstance(native, JSON):
        return _from_json
    return native.result_processor(_DIALECT, None)


def _from_json(text: str | None) -> Any:
    return None if text is None else orjson.loads(text)


class _Connection:
    """A connection that remembers how it plans."""

    def __init__(self, driver: Any) -> None:
        self.driver = driver
        self.plans_by_values: bool | None = False
        """None while that is being changed, or was given up."""

    async def fetch(self, prepared: _Prepared, arguments: Sequence[Any], by_values: bool) -> Sequence[Any]:
        """The records of one statement."""
        if by_values is not self.plans_by_values:
            self.plans_by_values = None
            await self.driver.execute(_PLAN_BY_VALUES if by_values else _PLAN_ONCE)
            self.plans_by_values = by_values
        records: Sequence[Any] = await self.driver.fetch(prepared.sql, *arguments)
        return records


class PostgresReads:
    """At most `size` connections, opened when they are needed, each statement a transaction of its own.

    PostgreSQL plans a statement once for each connection: most of ours are the same seeks whatever their values, and
    planning them anew would take it longer than running them. `settings` are PostgreSQL's, for each connection.
    Belongs to one event loop.
    """

    def __init__(self, url: URL, size: int, settings: Mapping[str, str], connect_seconds: float) -> None:
        _, options = _DIALECT.create_connect_args(url)
        planning = {"plan_cache_mode": "force_generic_plan"}
        self._options = {**options, "server_settings": {**settings, **planning}, "timeout": connect_seconds}
        self._size = size
        self._places = Places(size, POOL_TIMEOUT_SECONDS)
        self._closed = False
        self._idle: list[_Connection] = []
        self._prepared: WeakKeyDictionary[Executable, _Prepared] = WeakKeyDictionary()
        self.listeners: list[Listener] = []

    async def rows(self, statement: Executable, parameters: Mapping[str, Any], *, by_values: bool) -> Sequence[Any]:
        """All rows; `by_values` where the best plan depends on the values.

        Raises one of LOST without a connection, asyncpg.PostgresError for what the server refuses for
        now, ProgrammingError for a statement that is wrong.
        """
        prepared = self._prepared.get(statement)
        if prepared is None:
            prepared = self._prepared[statement] = _Prepared(statement)
        arguments = [argument.of(parameters) for argument in prepared.arguments]
        for tell in self.listeners:
            tell(prepared.sql, arguments)
        connection = await self._acquire()
        try:
            records = await connection.fetch(prepared, arguments, by_values)
        except LOST:
            connection.driver.terminate()
            raise
        except (asyncpg.SyntaxOrAccessError, asyncpg.DataError) as error:
            raise ProgrammingError(prepared.sql, None, error) from error
        finally:  # of a statement that was given up, too: asyncpg ends it before the next one begins
            self._release(connection)
        return prepared.rows(records)

    async def close(self) -> None:
        """Close the connections for good, once their reads have ended: one may outlive the request that asked for it.

        Those that take longer than anybody waits for a connection are cut when they end. Closed again, nothing happens.
        """
        if self._closed:
            return
        with suppress(TimeoutError):
            async with asyncio.timeout(POOL_TIMEOUT_SECONDS):
                for _ in range(self._size):
                    await self._places.take()
        self._closed = True
        while self._idle:
            await self._idle.pop().driver.close(timeout=POOL_TIMEOUT_SECONDS)

    async def _acquire(self) -> _Connection:
        await self._places.take()
        try:
            while self._idle:
                connection = self._idle.pop()  # the last one in: those beyond the need stay idle
                if not connection.driver.is_closed():
                    return connection
            return _Connection(await self.connect())
        except BaseException:
            self._places.give_back()
            raise

    async def connect(self) -> Any:
        """A connection of the caller's own, who closes it. Raises one of LOST."""
        try:
            return await asyncpg.connect(**self._options)
        except asyncpg.PostgresError as error:  # no such database or user, too many connections, starting up
            raise ConnectionError(type(error).__qualname__) from error

    def _release(self, connection: _Connection) -> None:
        if self._closed:
            connection.driver.terminate()
        elif not connection.driver.is_closed():
            self._idle.append(connection)
        self._places.give_back()
