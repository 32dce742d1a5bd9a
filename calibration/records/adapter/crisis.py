"""Mobile crisis dispatches: Lane County, Oregon."""

from __future__ import annotations

import pandas as pd

from calibration.records.adapter.column import Column
from calibration.records.adapter.declaration import Adapter, Source, Table
from calibration.records.adapter.fault import Fault, midnight, missing, repeated

TIMES = {
    "requested": "Dispatch Request Date & Time",
    "dispatched": "Dispatch Date & Time",
    "arrived": "Arrival on Scene Date & Time",
    "engaged": "Engagement with Client Date & Time",
    "departed": "MCIT Departure Date & Time",
}
SPELLINGS = {
    "Engaged Client": "engaged",
    "Engaged client": "engaged",
    "Unable to Locate": "not_found",
    "Unable to locate client": "not_found",
    "Refused": "refused",
    "Client declined to engage": "refused",
    "Cancelled": "cancelled",
    "Dispatch canceled before arrival": "cancelled",
    "No contact due to safety concern": "unsafe",
    "Other": "other",
}
PLACES = {
    "Remained in community": "community",
    "Emergency Department": "emergency_department",
    "Sobering/Detox Facility": "detox",
    "Sobering or Detox Facility": "detox",
    "Arrest": "arrest",
    "Respite": "respite",
    "Other": "other",
}
FAR = pd.Timedelta("1D")


def _backwards(late: str, early: str) -> Fault:
    return Fault(
        f"{late} before {early}, or more than a day after it",
        lambda table: (table[late] < table[early]) | (table[late] - table[early] > FAR),
        "set missing",
        (late,),
    )


LANE = Adapter(
    name="lane_mobile_crisis",
    title="Lane County mobile crisis dispatches",
    origin="Lane County, Oregon, Mobile Crisis Services, 2024-08 to 2025-08",
    sources=(
        Source(
            columns=(
                Column("ID", "dispatch"),
                *(Column(source, name, "moment") for name, source in TIMES.items()),
                Column("End Point of Dispatch", "outcome", words=SPELLINGS),
                Column("Reason for Dispatch #1", "reason"),
                Column("Disposition", "disposition", words=PLACES),
                Column("City", "city"),
            ),
            faults=(
                Fault("the same dispatch again", repeated("dispatch"), "row left out"),
                *(
                    Fault(
                        f"{name} at exactly 00:00: a date without a time",
                        midnight(name),
                        "set missing",
                        (name,),
                    )
                    for name in TIMES
                ),
                _backwards("dispatched", "requested"),
                _backwards("arrived", "dispatched"),
                _backwards("engaged", "arrived"),
                _backwards("departed", "arrived"),
                Fault("no time of the request", missing("requested"), "kept"),
                Fault("no end point", missing("outcome"), "kept"),
                Fault(
                    "request between 14:00 and 21:59: as many as that look like times in UTC",
                    lambda table: table["requested"].dt.hour.between(14, 21) & _peak_in_utc(table),
                    "kept",
                ),
            ),
        ),
    ),
    tables=(Table("dispatches", "a dispatch"),),
    notes=(
        "Waits between two times are right whatever the zone; ask the county before the hour is used.",
        "Two spellings of one end point are read as one. November and December 2024 are not there, and "
        "demand steps up in April 2025: rates from it are no steady state.",
    ),
)


def _peak_in_utc(table: pd.DataFrame) -> bool:
    """Whether more than half of the requests fall into eight hours from 14:00, as 7 to 15 in UTC would."""
    hours = table["requested"].dropna().dt.hour
    return bool(hours.between(14, 21).mean() > 0.5)
