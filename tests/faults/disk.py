"""A small disk, for a test to fill up and to make room on."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

_BLOCK = 64 * 1024


class SmallDisk:
    """A file system in memory. Once it is full, the system says ENOSPC, as of any disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._filler = folder / "filler"

    def fill(self) -> None:
        """To the last block."""
        with self._filler.open("ab", buffering=0) as filler:
            for size in (_BLOCK, 1024, 1):
                try:
                    while filler.write(bytes(size)) == size:
                        pass
                except OSError:
                    continue

    def make_room(self) -> None:
        """As much as there was."""
        self._filler.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mounted at a folder of its own. Skips the test where this process may not mount anything."""
    folder = Path(tempfile.mkdtemp(prefix="ldd"))
    folder.chmod(0o755)  # for a database server that runs as somebody else
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=777", "lenddesk-test", str(folder)]
    try:
        subprocess.run(mount, check=True, capture_output=True, text=True)
    except (OSError, subprocess.CalledProcessError) as error:
        reason = getattr(error, "stderr", None) or str(error)
        folder.rmdir()
        pytest.skip(f"a disk that can be filled needs the right to mount one: {reason.strip()}")
    try:
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True, capture_output=True)
        folder.rmdir()
