-- The profile of the customer $3, if the admin $1 sees them, on the day $2; $4 has the viewer's actions by status and holder.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
)
SELECT json_build_object('data', json_build_object('customer', (
    SELECT json_build_object(
        'id', bench_pgjson.gid('cu', customers.id), 'number', number, 'displayName', customers.name,
        'status', customers.status, 'kind', kind, 'email', customers.email, 'phone', customers.phone,
        'version', version, 'createdAt', customers.created_at, 'updatedAt', customers.updated_at,
        'access', json_build_object('level', 'FULL', 'reason', CASE WHEN account_manager_id IS NULL
            THEN 'ROLE_UNASSIGNED' WHEN account_manager_id = $1 THEN 'ACCOUNT_MANAGER' ELSE 'ROLE_ASSIGNED' END,
            'withheldFields', '[]'::json),
        'viewerActions', $4::json -> (
            customers.status || CASE WHEN customers.account_manager_id IS NULL THEN ' free' ELSE ' held' END
        ),
        'office', json_build_object('id', bench_pgjson.gid('of', office.id), 'name', office.name,
            'parent', bench_pgjson.named('of', parent.id, parent.name)),
        'accountManager', CASE WHEN manager.id IS NOT NULL THEN json_build_object(
            'id', bench_pgjson.gid('ad', manager.id), 'name', manager.name, 'email', manager.email,
            'office', bench_pgjson.named('of', desk.id, desk.name)) END,
        'assignmentHistory', json_build_object('edges', (
            SELECT coalesce(json_agg(json_build_object('node', json_build_object(
                'id', bench_pgjson.gid('as', span.id), 'startedAt', started_at, 'endedAt', ended_at, 'reason', reason,
                'accountManager', bench_pgjson.named('ad', admin_id, holder.name),
                'assignedBy', bench_pgjson.named('ad', assigned_by_id, assigner.name)
            )) ORDER BY started_at DESC, span.id DESC), '[]')
            FROM (SELECT * FROM assignments WHERE customer_id = customers.id
                  ORDER BY started_at DESC, id DESC LIMIT 10) AS span
            JOIN admins AS holder ON holder.id = admin_id
            LEFT JOIN admins AS assigner ON assigner.id = assigned_by_id)),
        'groups', json_build_object('edges', (
            SELECT coalesce(json_agg(json_build_object(
                'since', since, 'reason', reason, 'addedBy', bench_pgjson.named('ad', added_by_id, adder.name),
                'node', json_build_object('id', bench_pgjson.gid('gr', groups.id), 'name', groups.name,
                    'status', groups.status)
            ) ORDER BY since DESC, span.id DESC), '[]')
            FROM (SELECT * FROM memberships WHERE customer_id = customers.id AND until IS NULL
                  ORDER BY since DESC, id DESC LIMIT 10) AS span
            JOIN groups ON groups.id = group_id
            LEFT JOIN admins AS adder ON adder.id = added_by_id)),
        'loans', json_build_object('edges', (
            SELECT coalesce(json_agg(json_build_object('node', json_build_object(
                'id', bench_pgjson.gid('lo', loan.id), 'number', number, 'product', product, 'status', status,
                'outstanding', bench_pgjson.money(outstanding_minor, currency), 'inArrears', EXISTS (
                    SELECT FROM loan_instalments
                    WHERE loan_id = loan.id AND due_on < $2 AND paid_minor < due_minor)
            )) ORDER BY disbursed_at DESC, loan.id DESC), '[]')
            FROM (SELECT * FROM loans WHERE customer_id = customers.id
                  ORDER BY disbursed_at DESC, id DESC LIMIT 10) AS loan)),
        'loansSummary', (
            SELECT json_build_object('loans', coalesce(sum(loans), 0), 'activeLoans', coalesce(sum(active), 0),
                'loansInArrears', coalesce(sum(late), 0),
                'balances', coalesce(json_agg(json_build_object('currency', currency,
                    'outstanding', bench_pgjson.money(outstanding, currency)) ORDER BY currency), '[]'))
            FROM (
                SELECT currency, count(*) AS loans, count(*) FILTER (WHERE status = 'ACTIVE') AS active,
                    count(*) FILTER (WHERE EXISTS (SELECT FROM loan_instalments WHERE loan_id = loans.id
                        AND due_on < $2 AND paid_minor < due_minor)) AS late,
                    sum(outstanding_minor)::bigint AS outstanding
                FROM loans WHERE customer_id = customers.id GROUP BY currency
            ) AS by_currency)
    )
    FROM customers
    JOIN offices AS office ON office.id = customers.office_id
    LEFT JOIN offices AS parent ON parent.id = office.parent_id
    LEFT JOIN admins AS manager ON manager.id = account_manager_id
    LEFT JOIN offices AS desk ON desk.id = manager.office_id
    WHERE customers.id = $3
        AND (customers.office_id = ANY (ARRAY(SELECT id FROM beneath)) OR account_manager_id = $1)
)))::text
