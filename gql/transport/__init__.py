"""HTTP: GraphQL over POST, the GraphiQL page, health."""
