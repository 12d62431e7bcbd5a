-- The ten newest groups of each of the customers $1.
SELECT customer.id AS customer_id, groups.id, groups.name
FROM unnest($1::uuid[]) AS customer (id)
CROSS JOIN LATERAL (
    SELECT group_id, since, id FROM memberships WHERE customer_id = customer.id AND until IS NULL
    ORDER BY since DESC, id DESC LIMIT 10
) AS newest
JOIN groups ON groups.id = newest.group_id
ORDER BY newest.since DESC, newest.id DESC
