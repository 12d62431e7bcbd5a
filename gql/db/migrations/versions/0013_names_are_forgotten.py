"""A search name goes from `customer_names` with the last customer who has it. On PostgreSQL; SQLite keeps no names."""

from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEEP_NAMES = """
    CREATE OR REPLACE FUNCTION lenddesk_keep_names() RETURNS trigger LANGUAGE plpgsql AS $$
    DECLARE
        wanted bigint := (SELECT count(DISTINCT search_name) FROM changed);
        kept bigint;
    BEGIN
        LOOP
            INSERT INTO customer_names SELECT DISTINCT search_name FROM changed ORDER BY search_name
            ON CONFLICT DO NOTHING;
            PERFORM FROM customer_names WHERE search_name IN (SELECT search_name FROM changed)
            ORDER BY search_name FOR KEY SHARE;
            GET DIAGNOSTICS kept = ROW_COUNT;
            EXIT WHEN kept = wanted;
        END LOOP;
        RETURN NULL;
    END $$
"""
"""Who brings a name holds it, so that who gives it up sees them: a name that goes meanwhile is brought again."""

_KEEP_ONE = """
    CREATE FUNCTION lenddesk_keep_one_name(kept text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        LOOP
            INSERT INTO customer_names VALUES (kept) ON CONFLICT DO NOTHING;
            PERFORM FROM customer_names WHERE search_name = kept FOR KEY SHARE;
            EXIT WHEN FOUND;
        END LOOP;
    END $$
"""
_FORGET_ONE = """
    CREATE FUNCTION lenddesk_forget_name(gone text) RETURNS void LANGUAGE plpgsql AS $$
    BEGIN
        PERFORM FROM customer_names WHERE search_name = gone FOR UPDATE;
        DELETE FROM customer_names
        WHERE search_name = gone AND NOT EXISTS (SELECT FROM customers WHERE search_name = gone);
    END $$
"""
"""Two statements: the second sees what was committed while the first one waited."""

_OF_ROW = """
    CREATE OR REPLACE FUNCTION lenddesk_keep_name() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            PERFORM lenddesk_forget_name(OLD.search_name);
        ELSIF OLD.search_name COLLATE "C" < NEW.search_name COLLATE "C" THEN
            PERFORM lenddesk_forget_name(OLD.search_name);
            PERFORM lenddesk_keep_one_name(NEW.search_name);
        ELSE
            PERFORM lenddesk_keep_one_name(NEW.search_name);
            PERFORM lenddesk_forget_name(OLD.search_name);
        END IF;
        RETURN NULL;
    END $$
"""
"""In the names' order, so that of two that swap their names one waits for the other, and not each for each."""

_ON_DELETE = """
    CREATE TRIGGER forget_name AFTER DELETE ON customers FOR EACH ROW EXECUTE FUNCTION lenddesk_keep_name()
"""

_NAMES_WERE_KEPT = """
    CREATE OR REPLACE FUNCTION lenddesk_keep_names() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO customer_names SELECT DISTINCT search_name FROM changed ORDER BY search_name
        ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
"""
_ROW_WAS_KEPT = """
    CREATE OR REPLACE FUNCTION lenddesk_keep_name() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        INSERT INTO customer_names VALUES (NEW.search_name) ON CONFLICT DO NOTHING;
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    """Apply."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for statement in (_KEEP_NAMES, _KEEP_ONE, _FORGET_ONE, _OF_ROW, _ON_DELETE):
        op.execute(statement)
    op.execute(
        "DELETE FROM customer_names WHERE NOT EXISTS "
        "(SELECT FROM customers WHERE customers.search_name = customer_names.search_name)"
    )


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name != "postgresql":
        return
    op.execute("DROP TRIGGER forget_name ON customers")
    for statement in (_NAMES_WERE_KEPT, _ROW_WAS_KEPT):
        op.execute(statement)
    for function in ("keep_one_name", "forget_name"):
        op.execute(f"DROP FUNCTION lenddesk_{function}(text)")
