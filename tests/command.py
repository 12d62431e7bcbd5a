"""The `lenddesk` command as a process, with nothing in its environment but what a test gives."""

import os
import sys
from pathlib import Path

COMMAND = str(Path(sys.executable).parent / "lenddesk")
SECRET_KEY = "a signing key of the tests, long enough"


def environment(database_url: str, var_dir: Path, **settings: str) -> dict[str, str]:
    """The variables of a process."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG", "SYSTEMROOT") if name in os.environ}
    given = {"DATABASE_URL": database_url, "VAR_DIR": str(var_dir), "SECRET_KEY": SECRET_KEY, "COLUMNS": "200"}
    return kept | given | settings
