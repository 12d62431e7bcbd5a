"""Storage: models, migrations, reads and the two databases' differences. Knows neither GraphQL nor HTTP."""
