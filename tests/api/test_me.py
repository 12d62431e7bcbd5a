"""`me`: what a customer's web and mobile app show, and that a customer's token opens nothing else."""

from datetime import timedelta

from graphql import GraphQLField, is_required_argument

from gql.domain.ids import Kind
from gql.domain.time import today
from gql.schema.assembly import build_schema
from tests.api.client import Api, gid
from tests.api.mutations import assign
from tests.api.reading import Branch, build_branch, moment, rows, shared, unknown

branch, database_url = shared(build_branch)

ME = """
{ me {
  id number displayName email phone status statusMessage accountManager { name initials email phone office since }
  nextPayment { loanNumber dueOn overdue amount { amount currency } } callback { dueAt }
  loans { totalCount edges { node {
    id number product status principal { amount } outstanding { amount currency } arrears { amount } disbursedAt
    nextPayment { loanNumber dueOn overdue amount { amount } }
  } } }
} }
"""


async def test_a_customer_sees_their_profile_and_whom_to_turn_to(api: Api, branch: Branch) -> None:
    me = (await (await api.sign_in(branch.adaeze)).data(ME))["me"]
    assert moment(me["accountManager"].pop("since")) == branch.second.started_at
    assert {name: value for name, value in me.items() if name not in ("loans", "nextPayment")} == {
        "id": gid(branch.adaeze),
        "number": "C100001",
        "displayName": "Adaeze Okafor",
        "email": "adaeze@home.example",
        "phone": "+2348031234567",
        "status": "ACTIVE",
        "statusMessage": "Your account is in order.",
        "callback": None,
        "accountManager": {
            "name": "Bola Ade",
            "initials": "BA",
            "email": branch.bola.email,
            "phone": "+2348020000001",
            "office": "Lagos",
        },
    }


async def test_a_customer_sees_their_loans_and_what_is_to_be_paid_next(api: Api, branch: Branch) -> None:
    """Of three instalments of 100,000 one is paid and one was due five days ago; the other loan is paid."""
    me = (await (await api.sign_in(branch.adaeze)).data(ME))["me"]
    owed = {
        "loanNumber": branch.overdue.number,
        "dueOn": (today() - timedelta(days=5)).isoformat(),
        "overdue": True,
        "amount": {"amount": "100000.00"},
    }
    closed, open_one = rows(me["loans"])
    assert moment(open_one.pop("disbursedAt")) == branch.overdue.disbursed_at
    assert open_one == {
        "id": gid(branch.overdue),
        "number": branch.overdue.number,
        "product": "Salary loan",
        "status": "ACTIVE",
        "principal": {"amount": "300000.00"},
        "outstanding": {"amount": "200000.00", "currency": "NGN"},
        "arrears": {"amount": "100000.00"},
        "nextPayment": owed,
    }
    assert (closed["number"], closed["status"], closed["nextPayment"]) == (branch.closed_loan.number, "CLOSED", None)
    assert (closed["outstanding"], closed["arrears"]) == ({"amount": "0.00", "currency": "USD"}, {"amount": "0.00"})
    assert me["nextPayment"] == owed | {"amount": {"amount": "100000.00", "currency": "NGN"}}
    assert me["loans"]["totalCount"] == 2


async def test_who_owes_nothing_has_nothing_to_pay(api: Api, branch: Branch) -> None:
    me = (await (await api.sign_in(branch.depot)).data(ME))["me"]
    assert (me["nextPayment"], me["loans"]) == (None, {"totalCount": 0, "edges": []})


async def test_a_customer_without_a_manager_sees_none(api: Api, branch: Branch) -> None:
    me = (await (await api.sign_in(branch.nobodys)).data(ME))["me"]
    assert (me["displayName"], me["accountManager"]) == ("Nneka Obi", None)


async def test_a_suspended_customer_still_sees_whom_to_turn_to(api: Api, branch: Branch) -> None:
    me = (await (await api.sign_in(branch.suspended)).data(ME))["me"]
    assert (me["status"], me["accountManager"]["name"]) == ("SUSPENDED", "Bola Ade")
    assert "on hold" in me["statusMessage"]


async def test_a_new_account_manager_shows_at_once(api: Api, branch: Branch) -> None:
    app = await api.sign_in(branch.depot)
    assert (await app.data(ME))["me"]["accountManager"]["name"] == "Bola Ade"
    await assign(await api.sign_in(branch.portfolio), branch.depot, branch.chidi)
    manager = (await app.data(ME))["me"]["accountManager"]
    assert (manager["name"], manager["phone"]) == ("Chidi Eze", None)
    await assign(await api.sign_in(branch.super_admin), branch.depot, branch.bola)


async def test_an_admin_is_no_customer(api: Api, branch: Branch) -> None:
    assert await (await api.sign_in(branch.super_admin)).codes(ME) == ["FORBIDDEN"]


async def test_nobody_has_no_profile(api: Api, branch: Branch) -> None:
    assert await api.anonymous.codes(ME) == ["UNAUTHENTICATED"]


async def test_a_customers_token_reads_their_own_record_and_nothing_else(api: Api, branch: Branch) -> None:
    """Every field of Query, also those that are added later; IDs are the customer's own, as far as there is one."""
    client = await api.sign_in(branch.adaeze)
    query_type = build_schema()._schema.query_type
    assert query_type is not None
    answered = set()
    for name, field in query_type.fields.items():
        answer = await client.answer(f"{{ {name}{_arguments(field, gid(branch.adaeze))} {{ __typename }} }}")
        errors = [error["extensions"]["code"] for error in answer.get("errors", [])]
        if errors:
            assert errors == ["FORBIDDEN"], name
            assert answer["data"] in (None, {name: None})
        else:
            answered.add(name)
    assert answered == {"viewer", "me"}


async def test_a_customers_token_changes_nothing(api: Api, branch: Branch) -> None:
    client = await api.sign_in(branch.adaeze)
    group, customer, admin = gid(branch.sme), gid(branch.adaeze), unknown(Kind.ADMIN)
    for field in (
        f'assignAccountManager(input: {{customerId: "{customer}", accountManagerId: "{admin}"}})',
        f'addGroupMember(input: {{groupId: "{group}", customerId: "{customer}"}})',
    ):
        data = await client.data(f"mutation {{ done: {field} {{ userErrors {{ ... on UserError {{ message }} }} }} }}")
        assert len(data["done"]["userErrors"]) == 1
        codes = await client.data(f"mutation {{ done: {field} {{ userErrors {{ code }} }} }}")
        assert codes == {"done": {"userErrors": [{"code": "FORBIDDEN"}]}}


def _arguments(field: GraphQLField, value: str) -> str:
    """What the field requires: IDs, in lists or not, a value of an enum, or a rule."""
    required = {name: str(a.type) for name, a in field.args.items() if is_required_argument(a)}
    assert set(required.values()) <= {"ID!", "[ID!]!", "BalanceBy!", "CriteriaInput!"}
    literals = {
        "ID!": f'"{value}"',
        "[ID!]!": f'["{value}"]',
        "BalanceBy!": "COUNT",
        "CriteriaInput!": "{ status: [ACTIVE] }",
    }
    given = [f"{name}: {literals[kind]}" for name, kind in required.items()]
    return f"({', '.join(given)})" if given else ""
