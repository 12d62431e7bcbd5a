-- What the peer `postgraphile` needs in the database: a role, row-level security with the viewer's row scope, and
-- computed columns. The other subjects connect as the tables' owner, whom the policies don't bind.
DO $$ BEGIN
    CREATE ROLE bench_postgraphile NOLOGIN;
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;
GRANT USAGE ON SCHEMA public TO bench_postgraphile;
GRANT SELECT ON admins, admin_roles, assignments, customers, groups, loan_instalments, loans, memberships, offices, roles
    TO bench_postgraphile;

ALTER TABLE customers ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS bench_postgraphile ON customers;
CREATE POLICY bench_postgraphile ON customers FOR SELECT TO bench_postgraphile USING (
    office_id = ANY ((SELECT current_setting('viewer.offices')::uuid[])::uuid[])
    OR account_manager_id = (SELECT current_setting('viewer.id')::uuid)
);
ALTER TABLE memberships ENABLE ROW LEVEL SECURITY;
DROP POLICY IF EXISTS bench_postgraphile ON memberships;
CREATE POLICY bench_postgraphile ON memberships FOR SELECT TO bench_postgraphile USING (
    EXISTS (SELECT FROM customers WHERE customers.id = customer_id)
);

DO $$ BEGIN
    CREATE TYPE loan_balance AS (
        currency text, loans int, active_loans int, loans_in_arrears int, outstanding_minor bigint, arrears_minor bigint
    );
EXCEPTION WHEN duplicate_object THEN NULL;
END $$;

CREATE OR REPLACE FUNCTION customers_balances(customer customers) RETURNS SETOF loan_balance STABLE LANGUAGE sql AS $$
    SELECT currency, count(*)::int, (count(*) FILTER (WHERE status = 'ACTIVE'))::int,
        (count(*) FILTER (WHERE overdue > 0))::int, sum(outstanding_minor)::bigint, sum(overdue)::bigint
    FROM loans CROSS JOIN LATERAL (
        SELECT coalesce(sum(due_minor - paid_minor), 0) AS overdue FROM loan_instalments
        WHERE loan_id = loans.id AND due_on < (now() AT TIME ZONE 'UTC')::date AND paid_minor < due_minor
    ) AS late
    WHERE customer_id = customer.id GROUP BY currency ORDER BY currency
$$;

CREATE OR REPLACE FUNCTION loans_in_arrears(loan loans) RETURNS boolean STABLE LANGUAGE sql
    RETURN EXISTS (
        SELECT FROM loan_instalments
        WHERE loan_id = loan.id AND due_on < (now() AT TIME ZONE 'UTC')::date AND paid_minor < due_minor
    );

CREATE OR REPLACE FUNCTION admins_book_size(admin admins) RETURNS int STABLE LANGUAGE sql
    RETURN (SELECT count(*)::int FROM customers WHERE account_manager_id = admin.id);

CREATE OR REPLACE FUNCTION viewer() RETURNS admins STABLE LANGUAGE sql AS $$
    SELECT * FROM admins WHERE id = current_setting('viewer.id')::uuid
$$;
