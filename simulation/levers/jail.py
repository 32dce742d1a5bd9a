"""What is done in the jail."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from simulation.county.county import County
from simulation.county.pretrial import ChargeKind
from simulation.levers.lever import Lever

Share = Annotated[float, Field(ge=0, le=1)]


class JailLever(Lever):
    """A lever on what is done in the jail."""

    section = "jail"


class EmbedJailStaff(JailLever):
    """Place behavioral health staff in the jail: more people identified, referred sooner."""

    lever: Literal["embed_jail_staff"]

    def apply(self, county: County) -> None:
        effect = county.parameters.lever
        county.policy.screening_sensitivity = effect.embedded_sensitivity.value
        county.policy.referral_delay_ratio = effect.embedded_delay_ratio.value


class ChangeScreeningTool(JailLever):
    """Screen with another tool at booking, of the accuracy published or tested in the county."""

    lever: Literal["change_screening_tool"]
    sensitivity: Annotated[
        Share, Field(description="Share of people with serious mental illness whom the tool identifies.")
    ]
    specificity: Annotated[
        Share | None,
        Field(description="Share of the others whom it rightly passes over; left out, as before."),
    ] = None

    def apply(self, county: County) -> None:
        county.policy.screening_sensitivity = self.sensitivity
        if self.specificity is not None:
            county.policy.screening_specificity = self.specificity
            county.log.capacity(county.day, "screening", "specificity", self.specificity)


class ShareData(JailLever):
    """Match the jail's bookings with behavioral health's records: more identified, more teams notified."""

    lever: Literal["share_data"]

    def apply(self, county: County) -> None:
        effect = county.parameters.lever
        county.policy.records_matched = effect.data_sharing_matched.value
        county.policy.notified = max(county.policy.notified, effect.data_sharing_notified.value)


class NotifyWithinADay(JailLever):
    """Have the jail notify the court's team within 24 hours when a participant is booked."""

    lever: Literal["notify_within_24h"]

    def apply(self, county: County) -> None:
        compliance = county.parameters.lever.notice_compliance.value
        county.policy.notified = max(county.policy.notified, compliance)
        county.policy.notice_within = 1.0


class ReleaseOnRecognizance(JailLever):
    """Release these shares of people booked and charged on their own recognizance; others get bail set."""

    lever: Literal["release_on_recognizance"]
    felony: Annotated[
        Share | None, Field(description="Of people charged with a felony; left out, as before.")
    ] = None
    other: Annotated[
        Share | None,
        Field(description="Of people charged with a misdemeanor or an ordinance offense."),
    ] = None
    violation: Annotated[
        Share | None, Field(description="Of people booked for a violation of probation.")
    ] = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.felony is None and self.other is None and self.violation is None:
            raise ValueError("say a share for at least one of felony, other and violation")
        return self

    def apply(self, county: County) -> None:
        chosen: dict[ChargeKind, Share | None] = {
            "felony": self.felony,
            "other": self.other,
            "violation": self.violation,
        }
        county.policy.recognizance |= {kind: share for kind, share in chosen.items() if share is not None}


class ContinueMedication(JailLever):
    """Make it somebody's task that medication goes on in jail within days."""

    lever: Literal["continue_medication"]

    def apply(self, county: County) -> None:
        county.policy.medication_continued = county.parameters.lever.medication_continued.value


class PlanReentry(JailLever):
    """Plan re-entry: people identified leave with a plan and an appointment."""

    lever: Literal["plan_reentry"]

    def apply(self, county: County) -> None:
        county.policy.reentry_planned = county.parameters.lever.reentry_planned.value
