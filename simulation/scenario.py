"""A scenario: a county, and dated levers."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Literal

from pydantic import Field

from simulation.inputs.countyfile import CountyFile
from simulation.inputs.format import FILE_FORMAT, FileFormat
from simulation.inputs.parameter import Text
from simulation.inputs.parameters import Parameters
from simulation.inputs.strict_model import StrictModel
from simulation.levers import AnyLever, own_code


class ScenarioFile(StrictModel):
    """A question about a county, and the dated levers whose effect answers it."""

    format: FileFormat = FILE_FORMAT
    kind: Annotated[Literal["scenario"], Field(description="Says that this file describes a scenario.")]
    name: Annotated[Text, Field(description="A short name, as printed over results.")]
    question: Annotated[Text, Field(description="What a planner wants to know.")]
    county: Annotated[
        Text,
        Field(description="The county file it starts from: a name shipped, one beside this file, or a path."),
    ]
    levers: Annotated[tuple[AnyLever, ...], Field(min_length=1, description="What is changed, and when.")]


class Scenario(StrictModel):
    """What is run: a county, its levers, and the parameters that hold there.

    subgroups: whether every measure of people is also reported for each group of them.
    """

    key: str
    name: str
    question: str
    county: CountyFile
    levers: tuple[AnyLever, ...] = ()
    parameters: Parameters
    subgroups: bool = False

    def fingerprint(self) -> str:
        """A hash of everything a run depends on besides Offramp's code, seed and replication."""
        digest = blake2b(self.model_dump_json(exclude={"key"}).encode(), digest_size=12)
        for lever in self.levers:
            digest.update(own_code(type(lever)))
        return digest.hexdigest()
