"""What customers do themselves."""

from dataclasses import dataclass
from typing import Any, Final

from gql.context import Context
from gql.db.queries.me import CallbackRow, MeRow, read_me
from gql.domain import interactions
from gql.domain import own_contact as rules
from gql.domain.errors import BadUserInput, Refusal, Refused
from gql.domain.viewer import CustomerViewer
from gql.resolvers.arguments import Arguments, idempotency_key_of, moment_of, text
from gql.services.own_contact import RequestCallback, UpdateMyContact

_LONGEST_GIVEN: Final = 254


@dataclass(frozen=True, slots=True)
class OwnPayload:
    """The customer's own records as they are now."""

    me: MeRow | None = None
    callback: CallbackRow | None = None
    changed: bool = False
    replayed: bool = False
    user_errors: tuple[Refusal, ...] = ()


async def update_contact(context: Context, arguments: Arguments) -> OwnPayload:
    """Change one's own email or phone."""
    wish = UpdateMyContact(
        current_password=arguments["current_password"],
        email=_given(arguments, "email"),
        phone=_given(arguments, "phone"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if not isinstance(context.viewer, CustomerViewer):
        return OwnPayload(user_errors=(rules.ONLY_CUSTOMERS,))
    try:
        done = await context.application.own_contact.update(context.actor, context.viewer, wish)
    except Refused as refused:
        return OwnPayload(user_errors=refused.refusals)
    context.renew()
    me = await read_me(context.database, context.viewer.customer_id)
    return OwnPayload(me, changed=done.changed, replayed=done.replayed)


async def request_callback(context: Context, arguments: Arguments) -> OwnPayload:
    """Ask to be called."""
    wish = RequestCallback(
        note=text(arguments.get("note"), "note", interactions.LONGEST_NOTE),
        preferred_time=moment_of(arguments, "preferred_time"),
        idempotency_key=idempotency_key_of(arguments),
    )
    if not isinstance(context.viewer, CustomerViewer):
        return OwnPayload(user_errors=(interactions.ONLY_CUSTOMERS,))
    try:
        done = await context.application.own_contact.request_callback(context.actor, context.viewer, wish)
    except Refused as refused:
        return OwnPayload(user_errors=refused.refusals)
    context.renew()
    callback: Any = await context.loaders.one("own_callback", context.viewer.customer_id)
    return OwnPayload(callback=callback, changed=done.changed, replayed=done.replayed)


def _given(arguments: Arguments, name: str) -> str | None:
    """What may be an address or a number; what can be none is refused later, with all else that is wrong."""
    value: str | None = arguments.get(name)
    if value is not None and len(value) > _LONGEST_GIVEN:
        raise BadUserInput(f"`{name}` has {len(value)} characters; at most {_LONGEST_GIVEN} are allowed.")
    return value
