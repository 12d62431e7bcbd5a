"""The GraphiQL page: `page` serves it, `install` fetches the browser files it needs, `static` is our own part of it.

Nothing is imported here, so that `python -m gql.transport.graphiql.install` runs before anything else is installed.
"""
