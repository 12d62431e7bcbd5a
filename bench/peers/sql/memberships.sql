-- The ten newest memberships of the customer $1.
SELECT since, reason, added_by_id, adder.name AS adder_name, groups.id, groups.name, groups.status
FROM memberships
JOIN groups ON groups.id = group_id
LEFT JOIN admins AS adder ON adder.id = added_by_id
WHERE customer_id = $1 AND until IS NULL
ORDER BY since DESC, memberships.id DESC LIMIT 10
