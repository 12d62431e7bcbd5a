-- The ten newest loans of each of the customers $1, as they stand on the day $2.
SELECT customer.id AS customer_id, newest.id, number, product, status, currency, outstanding_minor, EXISTS (
    SELECT FROM loan_instalments WHERE loan_id = newest.id AND due_on < $2 AND paid_minor < due_minor
) AS in_arrears
FROM unnest($1::uuid[]) AS customer (id)
CROSS JOIN LATERAL (
    SELECT * FROM loans WHERE customer_id = customer.id ORDER BY disbursed_at DESC, id DESC LIMIT 10
) AS newest
ORDER BY disbursed_at DESC, newest.id DESC
