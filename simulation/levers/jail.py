"""What is done in the jail."""

from __future__ import annotations

from typing import Literal

from simulation.county import County
from simulation.levers.lever import Lever


class EmbedJailStaff(Lever):
    """Place behavioral health staff in the jail: more people identified, referred sooner."""

    lever: Literal["embed_jail_staff"]

    def pull(self, county: County) -> None:
        effect = county.parameters.lever
        county.policy.screening_sensitivity = effect.embedded_sensitivity.value
        county.policy.referral_delay_ratio = effect.embedded_delay_ratio.value
