"""A file with a digest of its content, so that a damaged or foreign one is never read as a kept result."""

from __future__ import annotations

import stat
from hashlib import blake2b
from pathlib import Path

from simulation.atomic import write_atomic

MAX_BYTES = 250_000_000
"""Of a file; those of the largest county with subgroups are a hundredth of it."""

_DIGEST = 32


def write_checked(path: Path, form: bytes, body: bytes) -> None:
    """Write a format line, the digest and the body; raises OSError and leaves nothing half written then."""
    write_atomic(path, checked(form, body))


def checked(form: bytes, body: bytes) -> bytes:
    """The bytes of a checked file."""
    return form + blake2b(body, digest_size=_DIGEST).digest() + body


def read_checked(path: Path, form: bytes) -> bytes | None:
    """The body of a file of this format; None if it is none, or not as it was written."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_BYTES:
            return None
        content = path.read_bytes()
    except OSError:
        return None
    head = len(form) + _DIGEST
    body = content[head:]
    return body if content == checked(form, body) else None
