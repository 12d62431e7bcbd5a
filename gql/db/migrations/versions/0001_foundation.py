"""Foundation: people, groups, loans, sign-in and the record of changes; the built-in roles as rows."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
_SORT_TEXT = sa.String().with_variant(sa.String(collation="C"), "postgresql")

_ROLES = [
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000001"),
        "key": "super_admin",
        "name": "Super admin",
        "description": "Sees and does everything, everywhere.",
        "permissions": [
            "admin.write",
            "audit.read",
            "customer.assign",
            "customer.lookup",
            "customer.read",
            "customer.status",
            "customer.write",
            "group.export",
            "group.members.read",
            "group.members.write",
            "group.read",
            "group.write",
            "office.write",
            "role.write",
            "workload.read",
        ],
        "assigned_level": 2,
        "unassigned_level": 2,
        "scope": "ALL",
        "shown_when_limited": [],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000002"),
        "key": "compliance_officer",
        "name": "Compliance officer",
        "description": "Sees every customer, with reads audited; changes statuses and groups; never holds a book.",
        "permissions": [
            "audit.read",
            "customer.lookup",
            "customer.read",
            "customer.status",
            "group.export",
            "group.members.read",
            "group.members.write",
            "group.read",
            "group.write",
            "workload.read",
        ],
        "assigned_level": 2,
        "unassigned_level": 2,
        "scope": "ALL",
        "shown_when_limited": [],
        "never_holds_book": True,
        "reads_audited": True,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000003"),
        "key": "portfolio_manager",
        "name": "Portfolio manager",
        "description": "Runs the portfolio of an office and those beneath it: assigns account managers, keeps groups.",
        "permissions": [
            "customer.assign",
            "customer.lookup",
            "customer.read",
            "customer.status",
            "customer.write",
            "group.export",
            "group.members.read",
            "group.members.write",
            "group.read",
            "group.write",
            "workload.read",
        ],
        "assigned_level": 2,
        "unassigned_level": 2,
        "scope": "SUBTREE",
        "shown_when_limited": [],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000004"),
        "key": "group_administrator",
        "name": "Group administrator",
        "description": "Keeps the groups of an office and those beneath it.",
        "permissions": [
            "customer.lookup",
            "customer.read",
            "group.export",
            "group.members.read",
            "group.members.write",
            "group.read",
            "group.write",
        ],
        "assigned_level": 1,
        "unassigned_level": 1,
        "scope": "SUBTREE",
        "shown_when_limited": ["groups"],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000005"),
        "key": "account_manager",
        "name": "Account manager",
        "description": "Looks after a book of customers; of the others, sees only who in the office is nobody's.",
        "permissions": ["customer.read", "group.members.read", "group.read"],
        "assigned_level": 0,
        "unassigned_level": 1,
        "scope": "OWN_OFFICE",
        "shown_when_limited": [],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000006"),
        "key": "collections_officer",
        "name": "Collections officer",
        "description": "Follows up on arrears in an office and those beneath it.",
        "permissions": ["customer.lookup", "customer.read", "group.members.read", "group.read"],
        "assigned_level": 1,
        "unassigned_level": 1,
        "scope": "SUBTREE",
        "shown_when_limited": ["email", "loansInArrears", "phone"],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000007"),
        "key": "team_member",
        "name": "Team member",
        "description": "Serves the customers of an office whom nobody manages yet.",
        "permissions": ["customer.read", "customer.write", "group.members.read", "group.read"],
        "assigned_level": 1,
        "unassigned_level": 2,
        "scope": "OWN_OFFICE",
        "shown_when_limited": [],
        "never_holds_book": False,
        "reads_audited": False,
        "built_in": True,
    },
    {
        "id": UUID("0192f0e0-0000-7000-8000-000000000008"),
        "key": "auditor",
        "name": "Auditor",
        "description": "Reads audit events and workloads everywhere; of customers, sees the outline; "
        "never holds a book.",
        "permissions": ["audit.read", "customer.read", "group.members.read", "group.read", "workload.read"],
        "assigned_level": 1,
        "unassigned_level": 1,
        "scope": "ALL",
        "shown_when_limited": [],
        "never_holds_book": True,
        "reads_audited": False,
        "built_in": True,
    },
]


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "audit_events",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "actor_kind",
            sa.Enum(
                "ADMIN",
                "CUSTOMER",
                "SYSTEM",
                name="actor_kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject_kind", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=True),
        sa.Column("details", _JSON, nullable=False),
        sa.Column("request_id", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_events")),
    )
    op.create_index(
        op.f("ix_audit_events_actor_id_action_at"), "audit_events", ["actor_id", "action", "at"], unique=False
    )
    op.create_index(op.f("ix_audit_events_at_id"), "audit_events", ["at", "id"], unique=False)
    op.create_index(op.f("ix_audit_events_subject_id_at"), "audit_events", ["subject_id", "at"], unique=False)

    op.create_table(
        "idempotency_keys",
        sa.Column("actor_id", sa.Uuid(), nullable=False),
        sa.Column("operation", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("answer", _JSON, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_idempotency_keys")),
        sa.UniqueConstraint("actor_id", "operation", "key", name=op.f("uq_idempotency_keys_actor_id_operation_key")),
    )
    op.create_index(op.f("ix_idempotency_keys_created_at"), "idempotency_keys", ["created_at"], unique=False)

    op.create_table(
        "installation_facts",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation_facts")),
    )
    op.create_table(
        "offices",
        sa.Column("name", _SORT_TEXT, nullable=False),
        sa.Column("search_name", _SORT_TEXT, nullable=False),
        sa.Column("parent_id", sa.Uuid(), nullable=True),
        sa.Column(
            "status",
            sa.Enum("ACTIVE", "INACTIVE", name="status", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_offices_not_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["offices.id"], name=op.f("fk_offices_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_offices")),
        sa.UniqueConstraint("name", name=op.f("uq_offices_name")),
    )
    op.create_index(op.f("ix_offices_name_id"), "offices", ["name", "id"], unique=False)
    op.create_index(op.f("ix_offices_parent_id_name_id"), "offices", ["parent_id", "name", "id"], unique=False)
    op.create_index(op.f("ix_offices_status_name_id"), "offices", ["status", "name", "id"], unique=False)
    op.create_index(op.f("ix_offices_search_name"), "offices", ["search_name"], unique=False)

    op.create_table(
        "outbox_messages",
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("recipient", sa.Text(), nullable=False),
        sa.Column("payload", _JSON, nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "DELIVERED",
                "DEAD",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.BigInteger(), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
    )
    op.create_index(op.f("ix_outbox_messages_subject_id_id"), "outbox_messages", ["subject_id", "id"], unique=False)
    op.create_index(
        "ix_outbox_messages_waiting",
        "outbox_messages",
        ["not_before", "id"],
        unique=False,
        sqlite_where=sa.text("status = 'PENDING'"),
        postgresql_where=sa.text("status = 'PENDING'"),
    )

    op.create_table(
        "risk_categories",
        sa.Column("name", _SORT_TEXT, nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_risk_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_risk_categories_name")),
    )
    op.create_table(
        "roles",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("permissions", _JSON, nullable=False),
        sa.Column("assigned_level", sa.BigInteger(), nullable=False),
        sa.Column("unassigned_level", sa.BigInteger(), nullable=False),
        sa.Column(
            "scope",
            sa.Enum(
                "OWN_OFFICE",
                "SUBTREE",
                "ALL",
                name="scope",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("shown_when_limited", _JSON, nullable=False),
        sa.Column("never_holds_book", sa.Boolean(), nullable=False),
        sa.Column("reads_audited", sa.Boolean(), nullable=False),
        sa.Column("built_in", sa.Boolean(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("assigned_level BETWEEN 0 AND 2", name=op.f("ck_roles_assigned_level")),
        sa.CheckConstraint("unassigned_level BETWEEN 0 AND 2", name=op.f("ck_roles_unassigned_level")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("key", name=op.f("uq_roles_key")),
    )
    op.create_table(
        "admins",
        sa.Column("email", _SORT_TEXT, nullable=False),
        sa.Column("name", _SORT_TEXT, nullable=False),
        sa.Column("search_name", _SORT_TEXT, nullable=False),
        sa.Column("phone", sa.Text(), nullable=True),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "INVITED",
                "ACTIVE",
                "INACTIVE",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_admins_email_lower")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_admins_office_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_admins")),
        sa.UniqueConstraint("email", name=op.f("uq_admins_email")),
    )
    op.create_index(op.f("ix_admins_name_id"), "admins", ["name", "id"], unique=False)
    op.create_index(op.f("ix_admins_office_id_name_id"), "admins", ["office_id", "name", "id"], unique=False)
    op.create_index(op.f("ix_admins_status_name_id"), "admins", ["status", "name", "id"], unique=False)
    op.create_index(op.f("ix_admins_search_name"), "admins", ["search_name"], unique=False)

    op.create_table(
        "risk_category_exclusions",
        sa.Column("category_id", sa.Uuid(), nullable=False),
        sa.Column("other_category_id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("category_id < other_category_id", name=op.f("ck_risk_category_exclusions_ordered")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["risk_categories.id"], name=op.f("fk_risk_category_exclusions_category_id")
        ),
        sa.ForeignKeyConstraint(
            ["other_category_id"],
            ["risk_categories.id"],
            name=op.f("fk_risk_category_exclusions_other_category_id"),
        ),
        sa.PrimaryKeyConstraint("category_id", "other_category_id", name=op.f("pk_risk_category_exclusions")),
    )
    op.create_index(
        op.f("ix_risk_category_exclusions_other_category_id"),
        "risk_category_exclusions",
        ["other_category_id"],
        unique=False,
    )

    op.create_table(
        "admin_roles",
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_admin_roles_admin_id")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_admin_roles_role_id")),
        sa.PrimaryKeyConstraint("admin_id", "role_id", name=op.f("pk_admin_roles")),
    )
    op.create_index(op.f("ix_admin_roles_role_id"), "admin_roles", ["role_id"], unique=False)

    op.create_table(
        "customers",
        sa.Column("number", _SORT_TEXT, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("PERSON", "COMPANY", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", _SORT_TEXT, nullable=False),
        sa.Column("search_name", _SORT_TEXT, nullable=False),
        sa.Column("search_name_reversed", _SORT_TEXT, nullable=False),
        sa.Column("email", _SORT_TEXT, nullable=False),
        sa.Column("phone", _SORT_TEXT, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "PENDING",
                "ACTIVE",
                "INACTIVE",
                "SUSPENDED",
                "BLACKLISTED",
                "ARCHIVED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("status_reason", sa.Text(), nullable=True),
        sa.Column("status_changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status_changed_by_id", sa.Uuid(), nullable=True),
        sa.Column("office_id", sa.Uuid(), nullable=False),
        sa.Column("account_manager_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("email = lower(email)", name=op.f("ck_customers_email_lower")),
        sa.ForeignKeyConstraint(["account_manager_id"], ["admins.id"], name=op.f("fk_customers_account_manager_id")),
        sa.ForeignKeyConstraint(["office_id"], ["offices.id"], name=op.f("fk_customers_office_id")),
        sa.ForeignKeyConstraint(
            ["status_changed_by_id"], ["admins.id"], name=op.f("fk_customers_status_changed_by_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("email", name=op.f("uq_customers_email")),
        sa.UniqueConstraint("number", name=op.f("uq_customers_number")),
        sa.UniqueConstraint("phone", name=op.f("uq_customers_phone")),
    )
    op.create_index(
        op.f("ix_customers_account_manager_id_created_at_id"),
        "customers",
        ["account_manager_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customers_account_manager_id_name_id"),
        "customers",
        ["account_manager_id", "name", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_customers_created_at_id"), "customers", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_customers_name_id"), "customers", ["name", "id"], unique=False)
    op.create_index(
        "ix_customers_managed_created_at",
        "customers",
        ["office_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("account_manager_id IS NOT NULL"),
        postgresql_where=sa.text("account_manager_id IS NOT NULL"),
    )
    op.create_index(
        "ix_customers_managed_name",
        "customers",
        ["office_id", "name", "id"],
        unique=False,
        sqlite_where=sa.text("account_manager_id IS NOT NULL"),
        postgresql_where=sa.text("account_manager_id IS NOT NULL"),
    )
    op.create_index(
        "ix_customers_nobodys_created_at",
        "customers",
        ["office_id", "created_at", "id"],
        unique=False,
        sqlite_where=sa.text("account_manager_id IS NULL"),
        postgresql_where=sa.text("account_manager_id IS NULL"),
    )
    op.create_index(
        "ix_customers_nobodys_name",
        "customers",
        ["office_id", "name", "id"],
        unique=False,
        sqlite_where=sa.text("account_manager_id IS NULL"),
        postgresql_where=sa.text("account_manager_id IS NULL"),
    )
    op.create_index(
        op.f("ix_customers_office_id_created_at_id"),
        "customers",
        ["office_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_customers_office_id_name_id"), "customers", ["office_id", "name", "id"], unique=False)
    op.create_index(op.f("ix_customers_search_name"), "customers", ["search_name"], unique=False)
    op.create_index(op.f("ix_customers_search_name_reversed"), "customers", ["search_name_reversed"], unique=False)
    op.create_index(
        op.f("ix_customers_status_created_at_id"), "customers", ["status", "created_at", "id"], unique=False
    )

    op.create_table(
        "groups",
        sa.Column("name", _SORT_TEXT, nullable=False),
        sa.Column("search_name", _SORT_TEXT, nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "INACTIVE",
                "ACTIVE",
                "SUSPENDED",
                "ARCHIVED",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "purpose",
            sa.Enum(
                "PRODUCT",
                "RISK",
                "GEOGRAPHY",
                "SEGMENT",
                "CAMPAIGN",
                "COLLECTIONS",
                "OTHER",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("criteria_text", sa.Text(), nullable=False),
        sa.Column("criteria", _JSON, nullable=True),
        sa.Column("maximum_members", sa.BigInteger(), nullable=True),
        sa.Column("member_count", sa.BigInteger(), nullable=False),
        sa.Column("risk_category_id", sa.Uuid(), nullable=True),
        sa.Column("created_by_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("maximum_members > 0", name=op.f("ck_groups_maximum_positive")),
        sa.CheckConstraint("member_count <= maximum_members", name=op.f("ck_groups_member_count_within_maximum")),
        sa.CheckConstraint("member_count >= 0", name=op.f("ck_groups_member_count_not_negative")),
        sa.ForeignKeyConstraint(["created_by_id"], ["admins.id"], name=op.f("fk_groups_created_by_id")),
        sa.ForeignKeyConstraint(["risk_category_id"], ["risk_categories.id"], name=op.f("fk_groups_risk_category_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_groups_name")),
    )
    op.create_index(op.f("ix_groups_created_at_id"), "groups", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_groups_member_count_id"), "groups", ["member_count", "id"], unique=False)
    op.create_index(op.f("ix_groups_name_id"), "groups", ["name", "id"], unique=False)
    op.create_index(op.f("ix_groups_purpose_name_id"), "groups", ["purpose", "name", "id"], unique=False)
    op.create_index(op.f("ix_groups_risk_category_id"), "groups", ["risk_category_id"], unique=False)
    op.create_index(op.f("ix_groups_search_name"), "groups", ["search_name"], unique=False)
    op.create_index(op.f("ix_groups_status_name_id"), "groups", ["status", "name", "id"], unique=False)
    op.create_index(op.f("ix_groups_updated_at_id"), "groups", ["updated_at", "id"], unique=False)

    op.create_table(
        "assignments",
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("admin_id", sa.Uuid(), nullable=False),
        sa.Column("assigned_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_assignments_ends_after_start")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_assignments_admin_id")),
        sa.ForeignKeyConstraint(["assigned_by_id"], ["admins.id"], name=op.f("fk_assignments_assigned_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_assignments_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
    )
    op.create_index(op.f("ix_assignments_admin_id_started_at"), "assignments", ["admin_id", "started_at"], unique=False)
    op.create_index(
        op.f("ix_assignments_customer_id_started_at_id"),
        "assignments",
        ["customer_id", "started_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_assignments_open",
        "assignments",
        ["customer_id"],
        unique=True,
        sqlite_where=sa.text("ended_at IS NULL"),
        postgresql_where=sa.text("ended_at IS NULL"),
    )

    op.create_table(
        "credentials",
        sa.Column("admin_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(admin_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_credentials_one_subject")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_credentials_admin_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_credentials_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("admin_id", name=op.f("uq_credentials_admin_id")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_credentials_customer_id")),
    )
    op.create_table(
        "loans",
        sa.Column("number", _SORT_TEXT, nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("product", sa.Text(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "ACTIVE",
                "CLOSED",
                "WRITTEN_OFF",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("principal_minor", sa.BigInteger(), nullable=False),
        sa.Column("outstanding_minor", sa.BigInteger(), nullable=False),
        sa.Column("disbursed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("length(currency) = 3", name=op.f("ck_loans_currency")),
        sa.CheckConstraint("outstanding_minor >= 0", name=op.f("ck_loans_outstanding_not_negative")),
        sa.CheckConstraint("principal_minor > 0", name=op.f("ck_loans_principal_positive")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_loans_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loans")),
        sa.UniqueConstraint("number", name=op.f("uq_loans_number")),
    )
    op.create_index(
        op.f("ix_loans_customer_id_disbursed_at_id"),
        "loans",
        ["customer_id", "disbursed_at", "id"],
        unique=False,
    )

    op.create_table(
        "memberships",
        sa.Column("group_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("added_by_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("until >= since", name=op.f("ck_memberships_ends_after_start")),
        sa.ForeignKeyConstraint(["added_by_id"], ["admins.id"], name=op.f("fk_memberships_added_by_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_memberships_customer_id")),
        sa.ForeignKeyConstraint(["group_id"], ["groups.id"], name=op.f("fk_memberships_group_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_memberships")),
    )
    op.create_index(
        op.f("ix_memberships_customer_id_since_id"),
        "memberships",
        ["customer_id", "since", "id"],
        unique=False,
    )
    op.create_index(
        "ix_memberships_listing",
        "memberships",
        ["group_id", "since", "id"],
        unique=False,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index(
        "uq_memberships_open",
        "memberships",
        ["group_id", "customer_id"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )

    op.create_table(
        "sessions",
        sa.Column("admin_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_because", sa.Text(), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("(admin_id IS NULL) <> (customer_id IS NULL)", name=op.f("ck_sessions_one_subject")),
        sa.ForeignKeyConstraint(["admin_id"], ["admins.id"], name=op.f("fk_sessions_admin_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_sessions_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sessions")),
    )
    op.create_index(op.f("ix_sessions_admin_id_created_at"), "sessions", ["admin_id", "created_at"], unique=False)
    op.create_index(op.f("ix_sessions_customer_id_created_at"), "sessions", ["customer_id", "created_at"], unique=False)

    op.create_table(
        "loan_instalments",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_minor", sa.BigInteger(), nullable=False),
        sa.Column("paid_minor", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("due_minor > 0", name=op.f("ck_loan_instalments_due_positive")),
        sa.CheckConstraint("paid_minor BETWEEN 0 AND due_minor", name=op.f("ck_loan_instalments_paid_within_due")),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_loan_instalments_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_instalments")),
        sa.UniqueConstraint("loan_id", "sequence", name=op.f("uq_loan_instalments_loan_id_sequence")),
    )
    op.create_index(
        "ix_loan_instalments_unpaid",
        "loan_instalments",
        ["loan_id", "due_on"],
        unique=False,
        sqlite_where=sa.text("paid_minor < due_minor"),
        postgresql_where=sa.text("paid_minor < due_minor"),
    )

    op.create_table(
        "loan_payments",
        sa.Column("loan_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_loan_payments_amount_positive")),
        sa.ForeignKeyConstraint(["loan_id"], ["loans.id"], name=op.f("fk_loan_payments_loan_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_loan_payments")),
    )
    op.create_index(
        op.f("ix_loan_payments_loan_id_received_at_id"),
        "loan_payments",
        ["loan_id", "received_at", "id"],
        unique=False,
    )

    op.create_table(
        "refresh_tokens",
        sa.Column("session_id", sa.Uuid(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["sessions.id"], name=op.f("fk_refresh_tokens_session_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index(op.f("ix_refresh_tokens_session_id"), "refresh_tokens", ["session_id"], unique=False)
    op.bulk_insert(
        sa.table(
            "roles",
            sa.column("id", sa.Uuid()),
            sa.column("key", sa.Text()),
            sa.column("name", sa.Text()),
            sa.column("description", sa.Text()),
            sa.column("permissions", _JSON),
            sa.column("assigned_level", sa.BigInteger()),
            sa.column("unassigned_level", sa.BigInteger()),
            sa.column("scope", sa.Text()),
            sa.column("shown_when_limited", _JSON),
            sa.column("never_holds_book", sa.Boolean()),
            sa.column("reads_audited", sa.Boolean()),
            sa.column("built_in", sa.Boolean()),
        ),
        _ROLES,
    )


def downgrade() -> None:
    """Undo."""

    op.drop_table("refresh_tokens")

    op.drop_table("loan_payments")

    op.drop_table("loan_instalments")

    op.drop_table("sessions")

    op.drop_table("memberships")

    op.drop_table("loans")
    op.drop_table("credentials")

    op.drop_table("assignments")

    op.drop_table("groups")

    op.drop_table("customers")

    op.drop_table("admin_roles")

    op.drop_table("risk_category_exclusions")

    op.drop_table("admins")
    op.drop_table("roles")
    op.drop_table("risk_categories")

    op.drop_table("outbox_messages")

    op.drop_table("offices")
    op.drop_table("installation_facts")

    op.drop_table("idempotency_keys")

    op.drop_table("audit_events")
