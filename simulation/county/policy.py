"""What the county decides: standing rules, and the policy that levers change."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from math import inf

from simulation.county.equity import ReferralGap
from simulation.county.outcome import Charge
from simulation.county.person import Traits
from simulation.county.pretrial import ChargeKind, recognizance
from simulation.inputs.housing_type import HomeRules
from simulation.inputs.parameters import Parameters
from simulation.inputs.rules import Rules
from simulation.inputs.sections.fact import FactPriority
from simulation.inputs.shift_schedule import Hours, ShiftSchedule


@dataclass
class Policy:
    """What levers change at their date and journeys read when a decision is due.

    Shares in 0 to 1; ratios multiply what the parameter says, 1 meaning no change; shift_schedule,
    coresponder_share, no_refusal, homes, fact_priority and on_call as in ``Rules``. caseload_ratio:
    persons per clinician of a team that is set up now; contacts_per_week: with each person in the active
    phase; leave: share of paid time; administrative_share: of staff time, for paperwork, meetings and
    travel; review_interval: days between reviews of readiness for less care; spread_vacancies: whether a
    vacancy's people are spread over the team, which goes on enrolling, or close its intake;
    intake_per_month: persons a team may enroll a month; overflow: whether a team with room takes people
    of a region whose team is full; recognizance: share released on their own recognizance, by kind of
    charge; records_matched: share of people in jail found in behavioral health's records; notice_within:
    the most days until a participant's team is notified of a booking. rules: the standing rules as they are
    now; docket_slots: slots more on every docket day; divertible: charge levels open to diversion;
    waived: criteria for eligibility that no longer turn anyone down; referral_limit: referrals the court
    takes a month, referrals_left: those left of this month's.
    """

    recognizance: dict[ChargeKind, float]
    screening_sensitivity: float
    screening_specificity: float
    notified: float
    medication_continued: float
    reentry_planned: float
    referral_if_identified: float
    referral_if_missed: float
    shift_schedule: ShiftSchedule
    cit_share: float
    coresponder_share: float
    no_refusal: bool
    rules: Rules
    consent: float
    judge_absence: float
    diverted_if_incompetent: float
    referral_gap: ReferralGap
    homes: HomeRules
    review_interval: float
    referral_delay_ratio: float = 1.0
    caseload_ratio: float = 10.0
    contacts_per_week: float = 3.0
    administrative_share: float = 0.0
    leave: float = 0.0
    spread_vacancies: bool = False
    intake_per_month: float = 6.0
    overflow: bool = False
    fact_priority: FactPriority = "longest_waiting"
    on_call: Hours | None = None
    records_matched: float = 0.0
    notice_within: float = inf
    referral_ratio: float = 1.0
    referral_limit: float = inf
    referrals_left: float = inf
    docket_slots: int = 0
    divertible: frozenset[str] = frozenset({Charge.FELONY, Charge.MISDEMEANOR})
    waived: set[str] = field(default_factory=set)

    def referral_share(self, identified: bool, traits: Traits) -> float:
        """The chance that the defense refers someone with these traits now."""
        share = self.referral_if_identified if identified else self.referral_if_missed
        return self.referral_gap.share(min(1.0, share * self.referral_ratio), traits)

    def best_referral_share(self, traits: Traits) -> float:
        """The same if the jail has noticed the illness or if it has missed it, whichever is more."""
        return self.referral_share(self.referral_if_identified > self.referral_if_missed, traits)

    @classmethod
    def start(cls, parameters: Parameters, rules: Rules) -> Policy:
        """What holds on day 0, before any lever."""
        jail = parameters.jail
        return cls(
            recognizance=recognizance(parameters),
            screening_sensitivity=jail.screening_sensitivity.value,
            screening_specificity=jail.screening_specificity.value,
            notified=jail.notified.value,
            medication_continued=jail.medication_continued.value,
            reentry_planned=jail.reentry_planned.value,
            referral_if_identified=parameters.court.referral_if_identified.value,
            referral_if_missed=parameters.court.referral_if_missed.value,
            caseload_ratio=rules.caseload_ratio,
            intake_per_month=rules.intake_per_month,
            contacts_per_week=rules.sessions_per_week,
            fact_priority=rules.fact_priority,
            on_call=rules.on_call,
            leave=parameters.staffing.leave.value,
            administrative_share=parameters.staffing.administrative_share.value,
            shift_schedule=rules.shift_schedule,
            cit_share=parameters.crisis.cit_share.value,
            coresponder_share=rules.coresponder_share,
            no_refusal=rules.no_refusal,
            rules=rules,
            consent=parameters.court.consent.value,
            judge_absence=parameters.court.judge_absence.value,
            diverted_if_incompetent=parameters.competency.diverted.value,
            referral_gap=ReferralGap.start(parameters, rules.not_white),
            review_interval=parameters.stepdown.review_interval.days,
            homes=replace(rules.homes, admits=dict(rules.homes.admits)),
        )
