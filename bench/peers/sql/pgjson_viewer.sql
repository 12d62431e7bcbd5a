-- The admin $1, as themselves.
SELECT json_build_object('data', json_build_object('viewer', (
    SELECT json_build_object(
        'permissions', (
            SELECT coalesce(json_agg(upper(regexp_replace(replace(name, '.', '_'), '([a-z])([A-Z])', '\1_\2', 'g'))
                ORDER BY name COLLATE "C"), '[]') FROM (
                SELECT DISTINCT jsonb_array_elements_text(permissions) AS name
                FROM admin_roles JOIN roles ON roles.id = role_id WHERE admin_id = $1
            ) AS granted),
        'admin', json_build_object(
            'id', bench_pgjson.gid('ad', admins.id), 'name', admins.name, 'email', admins.email,
            'status', admins.status, 'office', bench_pgjson.named('of', offices.id, offices.name),
            'roles', (
                SELECT coalesce(json_agg(json_build_object('key', key, 'name', name) ORDER BY name), '[]')
                FROM admin_roles JOIN roles ON roles.id = role_id WHERE admin_id = $1),
            'bookSize', (SELECT count(*) FROM customers WHERE account_manager_id = $1)))
    FROM admins JOIN offices ON offices.id = office_id WHERE admins.id = $1
)))::text
