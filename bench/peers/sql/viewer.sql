-- The admin $1 with office and size of the book, a row for each role, by name.
SELECT admins.id, admins.name, admins.email, admins.status, office_id, offices.name AS office_name,
    (SELECT count(*) FROM customers WHERE account_manager_id = $1) AS book_size,
    roles.key AS role_key, roles.name AS role_name, roles.permissions
FROM admins
JOIN offices ON offices.id = office_id
LEFT JOIN admin_roles ON admin_id = admins.id
LEFT JOIN roles ON roles.id = role_id
WHERE admins.id = $1
ORDER BY roles.name
