"""The bench's server, which looks each millisecond of its CPU time at what it is doing. `bench.profile` starts it."""

import signal
import sysconfig
from collections import Counter
from pathlib import Path
from time import process_time
from types import FrameType

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bench.serving import bench_settings, serve
from gql.app import create_app

SAMPLES_PATH = "/bench/samples"
_EVERY_SECONDS = 0.001
_ROOT = Path(__file__).parent.parent
_PACKAGES, _LIBRARY = Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("stdlib"))


class Sampler:
    """Counts where the process is. Time in C counts for the Python function that called it, or that comes next."""

    def __init__(self) -> None:
        self._parts: Counter[str] = Counter()
        self._functions: Counter[str] = Counter()
        self._since = process_time()

    def start(self) -> None:
        """From now on. Only in the main thread."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, _EVERY_SECONDS, _EVERY_SECONDS)

    async def read(self, _request: Request) -> JSONResponse:
        """What was counted since the last time, and the CPU time since then."""
        # The signal comes between any two steps: what is being counted into is put aside before it is looked at.
        parts, self._parts = self._parts, Counter()
        functions, self._functions = self._functions, Counter()
        since, self._since = self._since, process_time()
        taken = {"parts": parts, "functions": dict(functions.most_common(5)), "cpu_seconds": self._since - since}
        return JSONResponse(taken)

    def _look(self, _signal: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        code = frame.f_code
        part = part_of(code.co_filename)
        self._parts[part] += 1
        self._functions[f"{part}: {code.co_qualname}"] += 1


def part_of(file: str) -> str:
    """A layer of ours, a package, or a module of the standard library, by the path of its source."""
    path = Path(file)
    if path.is_relative_to(_PACKAGES):
        return path.relative_to(_PACKAGES).parts[0].removesuffix(".py")
    if path.is_relative_to(_ROOT):
        return ".".join(path.relative_to(_ROOT).with_suffix("").parts[:2])
    if path.is_relative_to(_LIBRARY):
        return path.relative_to(_LIBRARY).parts[0].removesuffix(".py")
    return "gql.execution" if file == "<plan>" else "generated"


def main() -> None:
    """Serve the application."""
    app = create_app(bench_settings())
    sampler = Sampler()
    app.router.routes.append(Route(SAMPLES_PATH, sampler.read))
    sampler.start()
    serve(app)


if __name__ == "__main__":
    main()
