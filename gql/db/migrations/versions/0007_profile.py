"""Profiles, relations, guarantors, next of kin, notes, tags, tiers and savings."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0005"
branch_labels = None
depends_on = None

_SORT_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_TABLES = (
    "customer_addresses",
    "customer_notes",
    "customer_profiles",
    "customer_relations",
    "customer_tags",
    "guarantors",
    "next_of_kin",
    "savings_accounts",
    "tier_decisions",
)


def upgrade() -> None:
    """Apply."""
    # SQLite adds a constraint to a table with a column only, and Alembic would send it by itself.
    op.execute(
        "ALTER TABLE customers ADD COLUMN tier VARCHAR(32) "
        "CONSTRAINT ck_customers_tier CHECK (tier IN ('BRONZE', 'SILVER', 'GOLD', 'PLATINUM'))"
    )
    op.create_table(
        "customer_addresses",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        _one_of("kind", "HOME WORK POSTAL", nullable=False),
        sa.Column("street", sa.Text(), nullable=False),
        sa.Column("details", sa.Text(), nullable=True),
        sa.Column("city", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=True),
        sa.Column("postal_code", sa.Text(), nullable=True),
        sa.Column("country", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_addresses_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "position", name=op.f("pk_customer_addresses")),
    )
    op.create_table(
        "customer_notes",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("author_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["admins.id"], name=op.f("fk_customer_notes_author_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
    )
    op.create_index(
        "ix_customer_notes_customer_id_created_at_id", "customer_notes", ["customer_id", "created_at", "id"]
    )
    op.create_table(
        "customer_profiles",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("first_name", sa.Text(), nullable=True),
        sa.Column("middle_name", sa.Text(), nullable=True),
        sa.Column("last_name", sa.Text(), nullable=True),
        _one_of("gender", "FEMALE MALE OTHER", nullable=True),
        sa.Column("date_of_birth", sa.Date(), nullable=True),
        _one_of("marital_status", "SINGLE MARRIED SEPARATED DIVORCED WIDOWED", nullable=True),
        sa.Column("children", sa.BigInteger(), nullable=True),
        _one_of("residence_type", "OWNED RENTED FAMILY EMPLOYER OTHER", nullable=True),
        _one_of(
            "education_level", "NONE PRIMARY SECONDARY VOCATIONAL DIPLOMA BACHELOR MASTER DOCTORATE", nullable=True
        ),
        _one_of("employment_status", "EMPLOYED SELF_EMPLOYED UNEMPLOYED STUDENT RETIRED", nullable=True),
        sa.Column("sector", sa.Text(), nullable=True),
        sa.Column("employer_name", sa.Text(), nullable=True),
        _one_of("payroll_cycle", "DAILY WEEKLY FORTNIGHTLY MONTHLY IRREGULAR", nullable=True),
        sa.Column("employed_since", sa.Date(), nullable=True),
        sa.Column("office_email", sa.Text(), nullable=True),
        sa.Column("income_maximum_minor", sa.BigInteger(), nullable=True),
        sa.Column("income_minimum_minor", sa.BigInteger(), nullable=True),
        sa.Column("income_currency", sa.Text(), nullable=True),
        sa.Column("facebook", sa.Text(), nullable=True),
        sa.Column("instagram", sa.Text(), nullable=True),
        sa.Column("linked_in", sa.Text(), nullable=True),
        sa.Column("x", sa.Text(), nullable=True),
        sa.Column("website", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(income_minimum_minor IS NULL) = (income_currency IS NULL) "
            "AND (income_maximum_minor IS NULL OR income_minimum_minor IS NOT NULL)",
            name=op.f("ck_customer_profiles_income_has_currency"),
        ),
        sa.CheckConstraint("children >= 0", name=op.f("ck_customer_profiles_children_not_negative")),
        sa.CheckConstraint(
            "income_maximum_minor >= income_minimum_minor", name=op.f("ck_customer_profiles_income_is_range")
        ),
        sa.CheckConstraint("income_minimum_minor >= 0", name=op.f("ck_customer_profiles_income_not_negative")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_profiles_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_customer_profiles")),
    )
    op.create_table(
        "customer_relations",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("related_id", sa.Uuid(), nullable=False),
        _one_of("relation", "EMPLOYER EMPLOYEE GUARANTOR GUARANTEED", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("customer_id <> related_id", name=op.f("ck_customer_relations_not_to_self")),
        sa.ForeignKeyConstraint(["added_by_id"], ["admins.id"], name=op.f("fk_customer_relations_added_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_relations_customer_id")),
        sa.ForeignKeyConstraint(["related_id"], ["customers.id"], name=op.f("fk_customer_relations_related_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_relations")),
    )
    op.create_index(
        "ix_customer_relations_customer_id_relation_since_id",
        "customer_relations",
        ["customer_id", "relation", "since", "id"],
    )
    op.create_index("ix_customer_relations_customer_id_since_id", "customer_relations", ["customer_id", "since", "id"])
    op.create_index(
        "uq_customer_relations_employer",
        "customer_relations",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("relation = 'EMPLOYER'"),
        postgresql_where=sa.text("relation = 'EMPLOYER'"),
    )
    op.create_index(
        "uq_customer_relations_pair", "customer_relations", ["customer_id", "related_id", "relation"], unique=True
    )
    op.create_table(
        "customer_tags",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("tag", _SORT_TEXT, nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_customer_tags_customer_id")),
        sa.PrimaryKeyConstraint("customer_id", "tag", name=op.f("pk_customer_tags")),
    )
    op.create_index("ix_customer_tags_tag_customer_id", "customer_tags", ["tag", "customer_id"])
    op.create_table(
        "guarantors",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("guarantor_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.Text(), nullable=True),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(guarantor_id IS NULL) <> (name IS NULL)", name=op.f("ck_guarantors_customer_or_name")),
        sa.CheckConstraint("customer_id <> guarantor_id", name=op.f("ck_guarantors_not_for_self")),
        sa.ForeignKeyConstraint(["added_by_id"], ["admins.id"], name=op.f("fk_guarantors_added_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_guarantors_customer_id")),
        sa.ForeignKeyConstraint(["guarantor_id"], ["customers.id"], name=op.f("fk_guarantors_guarantor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_guarantors")),
    )
    op.create_index("ix_guarantors_customer_id_added_at_id", "guarantors", ["customer_id", "added_at", "id"])
    op.create_index("uq_guarantors_customer", "guarantors", ["customer_id", "guarantor_id"], unique=True)
    op.create_table(
        "next_of_kin",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("relationship", sa.Text(), nullable=True),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("address", sa.Text(), nullable=True),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["admins.id"], name=op.f("fk_next_of_kin_added_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_next_of_kin_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_next_of_kin")),
    )
    op.create_index("ix_next_of_kin_customer_id_added_at_id", "next_of_kin", ["customer_id", "added_at", "id"])
    op.create_table(
        "savings_accounts",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("number", _SORT_TEXT, nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        _one_of("status", "ACTIVE DORMANT CLOSED", nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("balance_minor", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("balance_minor >= 0", name=op.f("ck_savings_accounts_balance_not_negative")),
        sa.CheckConstraint("closed_at >= opened_at", name=op.f("ck_savings_accounts_closes_after_opening")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_savings_accounts_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_savings_accounts")),
        sa.UniqueConstraint("number", name=op.f("uq_savings_accounts_number")),
    )
    op.create_index(
        "ix_savings_accounts_customer_id_opened_at_id", "savings_accounts", ["customer_id", "opened_at", "id"]
    )
    op.create_table(
        "tier_decisions",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_by_id", sa.Uuid(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tier_decisions_customer_id")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["admins.id"], name=op.f("fk_tier_decisions_decided_by_id")),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_tier_decisions")),
    )


def downgrade() -> None:
    """Take back."""
    for table in _TABLES:
        op.drop_table(table)
    op.execute("ALTER TABLE customers DROP COLUMN tier")


def _one_of(name: str, values: str, *, nullable: bool) -> sa.Column[str]:
    kind = sa.Enum(*values.split(), name=name, native_enum=False, create_constraint=True, length=32)
    return sa.Column(name, kind, nullable=nullable)
