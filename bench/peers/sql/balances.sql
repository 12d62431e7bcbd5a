-- What each of the customers $1 owes on the day $2, by currency.
SELECT customer_id, currency, count(*) AS loans, count(*) FILTER (WHERE status = 'ACTIVE') AS active_loans,
    count(*) FILTER (WHERE overdue > 0) AS loans_in_arrears, sum(outstanding_minor)::bigint AS outstanding_minor,
    sum(overdue)::bigint AS arrears_minor
FROM loans
CROSS JOIN LATERAL (
    SELECT coalesce(sum(due_minor - paid_minor), 0) AS overdue FROM loan_instalments
    WHERE loan_id = loans.id AND due_on < $2 AND paid_minor < due_minor
) AS late
WHERE customer_id = ANY ($1::uuid[])
GROUP BY customer_id, currency
ORDER BY customer_id, currency
