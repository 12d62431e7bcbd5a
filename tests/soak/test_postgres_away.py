"""PostgreSQL stopped ten times and killed ten times under load, for as long as a restart may take each time."""

import random
from pathlib import Path

from tests.faults.outage import HEALTHY_WITHIN, MOST_CONNECTIONS, outages
from tests.faults.postgres import OwnPostgres, own_postgres

EACH = 10


def test_postgresql_stopped_and_killed_twenty_times_under_load(tmp_path: Path) -> None:
    hows = [OwnPostgres.stop_at_once, OwnPostgres.kill] * EACH
    random.shuffle(hows)
    with own_postgres() as postgres, outages(postgres, tmp_path, customers=200, groups=100) as lender:
        files = lender.warm_up()
        print(f"\nhealthy within {HEALTHY_WITHIN} s, with at most {MOST_CONNECTIONS} connections:")
        for how in hows:
            print(lender.once(how, away=random.uniform(0.2, 3)))
        lender.check(files)
        told = lender.told
        print(f"answers: {dict(told.counts)}, the longest after {told.longest:.2f} s")
        print(f"acknowledged and kept: {len(told.assigned)} assignments, {len(told.added)} memberships, all mails sent")
