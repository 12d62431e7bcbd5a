-- The ten newest loans of the customer $1, as they stand on the day $2.
SELECT id, number, product, status, currency, outstanding_minor, EXISTS (
    SELECT FROM loan_instalments WHERE loan_id = loans.id AND due_on < $2 AND paid_minor < due_minor
) AS in_arrears
FROM loans
WHERE customer_id = $1
ORDER BY disbursed_at DESC, id DESC LIMIT 10
