"""What holds for the repository as a whole: sizes of files, locks that work anywhere, a README that is true."""

import re
from pathlib import Path

import pytest

from gql.readme_tables import settings_table, with_tables
from gql.settings import Settings

ROOT = Path(__file__).parent.parent
LONGEST = 300
WRITTEN_BY_HAND = {".py", ".js", ".css", ".html", ".txt"}
NODE_PACKAGES = [ROOT / "gql/transport/graphiql", ROOT / "bench/peers/node", ROOT / "tests/transport/npm"]
LOCKS = [*(ROOT / "requirements").glob("*.lock"), *(folder / "package-lock.json" for folder in NODE_PACKAGES)]
CONFIGURATION = [
    *LOCKS,
    *(ROOT / "requirements").glob("*.in"),
    *(folder / name for folder in NODE_PACKAGES for name in ("package.json", ".npmrc")),
    ROOT / "pyproject.toml",
    ROOT / "Makefile",
    ROOT / ".ci/run",
]


def test_files_are_short() -> None:
    """About 300 lines, so that a file has one subject. A migration is as long as its change."""
    too_long = {
        str(file.relative_to(ROOT)): lines
        for file in (ROOT / "gql").rglob("*")
        if file.suffix in WRITTEN_BY_HAND and not {"vendor", "versions"} & set(file.parts)
        if (lines := file.read_text().count("\n")) > LONGEST
    }
    assert too_long == {}


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: str(lock.relative_to(ROOT)))
def test_locks_have_checksums_and_name_no_host(lock: Path) -> None:
    """They install from whatever registry or mirror the machine uses, and only the very files that were locked."""
    text = lock.read_text()
    if lock.suffix == ".json":
        assert '"resolved"' not in text
        assert text.count('"integrity"') == text.count('"node_modules/')
    else:
        assert "://" not in text
        assert not re.search(r"^--?[a-z]", text, re.MULTILINE)
        entries = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
        assert entries
        assert all("--hash=sha256:" in entry for entry in entries)


@pytest.mark.parametrize("file", CONFIGURATION, ids=lambda file: str(file.relative_to(ROOT)))
def test_configuration_names_no_place_of_one_machine(file: Path) -> None:
    """No home, no registry's address, no other absolute path."""
    text = file.read_text()
    assert not re.search(r"(?<![\w.)}])/(root|home|Users|work|opt|mnt|srv)/", text)
    assert not re.search(r"\b(index-url|find-links|registry)\s*[=:]\s*\S*://", text)


def test_the_tables_of_the_readme_are_true() -> None:
    """`make readme` writes them anew."""
    readme = (ROOT / "README.md").read_text()
    assert with_tables(readme) == readme


def test_each_setting_says_its_default_and_what_it_means() -> None:
    """One line each; a key has no default to show."""
    lines = settings_table().splitlines()[2:]
    assert len(lines) == len(Settings.model_fields)
    assert all(re.fullmatch(r"\| `[A-Z_]+` \| (`[^`|]+`)? \| [^|]+\. \|", line) for line in lines), lines
    assert "| `PORT` | `8000` | Port to listen on. |" in lines
    assert "| `OUTBOX_IN_SERVER` | `true` |" in settings_table()
