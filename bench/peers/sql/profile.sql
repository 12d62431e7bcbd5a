-- The customer $2, if the admin $1 sees them, with office and manager.
WITH RECURSIVE beneath AS (
    SELECT office_id AS id FROM admins WHERE admins.id = $1
    UNION
    SELECT offices.id FROM offices JOIN beneath ON offices.parent_id = beneath.id
)
SELECT customers.id, number, customers.name, customers.status, kind, customers.email, customers.phone, version,
    customers.created_at, customers.updated_at, account_manager_id, customers.office_id, office.name AS office_name,
    parent.id AS parent_id, parent.name AS parent_name, manager.name AS manager_name, manager.email AS manager_email,
    desk.id AS desk_id, desk.name AS desk_name
FROM customers
JOIN offices AS office ON office.id = customers.office_id
LEFT JOIN offices AS parent ON parent.id = office.parent_id
LEFT JOIN admins AS manager ON manager.id = account_manager_id
LEFT JOIN offices AS desk ON desk.id = manager.office_id
WHERE customers.id = $2 AND (customers.office_id = ANY (ARRAY(SELECT id FROM beneath)) OR account_manager_id = $1)
