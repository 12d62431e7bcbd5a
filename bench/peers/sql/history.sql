-- The ten newest assignments of each of the customers $1.
SELECT customer.id AS customer_id, newest.id, started_at, ended_at, reason, admin_id, manager.name AS admin_name,
    assigned_by_id, assigner.name AS assigner_name
FROM unnest($1::uuid[]) AS customer (id)
CROSS JOIN LATERAL (
    SELECT * FROM assignments WHERE customer_id = customer.id ORDER BY started_at DESC, id DESC LIMIT 10
) AS newest
JOIN admins AS manager ON manager.id = admin_id
LEFT JOIN admins AS assigner ON assigner.id = assigned_by_id
ORDER BY started_at DESC, newest.id DESC
