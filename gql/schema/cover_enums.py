"""The enums of covers, described."""

from gql.domain.covers import CoverKind, CoverStatus
from gql.schema.fields import describe

describe(
    CoverKind,
    "What a cover opens.",
    LEAVE="An account manager's book, to a delegate.",
    BREAK_GLASS="One customer, to whoever broke the glass.",
)
describe(
    CoverStatus,
    "Whether a cover counts.",
    SCHEDULED="It begins by itself.",
    ACTIVE="It counts now.",
    EXPIRED="Its time is over.",
    ENDED="Somebody ended it early.",
)
