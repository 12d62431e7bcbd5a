"""Our server with no operation planned: all of it by graphql-core, on the executor that reads plain leaves directly.

What documents cost that plans don't cover.
"""

from typing import Any

from bench import server
from gql.execution.planned import Planned


def _not_planned(*_: Any) -> None:
    """As where a plan doesn't cover the operation."""


def main() -> None:
    """Serve the application."""
    Planned._plan = _not_planned  # type: ignore[assignment, method-assign]
    server.main()


if __name__ == "__main__":
    main()
