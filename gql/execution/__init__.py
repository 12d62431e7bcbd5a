"""The operation pipeline: document → limits → validation → coercion → cost → execution → JSON.

Knows GraphQL and the field declarations of `gql.execution.declarations`, nothing of the lender.
"""
