"""Secrets that are made at the first start, for an installation that was given none."""

import secrets
from collections.abc import Callable
from pathlib import Path


def kept_secret(path: Path, make: Callable[[], str]) -> str:
    """What the file holds; a new one is readable by its owner only. Of several processes that make it, one does."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_suffix(f".{secrets.token_hex(4)}")
        fresh.touch(mode=0o600)
        fresh.write_text(make())
        try:
            path.hardlink_to(fresh)  # fails where another process was first: theirs counts
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text()
