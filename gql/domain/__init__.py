"""The lender's words and rules in plain Python: no SQL, no GraphQL, no HTTP."""
