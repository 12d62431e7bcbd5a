-- The group $2 with its first 100 members, as the admin $1 sees it.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
), newest AS MATERIALIZED (
    SELECT memberships.id AS membership_id, since, added_by_id, customers.id, number, name, status, account_manager_id,
        office_id, row_number() OVER (ORDER BY since DESC, memberships.id DESC) AS place
    FROM memberships
    JOIN customers ON customers.id = customer_id
    WHERE group_id = $2 AND until IS NULL
        AND (office_id = ANY (ARRAY(SELECT id FROM beneath)) OR account_manager_id = $1)
    ORDER BY since DESC, memberships.id DESC LIMIT 101
)
SELECT json_build_object('data', json_build_object('group', (
    SELECT json_build_object(
        'id', bench_pgjson.gid('gr', groups.id), 'name', groups.name, 'status', groups.status,
        'description', description, 'criteriaText', criteria_text, 'memberCount', member_count,
        'maximumMembers', maximum_members, 'updatedAt', groups.updated_at,
        'members', json_build_object('edges', (
            SELECT coalesce(json_agg(json_build_object(
                'since', since, 'addedBy', bench_pgjson.named('ad', added_by_id, adder.name),
                'node', json_build_object('id', bench_pgjson.gid('cu', newest.id), 'number', number,
                    'displayName', newest.name, 'status', newest.status,
                    'accountManager', bench_pgjson.named('ad', account_manager_id, manager.name),
                    'office', bench_pgjson.named('of', newest.office_id, offices.name))
            ) ORDER BY place), '[]')
            FROM newest
            JOIN offices ON offices.id = newest.office_id
            LEFT JOIN admins AS adder ON adder.id = added_by_id
            LEFT JOIN admins AS manager ON manager.id = account_manager_id
            WHERE place <= 100
        ), 'pageInfo', json_build_object(
            'hasNextPage', (SELECT count(*) > 100 FROM newest),
            'endCursor', (
                SELECT bench_pgjson.cursor_of('since', to_char(since AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS')
                    || CASE WHEN date_trunc('second', since) <> since THEN to_char(since, '.US') ELSE '' END
                    || '+00:00', membership_id)
                FROM newest WHERE place <= 100 ORDER BY place DESC LIMIT 1)))
    ) FROM groups WHERE id = $2
)))::text
