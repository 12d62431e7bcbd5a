"""What is written when a customer changes hands, past the session's own records, and what these say of it then."""

from gql.db.engine import Database
from gql.db.models import Customer
from gql.domain.enums import SubjectKind
from gql.services.assigning import Move, managers_of, write_moves
from gql.services.audit import Actor
from tests.factories import World
from tests.records import current


async def test_a_record_at_hand_is_as_its_row_before_and_after(database: Database) -> None:
    """Nothing that was changed of it before is lost, nor written over what is new."""
    world = World(database)
    ada, bola, customer = await world.admin("super_admin"), await world.admin("account_manager"), await world.customer()
    async with database.begin() as session:
        record = await session.get_one(Customer, customer.id)
        bolas = (await managers_of(session, database.dialect, {bola.id}))[bola.id]
        record.version, record.name = 7, "New Name"
        moves, actor = [Move(record, None, None, bolas)], Actor(SubjectKind.ADMIN, ada.id)
        await write_moves(session, database.dialect, actor, moves, "r")
        assert (record.version, record.account_manager_id) == (8, bola.id)
        assert record.updated_at == record.manager_reviewed_at > customer.updated_at
        record.version += 1
    row = await current(database, customer)
    assert (row.version, row.name, row.account_manager_id) == (9, "New Name", bola.id)
    assert (row.updated_at, row.manager_reviewed_at) == (record.updated_at, record.manager_reviewed_at)
