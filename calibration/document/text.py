"""From a file to its text, or why it cannot be read as text."""

from __future__ import annotations

import pathlib
import re
import stat

from calibration.document.problem import Position
from calibration.document.source import Source

MAX_BYTES = 250_000

CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufeff\ufffe\uffff]")


def text_of(source: Source) -> str:
    """The text of the file; raises BadDocument if it cannot be read or is not plain text."""
    text = _decoded(source, _bytes(source)).removeprefix("\ufeff")
    control = CONTROL.search(text)
    if control:
        at = _position_after(text[: control.start()])
        source.refuse("An invisible control character stands here. Remove it.", at)
    return text


def _decoded(source: Source, raw: bytes) -> str:
    is_utf16 = raw.startswith((b"\xff\xfe", b"\xfe\xff"))
    if b"\0" in raw and not is_utf16:
        source.refuse("This is not a text file. Save it as plain text (UTF-8).")
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        before = raw[: error.start].decode()
        message = "The file is not in UTF-8: this character cannot be read. Save it as UTF-8."
        source.refuse(message, _position_after(before))


def _bytes(source: Source) -> bytes:
    path = pathlib.Path(source.file)
    try:
        _check(source, path)
        return path.read_bytes()
    except FileNotFoundError:
        source.refuse("There is no such file.")
    except PermissionError:
        source.refuse("The file cannot be read: permission is denied.")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name is not valid"
        source.refuse(f"The file cannot be read: {reason}.")


def _check(source: Source, path: pathlib.Path) -> None:
    """Refuse what is not an ordinary file of ordinary size, before it is opened."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        source.refuse("This is a folder, not a file.")
    if not stat.S_ISREG(status.st_mode):
        source.refuse("This is not an ordinary file.")
    if status.st_size > MAX_BYTES:
        source.refuse(f"The file has {status.st_size:,} bytes, more than the {MAX_BYTES:,} allowed.")


def _position_after(text: str) -> Position:
    return text.count("\n") + 1, len(text) - (text.rfind("\n") + 1) + 1
