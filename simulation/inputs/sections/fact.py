"""The FACT teams of one county."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.inputs.group_program import GroupProgram, MeantFor
from simulation.inputs.parameter import Grade, Text
from simulation.inputs.sections.quantity import Flow, LocalDuration, LocalNumber, Stock
from simulation.inputs.shift_schedule import Hours
from simulation.inputs.strict_model import StrictModel

FactPriority = Literal["longest_waiting", "in_custody", "highest_need"]
Hour = Annotated[float, Field(ge=0, le=24)]


class FactTeam(StrictModel):
    """One regional team: clinician posts, people enrolled and waiting on day 0, share of the people."""

    name: Annotated[
        str,
        Field(
            pattern=r"^[a-z][a-z_]*$",
            description="The team, in small letters and underscores; levers name it.",
        ),
    ]
    posts: Annotated[int, Field(ge=0, le=500, description="Clinicians' posts, filled or vacant.")]
    enrolled: Annotated[int, Field(ge=0, description="People enrolled on day 0.")]
    waiting: Annotated[int, Field(ge=0, description="People on the team's waiting list on day 0.")] = 0
    share: Annotated[
        float, Field(ge=0, le=1, description="Share of the county's people who live in the team's region.")
    ]
    forensic: Annotated[
        float,
        Field(ge=0, le=1, description="Part of the team that works as FACT; 0 is plain ACT, 1 the default."),
    ] = 1.0


class FidelityScore(StrictModel):
    """The score of one item of a fidelity scale, by a site visit or a plan."""

    item: Annotated[
        str,
        Field(
            pattern=r"^([HO]([1-9]|1[01])|S([1-9]|10)|F([1-9]|1[0-3]))$", description="As H11, O4, S9, F8."
        ),
    ]
    score: Annotated[int, Field(ge=1, le=5, description="By the scale's anchors, 5 is best.")]
    source: Annotated[Text, Field(description="Who says so.")]


class GroupInputs(StrictModel):
    """A treatment group that members of all teams attend once a week."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z_]*$", description="Its name in the results.")]
    slots: Annotated[Stock, Field(description="Members who can be in the group at one time.")]
    length: Annotated[LocalDuration, Field(description="From a member's first week to their last.")]
    session: Annotated[
        LocalDuration, Field(description="Staff time that a weekly session takes, however many come.")
    ]
    meant_for: Annotated[
        MeantFor,
        Field(description="All members, or those with a co-occurring substance use disorder."),
    ] = "everyone"

    @property
    def group_program(self) -> GroupProgram:
        """The group as members meet it."""
        sessions = max(1, round(self.length.days / 7))
        return GroupProgram(self.name, sessions, self.session.days * 1440, self.meant_for)


class OnCall(StrictModel):
    """Hours in which the teams answer their members' crises themselves."""

    opens: Annotated[Hour, Field(description="Hour of the day at which cover begins.")]
    closes: Annotated[Hour, Field(description="Hour at which it ends; if not later, on the next day.")]
    source: Annotated[Text, Field(description="Who says so.")]
    grade: Annotated[Grade, Field(description="A to D, as in the evidence register.")]

    @property
    def hours(self) -> Hours:
        """The hours as the county keeps them."""
        return Hours(self.opens, self.closes)


class FactInputs(StrictModel):
    """Forensic Assertive Community Treatment."""

    teams: Annotated[
        tuple[FactTeam, ...], Field(description="The teams; one is enough, and their shares sum to 1.")
    ]
    caseload_ratio: Annotated[
        LocalNumber, Field(description="How many people one clinician in post can carry.")
    ]
    intake: Annotated[Flow, Field(description="The most that one team enrolls in a month.")]
    contacts: Annotated[
        LocalNumber, Field(description="Contacts with each person that are scheduled a week.")
    ]
    forensic_supervisor: Annotated[
        Stock, Field(description="The supervisor with a forensic role; quoted in reports.")
    ]
    fidelity: Annotated[
        tuple[FidelityScore, ...],
        Field(description="Items of the DACTS and the FACTS that are known of the teams; they go first."),
    ] = ()
    groups: Annotated[tuple[GroupInputs, ...], Field(description="Treatment groups; none, if left out.")] = ()
    on_call: Annotated[
        OnCall | None, Field(description="When teams answer their members' crises; never, if left out.")
    ] = None
    priority: Annotated[
        FactPriority,
        Field(
            description="Who is first on a team's list: who has waited longest, who waits in jail, or who "
            "needs it most (no fixed address, substance use)."
        ),
    ] = "longest_waiting"
    source: Annotated[Text, Field(description="Where the teams' numbers come from.")]
    grade: Annotated[
        Grade,
        Field(
            description="How good that is: A measured here, B published elsewhere, C derived, D assumption."
        ),
    ]

    @property
    def scores(self) -> dict[str, int]:
        """The scores given, by item."""
        return {rated.item: rated.score for rated in self.fidelity}

    @model_validator(mode="after")
    def _regions(self) -> Self:
        names = [team.name for team in self.teams]
        if len(set(names)) < len(names):
            raise ValueError("two teams have the same name")
        groups = [group.name for group in self.groups]
        if len(set(groups)) < len(groups):
            raise ValueError("two groups have the same name")
        total = sum(team.share for team in self.teams)
        if self.teams and abs(total - 1) > 0.005:
            raise ValueError(f"the shares of the teams sum to {total:.3f}, not to 1")
        return self
