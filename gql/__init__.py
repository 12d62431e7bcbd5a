"""LendDesk: the back-office GraphQL API of a lender."""
