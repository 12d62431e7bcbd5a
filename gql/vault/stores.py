"""Where documents' bytes are: a folder, or a bucket of any S3-compatible service. Keys are ours: letters and digits."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO, Any, Final, Protocol

_PIECE: Final = 262_144
"""Bytes that are read or copied at a time."""

_PART: Final = 5_242_880
"""Bytes that are sent to a bucket at a time: the least that S3 takes for a part."""


class Missing(Exception):
    """There are no bytes under the key."""


class Store(Protocol):
    """All that is asked of one."""

    async def put(self, key: str, file: IO[bytes]) -> None:
        """Keep the file's bytes, from where it stands, under a key. They are there as a whole or not at all."""

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes, piece by piece. Raises Missing."""

    async def delete(self, key: str) -> None:
        """Forget the bytes under a key, if there are any."""


def store_of(setting: str, folder: Path) -> Store:
    """The store of the setting DOCUMENT_STORE; without one, the folder."""
    return BucketStore(setting) if setting else FolderStore(folder)


class FolderStore:
    """A folder of this machine, or one that all servers share. Made with the first document."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def put(self, key: str, file: IO[bytes]) -> None:
        """Keep the bytes."""
        await asyncio.to_thread(self._put, self._path(key), file)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes."""
        try:
            file = await asyncio.to_thread(self._path(key).open, "rb")
        except FileNotFoundError:
            raise Missing from None
        return _pieces(file)

    async def delete(self, key: str) -> None:
        """Forget the bytes, and those of a write that did not end."""
        path = self._path(key)
        for file in (path, _part(path)):
            await asyncio.to_thread(file.unlink, missing_ok=True)

    def _path(self, key: str) -> Path:
        return self._folder / key[-2:] / key

    @staticmethod
    def _put(path: Path, file: IO[bytes]) -> None:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with open(_part(path), "wb", opener=_for_the_owner) as kept:
            shutil.copyfileobj(file, kept, _PIECE)
            kept.flush()
            os.fsync(kept.fileno())
        _part(path).replace(path)
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


class BucketStore:
    """A bucket, as `s3://bucket/prefix`. Credentials, region and endpoint come from AWS's own variables."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._store: Any = None

    async def put(self, key: str, file: IO[bytes]) -> None:
        """Keep the bytes."""
        from obstore import put_async

        await put_async(self._opened(), key, file, chunk_size=_PART, max_concurrency=2)

    async def open(self, key: str) -> AsyncIterator[bytes]:
        """The bytes."""
        from obstore import get_async

        try:
            found = await get_async(self._opened(), key)
        except FileNotFoundError:
            raise Missing from None
        return _of_stream(found.stream(min_chunk_size=_PIECE))

    async def delete(self, key: str) -> None:
        """Forget the bytes."""
        from obstore import delete_async

        try:
            await delete_async(self._opened(), key)
        except FileNotFoundError:
            return

    def _opened(self) -> Any:
        """The client: 5 MB that no server needs who keeps documents in a folder, or has not sent one yet."""
        if self._store is None:
            from obstore.store import S3Store

            plain = os.environ.get("AWS_ENDPOINT_URL", "").startswith("http://")
            self._store = S3Store.from_url(self._url, client_options={"allow_http": plain})
        return self._store


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    try:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece
    finally:
        file.close()


async def _of_stream(stream: Any) -> AsyncIterator[bytes]:
    async for piece in stream:
        yield bytes(piece)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def _for_the_owner(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
