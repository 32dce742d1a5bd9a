"""The YAML parser's complaints in plain English."""

from __future__ import annotations

from ruamel.yaml.error import MarkedYAMLError

from calibration.document.problem import Position

_SYNTAX = (  # what the parser says, whether to point at the opening instead, what we say
    (
        "mapping values are not allowed",
        False,
        "A colon is not expected here. Indent like lines alike; put text with a colon in quotes.",
    ),
    (r"character '\t'", False, "A tab stands here. Indent with spaces."),
    ("cannot start any token", False, "Text that starts with this character needs quotes."),
    ("unexpected end of stream", True, "The quotation mark that opens here is never closed."),
    ("expected ',' or ']'", True, "The list opened here with [ lacks a comma or its closing ]."),
    ("expected ',' or '}'", True, "The group opened here with { lacks a comma or its closing }."),
    (
        "but found '<scalar>'",
        False,
        "Text goes on here after it should have ended. Put all of it in one pair of quotes.",
    ),
    ("sequence entries are not", False, "An item that starts with - needs a line of its own."),
    ("expected <block end>", False, "This line does not fit those above. Indent like lines alike."),
    ("could not find expected ':'", True, "A colon and a space are missing after this key."),
    ("unknown escape", False, "A backslash in double quotes is special. Use single quotes."),
    ("expected the node content", False, "A value is expected here."),
)
_OTHERWISE = (False, "This is not valid YAML. Check the indentation, quotes and brackets here.")


def explained(error: Exception) -> tuple[str, Position]:
    """What to say of an error of the parser, and the line and column to say it at."""
    problem = str(getattr(error, "problem", ""))
    known = ((at_opening, message) for fragment, at_opening, message in _SYNTAX if fragment in problem)
    at_opening, message = next(known, _OTHERWISE)
    return message, _position(error, at_opening)


def _position(error: Exception, at_opening: bool) -> Position:
    if not isinstance(error, MarkedYAMLError):
        return 1, 1
    mark = (error.context_mark if at_opening else None) or error.problem_mark or error.context_mark
    return (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
