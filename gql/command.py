"""Where the `lenddesk` command begins: a server goes without what only the other commands need."""

import sys
from typing import Final

_FOR_TERMINALS: Final = ("rich", "watchfiles")
"""What structlog and uvicorn import wherever they find it: coloured tracebacks, and servers that reload their code."""


def main() -> None:
    """Run the command. A server's memory has no room for typer and rich, 6 MB of each process."""
    if sys.argv[1:] == ["serve"]:
        _serve()
    else:
        _run()


def _serve() -> None:
    """`lenddesk serve` without options, which is how servers run: all of its settings are the environment's."""
    sys.modules.update(dict.fromkeys(_FOR_TERMINALS))  # type: ignore[arg-type]  # None: as if it were not installed
    from pydantic import ValidationError

    from gql.settings import Settings

    try:
        settings = Settings()
    except ValidationError:
        for name in _FOR_TERMINALS:
            del sys.modules[name]
        _run()  # which says what is wrong with them
        return
    from gql.serving import serve

    serve(settings)


def _run() -> None:
    from gql.cli import app

    app()
