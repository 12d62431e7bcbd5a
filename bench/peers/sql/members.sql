-- The $3 newest members of the group $2 whom the admin $1 sees.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
), newest AS (
    SELECT memberships.id AS membership_id, since, added_by_id, customers.id, number, name, status, account_manager_id,
        office_id
    FROM memberships
    JOIN customers ON customers.id = customer_id
    WHERE group_id = $2 AND until IS NULL
        AND (office_id = ANY (ARRAY(SELECT id FROM beneath)) OR account_manager_id = $1)
    ORDER BY since DESC, memberships.id DESC LIMIT $3
)
SELECT newest.*, adder.name AS adder_name, manager.name AS manager_name, offices.name AS office_name
FROM newest
JOIN offices ON offices.id = newest.office_id
LEFT JOIN admins AS adder ON adder.id = added_by_id
LEFT JOIN admins AS manager ON manager.id = account_manager_id
ORDER BY since DESC, membership_id DESC
