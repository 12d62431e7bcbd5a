"""`me`: what customers see of their own profile."""

from datetime import date

from tests.api.client import Api
from tests.factories import World
from tests.profiles import next_of_kin, profile

PROFILE = """
{ me {
  kind
  personal { firstName lastName gender dateOfBirth maritalStatus children residenceType
    addresses { kind street details city state postalCode country } }
  employment { educationLevel status sector employerName payrollCycle employedSince officeEmail
    monthlyIncome { minimum { amount currency } maximum { amount } } }
  socials { facebook website }
  nextOfKin { name relationship phone email address }
  identifiers { kind masked }
  bankAccounts { bankName accountName masked currency primary }
} }
"""


async def test_a_customer_sees_their_own_profile_and_nobody_elses(api: Api, world: World) -> None:
    """As the back office wrote it down, with numbers masked; what others have is not mixed in."""
    customer, other = await world.customer(name="Ada Bello"), await world.customer(name="Zainab Obi")
    client = await api.sign_in(customer)
    unknown_of_a_person = (await client.data(PROFILE))["me"]
    assert unknown_of_a_person["personal"]["addresses"] == []
    assert unknown_of_a_person["personal"]["dateOfBirth"] is None
    assert unknown_of_a_person["employment"]["monthlyIncome"] is None
    assert [unknown_of_a_person[name] for name in ("nextOfKin", "identifiers", "bankAccounts")] == [[], [], []]

    await world.bank_account(customer, number="9876543210", is_primary=True)
    for whose, kin in ((customer, "Ngozi Obi"), (other, "Of Another")):
        await profile(world, whose, first_name=whose.name.split()[0], employed_since=date(2024, 2, 29))
        await next_of_kin(world, whose, kin)
        await world.identifier(whose, value="22212345678" if whose is customer else None)
        await world.bank_account(whose, number=None if whose is other else "0123456789")
    nobody = {"phone": None, "email": None, "address": None}
    account = {"bankName": "First Bank", "accountName": "Ada Bello", "currency": "NGN"}
    assert (await client.data(PROFILE))["me"] == {
        "kind": "PERSON",
        "personal": {
            "firstName": "Ada",
            "lastName": None,
            "gender": "FEMALE",
            "dateOfBirth": "1990-02-28",
            "maritalStatus": None,
            "children": None,
            "residenceType": None,
            "addresses": [
                {
                    "kind": "HOME",
                    "street": "1 Broad Street",
                    "details": None,
                    "city": "Lagos",
                    "state": None,
                    "postalCode": None,
                    "country": "NG",
                }
            ],
        },
        "employment": {
            "educationLevel": None,
            "status": "EMPLOYED",
            "sector": None,
            "employerName": "Employer of Ada Bello",
            "payrollCycle": None,
            "employedSince": "2024-02-29",
            "officeEmail": None,
            "monthlyIncome": {"minimum": {"amount": "100000.00", "currency": "NGN"}, "maximum": None},
        },
        "socials": {"facebook": None, "website": "https://ada.example"},
        "nextOfKin": [{"name": "Ngozi Obi", "relationship": "mother", **nobody}],
        "identifiers": [{"kind": "BVN", "masked": "•••• 5678"}],
        "bankAccounts": [
            {**account, "masked": "•••• 3210", "primary": True},
            {**account, "masked": "•••• 6789", "primary": False},
        ],
    }
