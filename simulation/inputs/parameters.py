"""What the model assumes, all of it: the sections of the evidence register.

A parameter's dotted path (``court.evaluation``) is its name everywhere: in the evidence register, in
the journeys, as the random decision that it governs, and in reports. Decisions that no single parameter
governs have names of their own: ``simulation.engine.decision``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from simulation.inputs.parameter import AnyDuration, Number, Parameter, Rate, Ratio, Share
from simulation.inputs.strict_model import StrictModel


class Section(StrictModel):
    """A group of parameters that belong to one part of the pathway."""


class People(Section):
    """Who is in contact with the crisis or justice system."""

    death: Rate
    moving_away: Rate
    female: Share
    age_18_25: Share
    age_26_40: Share
    age_41_55: Share
    substance_use: Share
    high_risk: Share
    high_impairment: Share
    psychotic: Share
    homeless: Share
    homeless_concentration: Number
    smi_share_of_homeless: Share
    homeless_spell: AnyDuration
    chronic_share: Share
    chronic_spell: AnyDuration
    jail_loss_ratio: Ratio


class Arrest(Section):
    """Offending and what the arrest is for."""

    rate: Rate
    frailty_shape: Number
    high_risk_ratio: Ratio
    substance_use_ratio: Ratio
    young_ratio: Ratio
    age_41_55_ratio: Ratio
    age_56_ratio: Ratio
    homeless_ratio: Ratio
    return_excess: Number
    return_fading: AnyDuration
    felony: Share
    felony_half_rate: Rate
    felony_in_crisis: Share
    violation: Share
    ordinance: Share
    cite_and_release: Share


class Crisis(Section):
    """Crisis episodes, intercepts 0 and 1."""

    rate: Rate
    frailty_shape: Number
    offending_correlation: Number
    impairment_ratio: Ratio
    psychotic_ratio: Ratio
    substance_use_ratio: Ratio
    homeless_ratio: Ratio
    excess_after_crisis: Number
    excess_after_discharge: Number
    fading: AnyDuration
    line_share: Share
    line_wait: AnyDuration
    call: AnyDuration
    phone_resolution: Share
    walk_in_share: Share
    transfer_share: Share
    police_contact_share: Share
    ed_share: Share
    mobile_wait: AnyDuration
    travel: AnyDuration
    neighbor_travel_ratio: Ratio
    mobile_contact: Share
    search: AnyDuration
    on_scene: AnyDuration
    mobile_resolution: Share
    mobile_arrest: Share
    cit_share: Share
    arrest_untrained: Share
    cit_arrest_odds: Ratio
    coresponder_arrest_odds: Ratio
    police_transport: Share
    drop_off_refused: Share
    arrest_if_refused: Share
    stabilization_stay: AnyDuration
    step_up: Share
    short_term_stay: AnyDuration
    short_term_to_inpatient: Share


class Hospital(Section):
    """Emergency department and inpatient psychiatry."""

    ed_wait: AnyDuration
    ed_stay: AnyDuration
    ed_admission: Share
    psychotic_odds: Ratio
    impairment_odds: Ratio
    readmission_odds: Ratio
    boarding: AnyDuration
    inpatient_stay: AnyDuration
    long_stay_share: Share
    long_stay: AnyDuration


class Jail(Section):
    """Booking, screening, release and sentence, intercept 2."""

    recognizance_felony: Share
    recognizance_other: Share
    recognizance_violation: Share
    bail_felony: Share
    bail_other: Share
    bail_violation: Share
    recognizance_stay: AnyDuration
    bail_delay: AnyDuration
    sentence_felony: AnyDuration
    sentence_other: AnyDuration
    screening: AnyDuration
    follow_up: AnyDuration
    screening_sensitivity: Share
    screening_specificity: Share
    noticed: Share
    noticing: AnyDuration
    notified: Share
    notice: AnyDuration
    in_reach: Share
    medicated: Share
    medication_check: AnyDuration
    medication_continued: Share
    medication_if_missed: Share
    planning: AnyDuration
    reentry_planned: Share
    linked: Share
    plan_link_odds: Ratio


class Court(Section):
    """Disposition, diversion and the program's hearings, intercepts 2 and 3."""

    charged: Share
    charging: AnyDuration
    disposition_detained_felony: AnyDuration
    disposition_detained_other: AnyDuration
    disposition_released: AnyDuration
    conviction_detained: Share
    conviction_released: Share
    conviction_terminated: Share
    jail_if_detained: Share
    jail_if_released: Share
    referral_delay: AnyDuration
    referral_if_identified: Share
    referral_if_missed: Share
    consent: Share
    evaluation: AnyDuration
    charge_excluded: Share
    eligible: Share
    lacks_diagnosis: Share
    lacks_nexus: Share
    unreasonable_risk: Share
    assessment: AnyDuration
    granted: Share
    judge_absence: Share
    carried: AnyDuration
    report: AnyDuration
    report_notice: AnyDuration
    hearing_attendance: Share
    warrant: Share
    absconding: Share
    warrant_return: AnyDuration
    warrant_stay: AnyDuration
    sanction: Share
    sanction_stay: AnyDuration
    sanctions_before_jail: Number
    setback: AnyDuration
    incentive: Share
    advance: AnyDuration
    program_length: AnyDuration
    withdrawal: Rate
    discharge: Rate
    transfer: Rate
    failure: Rate
    failure_concentration: Number
    custody_limit: AnyDuration
    arrest_free: AnyDuration
    termination_after_arrest: Share
    arrest_ratio: Ratio


