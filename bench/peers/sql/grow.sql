-- Grows the demo lender to the size in pg_temp.plan, set by set. Run by bench.peers.data, in one transaction.
-- Every value follows from the row's number, so that a size gives the same lender on the same day.

CREATE FUNCTION pg_temp.chance(number bigint, what int) RETURNS float8 IMMUTABLE LANGUAGE sql
    RETURN (hashint8extended(number, what) & 2147483647) / 2147483648.0;

-- A UUIDv7 as made at that moment: 48 bits of milliseconds, the version, and the salt's hash with the variant in it.
CREATE FUNCTION pg_temp.id_at(at timestamptz, salt text) RETURNS uuid IMMUTABLE LANGUAGE sql
    RETURN (lpad(to_hex((extract(epoch FROM at) * 1000)::bigint), 12, '0') || '7' || substr(md5(salt), 1, 3)
        || substr('89ab', 1 + (get_byte(decode(md5(salt), 'hex'), 3) & 3), 1) || substr(md5(salt), 9, 15))::uuid;

CREATE TEMP TABLE made ON COMMIT DROP AS
SELECT i, pg_temp.id_at(created_at, 'customer ' || i) AS id, created_at, office_id, holders, status,
    CASE WHEN i % (plan.customers / 10) = 0 AND i <= 10 * (plan.customers / 10) THEN plan.book_of_10
         WHEN pg_temp.chance(i, 1) < 0.6 THEN holder.admin_id END AS manager_id,
    status <> 'PENDING' AND pg_temp.chance(i, 2) < 0.3 AS judged
FROM pg_temp.plan, generate_series(1, plan.customers) AS i
CROSS JOIN LATERAL (
    SELECT date_trunc('second', plan.opened + (plan.now - plan.opened) * sqrt(i::float8 / plan.customers)) AS created_at,
        (ARRAY['ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE',
            'ACTIVE', 'ACTIVE', 'ACTIVE', 'ACTIVE', 'PENDING', 'INACTIVE', 'INACTIVE', 'SUSPENDED', 'BLACKLISTED',
            'ARCHIVED'])[1 + floor(20 * pg_temp.chance(i, 3))::int] AS status,
        pg_temp.chance(i, 4) AS drawn
) AS drawn
CROSS JOIN LATERAL (
    SELECT shares.*, floor(shares.holders * pg_temp.chance(i, 5))::int AS place
    FROM pg_temp.shares WHERE drawn.drawn >= share_from AND drawn.drawn < share_to
) AS office
LEFT JOIN pg_temp.holders AS holder USING (office_id, place)
ORDER BY i;

INSERT INTO customers (id, number, kind, name, search_name, search_name_reversed, email, phone, status, status_reason,
    status_changed_at, status_changed_by_id, office_id, account_manager_id, version, created_at, updated_at)
SELECT made.id, 'LD-' || 10000000 + i, kind, name, search_name, search_name_reversed,
    replace(search_name, ' ', '.') || '.' || i || '@post.example', '+23485' || lpad(i::text, 8, '0'),
    status, CASE WHEN status <> 'ACTIVE' THEN 'Set when the lender was made' END,
    created_at + (plan.now - created_at) * CASE WHEN judged THEN 0.5 ELSE 0 END,
    CASE WHEN judged THEN plan.assigners[1 + i % cardinality(plan.assigners)] END,
    office_id, manager_id, 1 + judged::int + (manager_id IS NOT NULL)::int, created_at,
    created_at + (plan.now - created_at) * CASE WHEN judged THEN 0.5 ELSE 0 END
FROM made
CROSS JOIN pg_temp.plan
JOIN pg_temp.names ON names.place = floor(plan.names * pg_temp.chance(i, 6))::int
ORDER BY i;

-- One in four who have a manager had another one of the same office before, without a gap between the two.
INSERT INTO assignments (id, customer_id, admin_id, assigned_by_id, reason, started_at, ended_at)
SELECT pg_temp.id_at(begun, 'assignment ' || i || was), id, admin_id, plan.assigners[1 + i % cardinality(plan.assigners)],
    CASE WHEN was THEN 'First contact at the branch' ELSE 'Nearest account manager' END, begun, ended
FROM pg_temp.plan, (
    SELECT i, id, manager_id AS admin_id, false AS was, handed_over AS begun, NULL::timestamptz AS ended
    FROM made CROSS JOIN LATERAL (
        SELECT created_at + (plan.now - created_at) * CASE WHEN pg_temp.chance(i, 7) < 0.25 THEN 0.5 ELSE 0.01 END
            AS handed_over FROM pg_temp.plan) AS moment
    WHERE manager_id IS NOT NULL
    UNION ALL
    SELECT i, id, holder.admin_id, true, created_at, created_at + (plan.now - created_at) * 0.5
    FROM pg_temp.plan, made JOIN pg_temp.holders AS holder USING (office_id)
    WHERE manager_id IS NOT NULL AND pg_temp.chance(i, 7) < 0.25
        AND holder.place = floor(made.holders * pg_temp.chance(i, 8))::int AND holder.admin_id <> manager_id
) AS spans
ORDER BY i;

