"""How many random examples a run takes of each kind: a few every day, and as many times more as `EXAMPLES` says.

`make soak` asks for ten times as many. A test that is here has found its planted bugs with the number of every day.
"""

import os
from typing import Final

_TIMES: Final = int(os.environ.get("EXAMPLES", "1"))


def examples(everyday: int) -> int:
    """So many, or the multiple that this run is asked for."""
    return everyday * _TIMES
