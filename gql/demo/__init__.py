"""A demo lender: invented offices, staff, customers, groups and loans, the same for the same seed number.

Its password is public, so `seed` refuses any database that holds something else.
"""

from gql.demo.credentials import PASSWORD
from gql.demo.plan import SMALLEST, InvalidSize
from gql.demo.seeding import NotADemo, Progress, SeedReport, seed

__all__ = ["PASSWORD", "SMALLEST", "InvalidSize", "NotADemo", "Progress", "SeedReport", "seed"]
