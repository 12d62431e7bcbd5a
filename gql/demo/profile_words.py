"""The words that invented profiles are made of."""

AREAS = (
    ("Ikeja", "Lagos"),
    ("Surulere", "Lagos"),
    ("Lekki", "Lagos"),
    ("Ibadan", "Oyo"),
    ("Abeokuta", "Ogun"),
    ("Abuja", "FCT"),
    ("Kano", "Kano"),
    ("Kaduna", "Kaduna"),
    ("Enugu", "Enugu"),
    ("Port Harcourt", "Rivers"),
)
STREETS = ("Allen Avenue", "Bode Thomas Street", "Market Road", "Station Road", "Church Street", "Unity Close")
SECTORS = ("Agriculture", "Construction", "Education", "Health", "Public service", "Retail", "Telecoms", "Transport")
INCOMES = (
    (50_000_00, 100_000_00),
    (100_000_00, 250_000_00),
    (250_000_00, 500_000_00),
    (500_000_00, 1_000_000_00),
    (1_000_000_00, None),
)
"""Of a month, in kobo: from, to."""
KIN_ARE = ("mother", "father", "sister", "brother", "spouse", "daughter", "son")
GUARANTORS_ARE = ("brother", "sister", "colleague", "employer", "landlord", "business partner")
TAGS = ("vip", "payroll", "referral", "watch", "first loan", "repeat borrower", "market day")
NOTES = (
    "Called about the instalment; pays by Friday.",
    "Visited the shop. Stock is well kept.",
    "Asked for a longer term next time.",
    "Wants to be called in the evening only.",
    "Brought the missing proof of address.",
    "Changed employer; new payslips to come.",
)
TIER_REASONS = ("Never late in a year", "Large savings", "Referred ten customers", "As the committee decided")
SAVINGS_PRODUCTS = ("Target Savings", "Daily Thrift")
