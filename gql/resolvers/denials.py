"""Denied attempts on record: the one place that every root field passes, whatever noun it is of."""

import dataclasses
from collections.abc import Awaitable, Iterator, Mapping
from typing import Any

from gql.context import Context
from gql.domain.denials import is_denied, is_denied_request
from gql.domain.errors import MalformedId, RequestError
from gql.domain.ids import Kind, parse_global_id
from gql.services.denials import Subject


async def on_record(context: Context, operation: str, arguments: Mapping[str, Any], answer: Awaitable[Any]) -> Any:
    """Await a root field's answer. Where it says no, that is recorded before anybody is told.

    What was begun for the answer has been rolled back by then. Raises what the field raises, and Unavailable.
    """
    try:
        payload = await answer
    except RequestError as error:
        if is_denied_request(error.code):
            await _record(context, operation, [error.code], _subject(arguments))
        raise
    refusals = getattr(payload, "user_errors", ())
    if refusals:
        codes, subject = [refusal.code for refusal in refusals], _subject(arguments)
        if is_denied(codes, None if subject is None else subject.kind):
            await _record(context, operation, codes, subject)
    return payload


async def _record(context: Context, operation: str, codes: list[Any], subject: Subject | None) -> None:
    account, context.denied_account = context.denied_account, None
    await context.application.denials.record(context.actor, operation, codes, account or subject)


def _subject(arguments: Mapping[str, Any]) -> Subject | None:
    """What the arguments name by an ID of ours: the customer, or else the first. By what a list is filtered is none."""
    named = list(_named(arguments))
    customer_id = next((key for kind, key in named if kind is Kind.CUSTOMER), None)
    if customer_id is not None:
        return Subject("customer", customer_id)
    for kind, key in named:
        return Subject(kind.name.lower(), key)
    return None


def _named(arguments: Mapping[str, Any]) -> Iterator[tuple[Kind, Any]]:
    for name, value in arguments.items():
        if name == "input" and dataclasses.is_dataclass(value) and not isinstance(value, type):
            yield from _named({field.name: getattr(value, field.name) for field in dataclasses.fields(value)})
        elif isinstance(value, str) and (name == "id" or name.endswith("_id")):
            try:
                yield parse_global_id(value)
            except MalformedId:
                continue
