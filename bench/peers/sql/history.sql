-- The ten newest assignments of the customer $1.
SELECT assignments.id, started_at, ended_at, reason, admin_id, manager.name AS admin_name, assigned_by_id,
    assigner.name AS assigner_name
FROM assignments
JOIN admins AS manager ON manager.id = admin_id
LEFT JOIN admins AS assigner ON assigner.id = assigned_by_id
WHERE customer_id = $1
ORDER BY started_at DESC, assignments.id DESC LIMIT 10
