"""What is done about differences between groups."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from simulation.county.county import County
from simulation.county.equity import Trait
from simulation.levers.lever import Lever


class CloseReferralGap(Lever):
    """Close the gap in referrals to diversion: those referred less are lifted towards the others.

    By race and ethnicity (others than White), sex (men) or age (18 to 25 years). Nothing else changes for
    anyone, except that more people may wait for the same places.
    """

    lever: Literal["close_referral_gap"]
    by: Annotated[Trait, Field(description="Which gap.")] = "race_ethnicity"
    share: Annotated[
        float, Field(ge=0, le=1, description="How much of it, from 0 to 1, in the logarithm of the odds.")
    ]

    def apply(self, county: County) -> None:
        county.policy.referral_gap.close(self.by, self.share)