-- Up to four groups each, two on average; the first groups are fuller. The steps keep a customer's groups apart.
INSERT INTO memberships (id, group_id, customer_id, since, until, added_by_id, reason)
SELECT pg_temp.id_at(since, 'membership ' || i || ' ' || nth), group_id, id, since,
    CASE WHEN pg_temp.chance(i * 4 + nth, 9) < 0.15 THEN since + (plan.now - since) * pg_temp.chance(i, 10) END,
    plan.assigners[1 + (i + nth) % cardinality(plan.assigners)],
    CASE WHEN nth < 2 THEN 'Meets the documented criteria' END
FROM pg_temp.plan, (
    SELECT i, nth, id, (floor(plan.groups * pg_temp.chance(i, 11) ^ 2)::int + nth * (plan.groups / 5)) % plan.groups AS place,
        created_at + (plan.now - created_at) * pg_temp.chance(i * 4 + nth, 12) AS since
    FROM pg_temp.plan, made, generate_series(0, 3) AS nth
    WHERE nth < floor(5 * pg_temp.chance(i, 13))
) AS joined
JOIN pg_temp.new_groups USING (place)
ORDER BY i, nth;

UPDATE groups SET member_count = counted.open
FROM (SELECT group_id, count(*) AS open FROM memberships WHERE until IS NULL GROUP BY group_id) AS counted
WHERE groups.id = counted.group_id;

-- Up to three loans each, of three monthly instalments. Those whose last one is long due are settled but for a few,
-- which are written off; of the younger ones, one in ten is behind from the second instalment on.
CREATE TEMP TABLE lent ON COMMIT DROP AS
SELECT i, nth, pg_temp.id_at(at, 'loan ' || i || ' ' || nth) AS id, made.id AS customer_id, at AS disbursed_at,
    (ARRAY['Salary Advance', 'Market Trader Loan', 'School Fees Loan'])[1 + (i + nth) % 3] AS product,
    CASE WHEN pg_temp.chance(i * 4 + nth, 14) < 0.03 THEN 'USD' ELSE 'NGN' END AS currency,
    (1 + floor(60 * pg_temp.chance(i * 4 + nth, 15)))::bigint * 1000000 AS principal,
    at + interval '3 months' < plan.now - interval '180 days' AS is_old,
    pg_temp.chance(i * 4 + nth, 16) AS conduct
FROM pg_temp.plan, made, generate_series(1, 3) AS nth
CROSS JOIN LATERAL (
    SELECT date_trunc('second', created_at + (plan.now - created_at) * pg_temp.chance(i * 4 + nth, 17)) AS at
) AS moment
WHERE nth <= floor(4 * pg_temp.chance(i, 18))
ORDER BY i, nth;

CREATE TEMP TABLE schedule ON COMMIT DROP AS
SELECT i, nth, id AS loan_id, sequence, due_on, due_minor,
    CASE WHEN CASE WHEN is_old THEN conduct > 0.02 OR sequence = 1
                   ELSE due_on < plan.now::date AND (conduct > 0.1 OR sequence = 1) END
         THEN due_minor ELSE 0 END AS paid_minor
FROM pg_temp.plan, lent, generate_series(1, 3) AS sequence
CROSS JOIN LATERAL (
    SELECT (disbursed_at + sequence * interval '1 month')::date AS due_on, principal * 38 / 100 AS due_minor
) AS part;

INSERT INTO loans (id, number, customer_id, product, status, currency, principal_minor, outstanding_minor, disbursed_at)
SELECT id, 'LN-' || 10000000 + lent.i || '-' || lent.nth, customer_id, product,
    CASE WHEN owed.minor = 0 THEN 'CLOSED' WHEN is_old THEN 'WRITTEN_OFF' ELSE 'ACTIVE' END,
    currency, principal, owed.minor, disbursed_at
FROM lent
JOIN (SELECT loan_id, sum(due_minor - paid_minor)::bigint AS minor FROM schedule GROUP BY loan_id) AS owed
    ON owed.loan_id = lent.id
ORDER BY lent.i, lent.nth;

INSERT INTO loan_instalments (id, loan_id, sequence, due_on, due_minor, paid_minor, settled_on)
SELECT pg_temp.id_at(due_on::timestamptz, 'instalment ' || i || ' ' || nth || ' ' || sequence), loan_id, sequence, due_on,
    due_minor, paid_minor, CASE WHEN paid_minor = due_minor THEN due_on END
FROM schedule ORDER BY i, nth, sequence;
