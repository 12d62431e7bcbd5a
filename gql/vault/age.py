"""Files encrypted with age (https://age-encryption.org), for public keys or a passphrase, while they are written."""

import asyncio
import hashlib
import json
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import IO, Any, Final

from gql.domain.member_exports import LONGEST_KEY, Recipients

_PIECE: Final = 65_536


class NotEncrypted(Exception):
    """The process that encrypts has failed. Never says of what."""


@dataclass(frozen=True, slots=True)
class Encrypted:
    """What is known of the encrypted bytes."""

    size: int
    sha256: str


def is_public_key(text: str) -> bool:
    """Whether files can be encrypted for it: a key of age (`age1…`), or one of SSH that age takes."""
    from pyrage import RecipientError

    from gql.vault.age_process import recipient_of

    if len(text) > LONGEST_KEY or "\n" in text:
        return False
    try:
        recipient_of(text)
    except RecipientError:
        return False
    return True


def fingerprint_of(public_key: str) -> str:
    """By which a key is known where it need not stand itself."""
    return hashlib.sha256(public_key.encode()).hexdigest()[:16]


async def encrypt(pieces: AsyncIterator[bytes], file: IO[bytes], recipients: Recipients) -> Encrypted:
    """Encrypt what comes into the file, which then stands at its beginning. Nothing of it is on a disk in plain text.

    For a passphrase, the other process holds all of it in memory for a while. Raises what the iterator raises, and
    NotEncrypted.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "gql.vault.age_process",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    writing = asyncio.create_task(_write(process.stdin, pieces, recipients))
    try:
        encrypted = await _read(process.stdout, file)
        await writing
        if await process.wait() != 0:
            raise NotEncrypted
    finally:
        writing.cancel()
        with suppress(BaseException):
            await writing
        if process.returncode is None:
            process.kill()
            await process.wait()
    file.seek(0)
    return encrypted


async def _write(stdin: Any, pieces: AsyncIterator[bytes], recipients: Recipients) -> None:
    wish: dict[str, Any] = {"publicKeys": list(recipients.public_keys)}
    if recipients.passphrase is not None:
        wish = {"passphrase": recipients.passphrase}
    try:
        stdin.write(json.dumps(wish).encode() + b"\n")
        async for piece in pieces:
            stdin.write(piece)
            await stdin.drain()
    except (BrokenPipeError, ConnectionResetError):
        raise NotEncrypted from None
    finally:
        stdin.close()


async def _read(stdout: Any, file: IO[bytes]) -> Encrypted:
    digest, size = hashlib.sha256(), 0
    while piece := await stdout.read(_PIECE):
        digest.update(piece)
        size += len(piece)
        await asyncio.to_thread(file.write, piece)
    return Encrypted(size, digest.hexdigest())
