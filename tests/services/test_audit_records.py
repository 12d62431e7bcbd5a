"""What services record: an event about a customer's record names the customer, or their trail doesn't have it."""

import ast
from collections.abc import Iterator
from pathlib import Path

from gql.domain.audit import OF_NO_CUSTOMER

SERVICES = Path(__file__).parents[2] / "gql" / "services"


def _recordings() -> Iterator[tuple[str, ast.Call]]:
    """Each call of `audit.record`, and where it is."""
    for path in sorted(SERVICES.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "audit.record":
                yield f"{path.name}:{node.lineno}", node


def _names_a_customer(call: ast.Call) -> bool:
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    kind = given["subject_kind"]
    if not isinstance(kind, ast.Constant):
        return True  # an account's, a customer's or an admin's
    if kind.value == "customer" or kind.value in OF_NO_CUSTOMER or "customer_id" in given:
        return True
    details = given.get("details")
    return isinstance(details, ast.Dict) and "customer_id" in [
        ast.unparse(key).strip("'") for key in details.keys if key
    ]


def test_every_event_about_a_customers_record_names_the_customer() -> None:
    recordings = dict(_recordings())
    assert len(recordings) > 5
    assert [place for place, call in recordings.items() if not _names_a_customer(call)] == []
