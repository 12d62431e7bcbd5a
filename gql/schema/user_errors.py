"""The channel of expected refusals: what every `userErrors` entry has."""

from typing import Any

import strawberry

from gql.domain.errors import Refusal
from gql.domain.user_errors import UserErrorCode
from gql.schema.fields import column, computed


@strawberry.interface(description="A reason why a mutation did nothing.")
class UserError:
    """Rows are `Refusal`."""

    message: str = column("A sentence for a person, which says what to do next.")
    field: list[str] | None = computed(
        lambda refusal: None if refusal.field is None else list(refusal.field),
        description="The path of the input field to mend, beginning below `input`; null where none is to blame.",
    )

    @classmethod
    def is_type_of(cls, obj: Any, info: Any) -> bool:
        """Each mutation's errors have a type of their own; all are refusals."""
        return isinstance(obj, Refusal)


@strawberry.type(description="Why a change that has no reasons of its own did nothing.")
class PlainUserError(UserError):
    """Rows are `Refusal`."""

    code: UserErrorCode = column("The reason, for programs.")


def user_errors() -> Any:
    """The `userErrors` of a plain mutation."""
    return column("Why nothing was changed; all reasons at once.")
