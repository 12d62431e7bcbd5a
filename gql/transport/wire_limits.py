"""What one connection may take of time and room, and how many there may be."""

from dataclasses import dataclass
from typing import Final

DOCUMENTS: Final = "/documents/"
"""How the addresses begin to which documents are sent."""

MEMBER_FILES: Final = "/member-files/"
"""How those begin to which files of customers are sent."""

_FILES: Final = (DOCUMENTS.encode(), MEMBER_FILES.encode())


@dataclass(frozen=True, slots=True)
class WireLimits:
    """What one connection may take of time and room, and how many there may be."""

    header_seconds: float
    """From the first byte of a request, or the connection's begin, to the end of its headers."""
    body_seconds: float
    """From there to the end of its body."""
    document_seconds: float
    """The same of the bytes of a document or file."""
    write_seconds: float
    """In which a client takes 64 KiB of its answer, or all that is left."""
    url_bytes: int
    header_bytes: int
    """Of all names and values, and the four bytes beside each pair."""
    connections: int
    """More are told to come back, and so are those who come when clients that went have left too much work behind."""

    def body_seconds_of(self, url: bytes) -> float:
        """The time for the body of a request to this address."""
        return self.document_seconds if url.startswith(_FILES) else self.body_seconds
