"""The participants of a simulated log, as a county records them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from simulation.measures.dating import Dating, only_where
from simulation.measures.history import Days, Ids
from simulation.measures.housing import without_address
from simulation.measures.program import CARE


class Participants(Dating):
    """Writes the table of participants, a row a referral or stay."""

    def table(self) -> pd.DataFrame:
        """Everyone referred to the court or in its program on day 0, a row a referral or stay."""
        stays = pd.concat([self._admitted(), self._refused()], ignore_index=True)
        stays = self._with_arrest(stays).sort_values(["admitted", "referred", "person"], ignore_index=True)
        person = stays["person"].to_numpy(dtype=np.int64)
        if not len(person):
            return pd.DataFrame()
        admitted, left = stays["admitted"].to_numpy(), stays["left"].to_numpy()
        return pd.DataFrame(
            {
                "person": person.astype(str),
                "arrest_date": self.dated(stays["arrested"].to_numpy()),
                "referral_date": self.dated(stays["referred"].to_numpy()),
                "decision_date": self.dated(stays["decided"].to_numpy()),
                "decision": stays["decision"],
                "decision_reason": stays["reason"],
                "admission_date": self.dated(admitted),
                "exit_date": self.dated(left),
                "exit_type": stays["way_out"],
                "living_at_entry": self._living(person, admitted),
                "living_at_exit": self._living(person, left),
                "charge_level": stays["charge"],
                "care": self._care(stays),
                **self._traits(person),
                "died": self._died(person),
            }
        )

    def _admitted(self) -> pd.DataFrame:
        """Stays in the program, with the day of their referral if it was seen."""
        history, stays = self.history, self.history.spans("court")
        waits = history.waits("court").only(history.ended_by("court", "admitted"))
        referred = pd.DataFrame({"person": waits.person, "admitted": waits.end, "referred": waits.start})
        table = pd.DataFrame({"person": stays.person, "admitted": stays.start, "left": stays.end})
        table = table.assign(way_out=self.spelled(stays.why_out), decision="admitted", reason=None)
        table = table.assign(decided=table["admitted"])
        return table.merge(referred, "left", on=["person", "admitted"])

    def _refused(self) -> pd.DataFrame:
        """Referrals that did not end in admission, or not yet."""
        history, every = self.history, self.history.waits("court")
        not_admitted = ~history.ended_by("court", "admitted")
        waits = every.only(not_admitted)
        declined = history.ended_by("court", "declined")[not_admitted]
        over = np.isfinite(waits.end)
        decision = only_where(over, np.where(declined, "declined", "left_waiting"))
        table = pd.DataFrame({"person": waits.person, "referred": waits.start, "decided": waits.end})
        table = table.assign(reason=self.spelled(waits.why_out), decision=decision)
        return table.assign(admitted=np.nan, left=np.nan, way_out=None)

    def _with_arrest(self, stays: pd.DataFrame) -> pd.DataFrame:
        """With the arrest that led to each referral; of who was there on day 0, to the admission."""
        arrests = pd.DataFrame(self.history.arrests)[["person", "arrested", "charge", "referred", "admitted"]]
        by_referral = arrests.dropna(subset=["referred"]).drop_duplicates(["person", "referred"])
        present = arrests[arrests["referred"].isna()].assign(admitted=arrests["arrested"])
        by_admission = present.drop_duplicates(["person", "admitted"])
        columns = ["person", "arrested", "charge"]
        first = stays.merge(by_referral[[*columns, "referred"]], "left", on=["person", "referred"])
        second = stays.merge(by_admission[[*columns, "admitted"]], "left", on=["person", "admitted"])
        return stays.assign(
            arrested=first["arrested"].fillna(second["arrested"]),
            charge=first["charge"].where(first["charge"].notna(), second["charge"]),
        )

    def _living(self, person: Ids, day: Days) -> NDArray[Any]:
        """Homeless or not on a day; none where there was no such day."""
        seen = np.isfinite(day)
        homeless = np.zeros(len(person), dtype=bool)
        if len(self.history.spans("homeless")):
            homeless = without_address(self.history, person, np.where(seen, day, 0.0))
        return only_where(seen, np.where(homeless, "homeless", "not_homeless"))

    def _care(self, stays: pd.DataFrame) -> NDArray[Any]:
        """The first care that began during each stay."""
        names = [name for prefix in CARE for name in self.history.matching(prefix)]
        spans = [(name, self.history.spans(name)) for name in names]
        begun = [
            pd.DataFrame({"person": s.person, "at": s.start, "care": name.split(".")[0]}) for name, s in spans
        ]
        asked = pd.DataFrame({"person": stays["person"], "at": stays["admitted"], "left": stays["left"]})
        asked = asked.dropna(subset=["at"]).sort_values("at", kind="stable")
        care = np.full(len(stays), None, dtype=object)
        if begun and len(asked):
            order = pd.concat(begun).assign(since=lambda frame: frame["at"]).sort_values("at", kind="stable")
            next_care = pd.merge_asof(asked, order, on="at", by="person", direction="forward")
            inside = next_care["since"].to_numpy() <= asked["left"].to_numpy()
            care[asked.index] = only_where(inside, next_care["care"])
        return care

    def _traits(self, person: Ids) -> Mapping[str, NDArray[Any]]:
        """What does not change about people."""

        def trait(column: str) -> NDArray[Any]:
            return self.history.traits(column, person)

        return {
            "criminogenic_risk": np.where(trait("criminogenic_risk"), "high", "low"),
            "functional_impairment": np.where(trait("functional_impairment"), "high", "low"),
            "co_occurring": trait("substance_use"),
            "sex": trait("sex"),
            "age_band": trait("age_band"),
            "race_ethnicity": trait("race_ethnicity"),
        }

    def _died(self, person: Ids) -> NDArray[Any]:
        who, day, why = self.history.days("county", "discharged")
        dead = why == self.history.events.code("death")
        days = pd.Series(day[dead], index=who[dead])
        return self.dated(days.reindex(person).to_numpy())
