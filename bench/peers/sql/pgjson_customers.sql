-- The list of customers as the admin $1 sees it on the day $2.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
), seen AS MATERIALIZED (
    SELECT *, row_number() OVER (ORDER BY name, id) AS place FROM (
        (SELECT head.* FROM beneath CROSS JOIN LATERAL (
            SELECT id, number, name, status, phone, email, account_manager_id, office_id
            FROM customers WHERE office_id = beneath.id ORDER BY name, id LIMIT 51
        ) AS head)
        UNION ALL
        (SELECT id, number, name, status, phone, email, account_manager_id, office_id
         FROM customers WHERE account_manager_id = $1 AND office_id <> ALL (ARRAY(SELECT id FROM beneath))
         ORDER BY name, id LIMIT 51)
        ORDER BY name, id LIMIT 51
    ) AS heads
), page AS MATERIALIZED (
    SELECT seen.*, manager.name AS manager_name, offices.name AS office_name,
        bench_pgjson.cursor_of('name', seen.name, seen.id) AS cursor
    FROM seen
    JOIN offices ON offices.id = seen.office_id
    LEFT JOIN admins AS manager ON manager.id = seen.account_manager_id
    WHERE place <= 50
)
SELECT json_build_object('data', json_build_object('customers', json_build_object(
    'edges', coalesce(json_agg(json_build_object('cursor', cursor, 'node', json_build_object(
        'id', bench_pgjson.gid('cu', page.id), 'number', number, 'displayName', page.name, 'status', status,
        'phone', phone, 'email', email,
        'accountManager', bench_pgjson.named('ad', account_manager_id, manager_name),
        'office', bench_pgjson.named('of', office_id, office_name),
        'groups', json_build_object('edges', groups.edges),
        'loansSummary', loans.summary
    )) ORDER BY place), '[]'),
    'pageInfo', json_build_object(
        'hasNextPage', (SELECT count(*) > 50 FROM seen),
        'endCursor', (SELECT cursor FROM page ORDER BY place DESC LIMIT 1))
)))::text
FROM page
CROSS JOIN LATERAL (
    SELECT coalesce(json_agg(json_build_object('node', bench_pgjson.named('gr', groups.id, groups.name))
        ORDER BY since DESC, newest.id DESC), '[]') AS edges
    FROM (
        SELECT group_id, since, id FROM memberships WHERE customer_id = page.id AND until IS NULL
        ORDER BY since DESC, id DESC LIMIT 10
    ) AS newest
    JOIN groups ON groups.id = group_id
) AS groups
CROSS JOIN LATERAL (
    SELECT json_build_object(
        'loans', coalesce(sum(loans), 0), 'activeLoans', coalesce(sum(active), 0),
        'loansInArrears', coalesce(sum(late), 0),
        'balances', coalesce(json_agg(json_build_object('currency', currency,
            'outstanding', bench_pgjson.money(outstanding, currency),
            'arrears', bench_pgjson.money(arrears, currency)) ORDER BY currency), '[]')
    ) AS summary
    FROM (
        SELECT currency, count(*) AS loans, count(*) FILTER (WHERE status = 'ACTIVE') AS active,
            count(*) FILTER (WHERE overdue > 0) AS late, sum(outstanding_minor)::bigint AS outstanding,
            sum(overdue)::bigint AS arrears
        FROM loans CROSS JOIN LATERAL (
            SELECT coalesce(sum(due_minor - paid_minor), 0) AS overdue FROM loan_instalments
            WHERE loan_id = loans.id AND due_on < $2 AND paid_minor < due_minor
        ) AS overdue
        WHERE customer_id = page.id GROUP BY currency
    ) AS by_currency
) AS loans
