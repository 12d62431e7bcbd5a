"""The enums of a customer's profile, its relations and its back office, as the API shows them."""

from gql.domain.back_office import CustomerTier, SavingsStatus
from gql.domain.profile import (
    AddressKind,
    EducationLevel,
    EmploymentStatus,
    Gender,
    MaritalStatus,
    PayrollCycle,
    ResidenceType,
)
from gql.domain.relations import Relation
from gql.schema.fields import describe

describe(
    Gender,
    "As the identity document has it.",
    FEMALE="The document says female.",
    MALE="The document says male.",
    OTHER="The document says neither.",
)
describe(
    MaritalStatus,
    "Whether somebody is, or was, married.",
    SINGLE="Never married.",
    MARRIED="Married, by whatever law.",
    SEPARATED="Married, but living apart.",
    DIVORCED="Not married any more.",
    WIDOWED="The spouse has died.",
)
describe(
    ResidenceType,
    "By what right somebody lives where they live.",
    OWNED="It is their own, mortgaged or not.",
    RENTED="They pay rent.",
    FAMILY="With family, without rent.",
    EMPLOYER="Their employer provides it.",
    OTHER="None of these.",
)
describe(
    AddressKind,
    "What an address is for.",
    HOME="Where they live; of a company, its seat.",
    WORK="Where they work.",
    POSTAL="Where letters reach them.",
)
describe(
    EducationLevel,
    "The highest level of education that was completed.",
    NONE="No school was completed.",
    PRIMARY="Primary school.",
    SECONDARY="Secondary school.",
    VOCATIONAL="A trade, or vocational training.",
    DIPLOMA="OND, HND, NCE and the like.",
    BACHELOR="A first degree.",
    MASTER="A second degree.",
    DOCTORATE="A doctor's degree.",
)
describe(
    EmploymentStatus,
    "How somebody earns a living.",
    EMPLOYED="By an employer's wages.",
    SELF_EMPLOYED="By a business or trade of their own.",
    UNEMPLOYED="Without work at present.",
    STUDENT="In education.",
    RETIRED="By a pension, or savings.",
)
describe(
    PayrollCycle,
    "How often wages come.",
    DAILY="Each working day.",
    WEEKLY="Once a week.",
    FORTNIGHTLY="Every second week.",
    MONTHLY="Once a month.",
    IRREGULAR="Whenever there is work.",
)
describe(
    Relation,
    "What a related customer is to a customer.",
    "CustomerRelation",
    EMPLOYER="The related one employs the customer.",
    EMPLOYEE="The related one is employed by the customer.",
    GUARANTOR="The related one answers for the customer.",
    GUARANTEED="The customer answers for the related one.",
)
describe(
    CustomerTier,
    "How a customer is served: four steps. What the lender calls them is the console's to say.",
    BRONZE="The first step.",
    SILVER="The second step.",
    GOLD="The third step.",
    PLATINUM="The highest step.",
)
describe(
    SavingsStatus,
    "Where a savings account stands.",
    ACTIVE="Money comes and goes.",
    DORMANT="Not used for long: asks to be woken before money moves.",
    CLOSED="Ended; kept for the record.",
)
