"""kill -9 at each step from an assignment to its mails: the committed ones are mailed, the rolled-back ones never."""

import pytest

from gql.db.engine import Database
from tests.delivery import plants
from tests.delivery.conftest import Until
from tests.delivery.dying import Plant, Step
from tests.delivery.rounds import aftermath

TIMES = 1
DOUBLING = {Step.AFTER_DATA, Step.BEFORE_MARK}
"""The steps between the mail server's word and our noting it: then a mail must come twice, with one Message-ID."""


@pytest.mark.parametrize("step", Step)
async def test_who_dies_at_a_step_loses_no_mail_and_sends_none_that_was_rolled_back(
    database: Database, database_url: str, until: Until, step: Step
) -> None:
    after = await aftermath(database, database_url, step, TIMES, until)
    assert after.wrong == []
    assert len(after.committed) == (0 if step is Step.BEFORE_COMMIT else TIMES)
    assert (after.doubled > 0) is (step in DOUBLING)


@pytest.mark.parametrize(
    ("plant", "step", "wrong"),
    [
        (plants.sent_before_the_commit, Step.BEFORE_COMMIT, "rolled back, and mailed"),
        (plants.written_after_the_commit, Step.AFTER_COMMIT, "committed, and 0 different mails"),
        (plants.marked_before_it_is_sent, Step.BEFORE_DATA, "committed, and 0 different mails"),
        (plants.a_message_id_for_each_attempt, Step.AFTER_DATA, "committed, and 2 different mails"),
    ],
)
async def test_what_would_break_that_is_found(
    database: Database, database_url: str, until: Until, plant: Plant, step: Step, wrong: str
) -> None:
    after = await aftermath(database, database_url, step, 1, until, plant)
    assert after.wrong
    assert all(wrong in found for found in after.wrong)
