"""When participants were in custody or in hospital."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from simulation.measures.ncsc.court import NEVER, Court, day_of, is_in
from simulation.measures.timeline import Spells


def in_custody(court: Court, *places: str) -> Spells:
    """When participants were in these places, jail or prison."""
    table = court.records["custody"]
    return spells(court, table[is_in(table["place"], *places)], "booked", "released")


def in_hospital(court: Court) -> Spells:
    """When participants were in hospital."""
    table = court.records["episodes"]
    return spells(court, table[is_in(table["service"], "hospital")], "start", "end")


def spells(court: Court, table: pd.DataFrame, start: str, end: str) -> Spells:
    """Spells of participants; one that has not ended lasts as long as the records."""
    ended: Any = day_of(table[end])
    until = np.where(ended == NEVER, court.until, ended)
    return Spells.merged(court.code(table["person"]), day_of(table[start]), until)
