-- The first $2 customers by name whom the admin $1 sees: those of the office and beneath, and the own book elsewhere.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
), seen AS (
    (SELECT head.* FROM beneath CROSS JOIN LATERAL (
        SELECT id, number, name, status, phone, email, account_manager_id, office_id
        FROM customers WHERE office_id = beneath.id ORDER BY name, id LIMIT $2
    ) AS head)
    UNION ALL
    (SELECT id, number, name, status, phone, email, account_manager_id, office_id
     FROM customers WHERE account_manager_id = $1 AND office_id <> ALL (ARRAY(SELECT id FROM beneath))
     ORDER BY name, id LIMIT $2)
    ORDER BY name, id LIMIT $2
)
SELECT seen.*, manager.name AS manager_name, offices.name AS office_name
FROM seen
JOIN offices ON offices.id = seen.office_id
LEFT JOIN admins AS manager ON manager.id = seen.account_manager_id
ORDER BY seen.name, seen.id
