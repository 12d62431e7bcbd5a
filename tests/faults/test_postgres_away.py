"""PostgreSQL stopped and killed under load, once each; `make soak` does it twenty times."""

from pathlib import Path

import pytest

from tests.faults.outage import outages
from tests.faults.postgres import OwnPostgres, own_postgres


def test_postgresql_stopped_and_killed_under_load(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """No acknowledged write is lost, clients get 503 and nothing else, and all is well soon after its return."""
    if request.config.getoption("--database") == "sqlite":
        pytest.skip("PostgreSQL only")
    with own_postgres() as postgres, outages(postgres, tmp_path, customers=50, groups=20) as lender:
        files = lender.warm_up()
        for how in (OwnPostgres.stop_at_once, OwnPostgres.kill):
            lender.once(how, away=0.5)
        lender.check(files)
