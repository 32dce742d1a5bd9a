"""What the court decides: its days, whom it takes, and how it answers."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.inputs.sections.court import Sanctions
from simulation.inputs.strict_model import StrictModel
from simulation.inputs.weekday import WEEKDAYS, Weekday
from simulation.levers.lever import Lever
from simulation.pathway import diversion, docket

Days = Annotated[float, Field(ge=1, le=3660)]


class CourtLever(Lever):
    """A lever on what the court decides."""

    section = "court"


class AddDocketDay(CourtLever):
    """Hold a further docket day each week."""

    lever: Literal["add_docket_day"]
    weekday: Annotated[Weekday, Field(description="The day of the week on which the court also sits.")]
    slots: Annotated[int, Field(ge=1, le=1000, description="Cases heard on such a day.")]

    def apply(self, county: County) -> None:
        wait = (WEEKDAYS.index(self.weekday) - self.date.weekday()) % 7
        county.env.process(docket.docket_days(county, self.slots, county.day + wait))


class AddDocketSlots(CourtLever):
    """Hear more cases (or fewer, if negative) on every docket day."""

    lever: Literal["add_docket_slots"]
    slots: Annotated[int, Field(ge=-1000, le=1000, description="How many cases more.")]

    def apply(self, county: County) -> None:
        county.policy.docket_slots += self.slots


class SubstituteJudge(CourtLever):
    """Have another judge sit on days on which the court's own is absent."""

    lever: Literal["substitute_judge"]
    share: Annotated[float, Field(gt=0, le=1, description="Share of the absences that are covered.")] = 1.0

    def apply(self, county: County) -> None:
        county.policy.judge_absence *= 1 - self.share


class SetPhase(StrictModel):
    """A phase of the program before the last one."""

    days: Annotated[Days, Field(description="How long the phase lasts, in days.")]
    hearing_every: Annotated[Days, Field(description="Days between status hearings in it.")]


class SetHearings(CourtLever):
    """See participants at other intervals, phase by phase, from their next hearing on."""

    lever: Literal["set_hearings"]
    phases: Annotated[
        tuple[SetPhase, ...], Field(description="Phases before the last one; left out, there are none.")
    ] = ()
    then_every: Annotated[Days, Field(description="Days between status hearings after these phases.")]

    def apply(self, county: County) -> None:
        phases = tuple((phase.days, phase.hearing_every) for phase in self.phases)
        rules = replace(county.policy.rules, phases=phases, hearing_interval=self.then_every)
        county.policy.rules = rules


class SetSanctions(CourtLever):
    """Answer a miss with jail, with jail after milder sanctions, or never with jail."""

    lever: Literal["set_sanctions"]
    sanctions: Annotated[Sanctions, Field(description="jail, graduated or no_jail.")]

    def apply(self, county: County) -> None:
        county.policy.rules = replace(county.policy.rules, sanctions=self.sanctions)


class SetWarrants(CourtLever):
    """Change how long someone may be away on a bench warrant, and whether their place is held."""

    lever: Literal["set_warrants"]
    limit: Annotated[Days, Field(description="Days of absence after which the program is ended.")]
    place_held: Annotated[bool, Field(description="Whether the place in care is held meanwhile.")] = True

    def apply(self, county: County) -> None:
        rules = replace(county.policy.rules, warrant_limit=self.limit, place_held=self.place_held)
        county.policy.rules = rules


class SetDeadlines(CourtLever):
    """Set the days the court gives for reports; what comes later is written down as late."""

    lever: Literal["set_deadlines"]
    evaluation: Annotated[Days, Field(description="Days from the order to the evaluation.")]
    assessment: Annotated[Days, Field(description="Days from the order to the clinical assessment.")]

    def apply(self, county: County) -> None:
        county.policy.rules = replace(
            county.policy.rules, evaluation_deadline=self.evaluation, assessment_deadline=self.assessment
        )


class StopReferrals(CourtLever):
    """Refer nobody to diversion any more; those already in the program finish it."""

    lever: Literal["stop_referrals"]

    def apply(self, county: County) -> None:
        county.policy.referral_if_identified = 0.0
        county.policy.referral_if_missed = 0.0
        county.policy.diverted_if_incompetent = 0.0


class LimitReferrals(CourtLever):
    """Take so many referrals a month and decline those that come after them."""

    lever: Literal["limit_referrals"]
    per_month: Annotated[int, Field(ge=0, le=10_000, description="How many referrals a month.")]

    def apply(self, county: County) -> None:
        policy = county.policy
        first, policy.referral_limit = policy.referral_limit == inf, self.per_month
        policy.referrals_left = min(policy.referrals_left, self.per_month)
        if first:
            county.env.process(diversion.renew_limit_each_month(county))


class FormInteragencyTeam(CourtLever):
    """Have courts, defense and behavioral health meet regularly: more of those identified are referred."""

    lever: Literal["form_interagency_team"]

    def apply(self, county: County) -> None:
        county.policy.referral_ratio *= county.parameters.lever.team_referral_ratio.value


class SupportConsent(CourtLever):
    """Have a peer explain diversion before someone is asked to consent."""

    lever: Literal["support_consent"]

    def apply(self, county: County) -> None:
        county.policy.consent = county.parameters.lever.supported_consent.value


class WaiveCriterion(CourtLever):
    """Turn nobody down any more for one of the criteria of eligibility."""

    lever: Literal["waive_criterion"]
    criterion: Annotated[
        Literal["no_diagnosis", "no_nexus", "risk", "no_benefit"],
        Field(description="The reason for which people are refused until then."),
    ]

    def apply(self, county: County) -> None:
        county.policy.waived.add(self.criterion)


class ExcludeCharge(CourtLever):
    """Take no cases of a charge level into diversion any more."""

    lever: Literal["exclude_charge"]
    charge: Annotated[Literal["felony", "misdemeanor"], Field(description="The charge level.")]

    def apply(self, county: County) -> None:
        county.policy.divertible -= {self.charge}
