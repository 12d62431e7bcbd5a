"""How long an invisible customer takes, beside one who isn't there: by figures, over HTTP, a thousand times each.

"another type's field" looks nobody up, whoever is asked for: what its figures are apart is the machine's noise.
"""

import asyncio
import os
import statistics
import time
from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import httpx

from gql.auth.passwords import Passwords
from gql.db.engine import Database
from gql.db.models import Admin, Credential
from gql.domain.time import now
from tests.api.client import KEY
from tests.api.test_visibility_unseen import OPERATIONS, identifiers, of_nobody_there
from tests.api.visibility_world import SOMEONE, Lender, build
from tests.cheap_hashes import hash_as_the_product_does
from tests.e2e.conftest import serving
from tests.factories import World
from tests.leaks.lender import TOKEN_MINUTES, token_of
from tests.patience import PATIENCE

TIMES = int(os.environ.get("SOAK_REQUESTS", "1000"))
SIGN_INS = 60
MOST_APART = 0.1
"""Of the medians, as a share."""
MOST_OFTEN = 0.05
"""Of the chance that one of the one kind takes longer, from one half."""

WITHOUT_LIMITS = ("LOOKUPS_PER_MINUTE", "SIGN_IN_FAILURES_PER_ACCOUNT", "SIGN_IN_FAILURES_PER_ADDRESS")

SIGN_IN = """
    mutation($email: String!) {
        signIn(input: { email: $email, password: "not the password" }) { userErrors { code } }
    }
"""


class Compared(NamedTuple):
    """Two samples of seconds."""

    name: str
    unseen: Sequence[float]
    absent: Sequence[float]

    @property
    def ratio(self) -> float:
        """Of the medians."""
        return statistics.median(self.unseen) / statistics.median(self.absent)

    @property
    def longer(self) -> float:
        """The chance that an unseen one takes longer than an absent one (Mann and Whitney's U, as a share)."""
        absent = sorted(self.absent)
        below = sum(bisect_left(absent, one) + bisect_right(absent, one) for one in self.unseen) / 2
        return below / len(self.unseen) / len(absent)

    def __str__(self) -> str:
        medians = [statistics.median(sample) * 1e6 for sample in (self.unseen, self.absent)]
        return (
            f"{self.name:20} unseen {medians[0]:9.0f} us, absent {medians[1]:9.0f} us, "
            f"ratio {self.ratio:.3f}, unseen takes longer in {self.longer:.1%}, {len(self.unseen)} each"
        )


def _compare(
    http: httpx.Client, name: str, query: str, pair: tuple[Mapping[str, Any], Mapping[str, Any]], times: int
) -> Compared:
    """Ask for one and the other in turn, each as often, and who comes first in turn as well."""
    samples: tuple[list[float], list[float]] = [], []
    warming = min(50, times // 10)
    for number in range(times + warming):
        for which in (0, 1) if number % 2 else (1, 0):
            begun = time.perf_counter()
            http.post("/graphql", json={"query": query, "variables": pair[which]}).raise_for_status()
            if number >= warming:
                samples[which].append(time.perf_counter() - begun)
    return Compared(name, *samples)


async def _lender(url: str) -> tuple[Lender, str]:
    """A lender, and the token of an account manager who sees none of the customers that are someone else's."""
    lender = await build(url)
    database = Database(url)
    try:
        looker = await World(database).admin("account_manager", office=lender.offices["own"], email="looker@x.example")
        await _password(database, lender.someone)
        return lender, await token_of(database, looker)
    finally:
        await database.close()


async def _password(database: Database, admin: Admin) -> None:
    """One that is hashed as the product does."""
    with hash_as_the_product_does():
        passwords = Passwords(1)
    hashed = await passwords.hash("correct horse battery staple")
    passwords.close()
    async with database.begin() as session:
        session.add(Credential(admin_id=admin.id, password_hash=hashed, changed_at=now()))


def test_what_is_not_visible_takes_as_long_as_what_does_not_exist(database_url: str, tmp_path: Path) -> None:
    lender, token = asyncio.run(_lender(database_url))
    subject = next(one for one in lender.subjects if one.holder == SOMEONE)
    pair = identifiers(lender, subject), of_nobody_there(lender)
    settings = dict.fromkeys(WITHOUT_LIMITS, "1000000") | {
        "SECRET_KEY": KEY,
        "POINTS_PER_MINUTE": "0",
        "ACCESS_TOKEN_MINUTES": str(TOKEN_MINUTES),
    }
    print()
    with (
        serving(database_url, tmp_path, **settings) as server,
        httpx.Client(base_url=server.url, headers={"Authorization": f"Bearer {token}"}, timeout=PATIENCE) as http,
    ):
        compared = [
            _compare(http, name, OPERATIONS[name], pair, TIMES) for name in OPERATIONS if name != "search by name"
        ]
        emails = {"email": lender.someone.email}, {"email": "nobody@lender.example"}
        compared.append(_compare(http, "sign in", SIGN_IN, emails, SIGN_INS))
    for one in compared:
        print(one)
    assert [one.name for one in compared if abs(one.ratio - 1) > MOST_APART] == []
    assert [one.name for one in compared[:-1] if abs(one.longer - 0.5) > MOST_OFTEN] == []