class Competency(Section):
    """Incompetence to stand trial (IST), of people held in jail."""

    doubt: Share
    evaluation: AnyDuration
    incompetent: Share
    diverted: Share
    restoration: AnyDuration
    restored: Share
    patience: AnyDuration


class Fact(Section):
    """Forensic Assertive Community Treatment, intercepts 3 and 4."""

    arrest_ratio: Ratio
    crisis_ratio: Ratio
    forensic_fidelity: Share
    therapy_attendance: Share
    contact: AnyDuration
    engagement_phase: AnyDuration
    active_phase: AnyDuration
    engagement_contacts: Ratio
    transition_contacts: Ratio
    engagement_weight: Ratio
    engagement_lost: Share
    engagement_recovery: AnyDuration
    disengaged_withdrawal_ratio: Ratio
    patience: AnyDuration


class Staffing(Section):
    """Posts: how fast they fall vacant and are filled, and what people in them can carry."""

    turnover: Rate
    case_manager_turnover_ratio: Ratio
    recruitment: AnyDuration
    prescriber_recruitment_ratio: Ratio
    ramp_up: AnyDuration
    usual_pay: Ratio
    pay_elasticity: Number
    double_caseload_ratio: Ratio
    administrative_share: Share
    administrative_ratio: Ratio
    leave: Share


class Housing(Section):
    """Homes for people without fixed address, intercepts 4 and 5."""

    lease_up: AnyDuration
    search: AnyDuration
    landlord_accepts: Share
    tenancy_loss: Rate
    settled_loss_ratio: Ratio
    left_for_own_home: Share
    supervised_loss_ratio: Ratio
    landlord_loss: Rate
    replacement: AnyDuration
    move_on: Rate
    needs_supervision: Share
    accepts_sharing: Share
    coordinated_entry: Share
    unit_held: AnyDuration
    supervised_held: AnyDuration
    grace: AnyDuration
    shelter_use: Share
    shelter_stay: AnyDuration
    chronic_shelter_stay: AnyDuration


class StepDown(Section):
    """Care after the program."""

    referred: Share
    earliest: AnyDuration
    review_interval: AnyDuration
    ready: Share
    stay: AnyDuration
    substance_use_stay: AnyDuration
    patience: AnyDuration
    return_to_fact: Share
    until_return: AnyDuration


class Equity(Section):
    """Differences between groups, where the evidence puts them: at referral."""

    referral_odds_not_white: Ratio
    referral_odds_men: Ratio
    referral_odds_young: Ratio


class LeverEffect(Section):
    """What a lever does to the link it acts on."""

    embedded_sensitivity: Share
    embedded_delay_ratio: Ratio
    data_sharing_matched: Share
    data_sharing_notified: Share
    notice_compliance: Share
    medication_continued: Share
    reentry_planned: Share
    supported_consent: Share
    team_referral_ratio: Ratio
    landlord_incentive_loss_ratio: Ratio
    landlord_incentive_search_ratio: Ratio


class Parameters(StrictModel):
    """All of the model's assumptions that are not local to one county."""

    people: People
    arrest: Arrest
    crisis: Crisis
    hospital: Hospital
    jail: Jail
    court: Court
    competency: Competency
    fact: Fact
    staffing: Staffing
    housing: Housing
    stepdown: StepDown
    equity: Equity
    lever: LeverEffect

    def __iter__(self) -> Iterator[tuple[str, Parameter]]:  # type: ignore[override]
        """Every parameter with its dotted path, in the register's order."""
        for section_name in type(self).model_fields:
            section = getattr(self, section_name)
            for name in type(section).model_fields:
                yield f"{section_name}.{name}", getattr(section, name)

    @classmethod
    def paths(cls) -> Iterator[str]:
        """The dotted path of every parameter, in the register's order."""
        for section, field in cls.model_fields.items():
            fields: dict[str, object] = getattr(field.annotation, "model_fields", {})
            yield from (f"{section}.{name}" for name in fields)

    def replacing(self, changes: dict[str, Parameter]) -> Parameters:
        """A copy in which some parameters, by dotted path, are others."""
        sections: dict[str, dict[str, Any]] = {}
        for path, parameter in changes.items():
            section, name = path.split(".")
            sections.setdefault(section, {})[name] = parameter
        return self.model_copy(
            update={s: getattr(self, s).model_copy(update=new) for s, new in sections.items()}
        )

    def drawn(self, uniform: Callable[[str], float]) -> Parameters:
        """One sample of what we do not know: each parameter moved inside its own range.

        ``uniform(path)`` gives a number in (0, 1) for each dotted path.
        """
        return self.replacing({path: parameter.at(uniform(path)) for path, parameter in self})
