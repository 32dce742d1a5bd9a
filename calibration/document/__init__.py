"""A hand-written YAML file, read into a model, with every problem reported at its line and column.

`read` turns the text into plain data and remembers where each value stands; `Document.validate`
hands the data to a pydantic model and turns each complaint into plain English. Keys are always
text, as written, so that a county code used as a key keeps its leading zero. Unknown keys are
refused whatever the model says, and `true` never passes for the number 1.
"""

from calibration.document.composer import MAX_DEPTH
from calibration.document.document import Checks, Document, load, read
from calibration.document.problem import MAX_PROBLEMS, BadDocument, Location, Position, Problem
from calibration.document.text import MAX_BYTES

__all__ = [
    "MAX_BYTES",
    "MAX_DEPTH",
    "MAX_PROBLEMS",
    "BadDocument",
    "Checks",
    "Document",
    "Location",
    "Position",
    "Problem",
    "load",
    "read",
]
