-- The ten newest memberships of each of the customers $1.
SELECT customer.id AS customer_id, since, reason, added_by_id, adder.name AS adder_name, groups.id, groups.name,
    groups.status
FROM unnest($1::uuid[]) AS customer (id)
CROSS JOIN LATERAL (
    SELECT * FROM memberships WHERE customer_id = customer.id AND until IS NULL
    ORDER BY since DESC, id DESC LIMIT 10
) AS newest
JOIN groups ON groups.id = group_id
LEFT JOIN admins AS adder ON adder.id = added_by_id
ORDER BY since DESC, newest.id DESC
