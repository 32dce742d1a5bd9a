"""Records as counties and their neighbours publish them, read by name or recognised by their columns.

    reading = read("jail_profile_survey", path)
    reading.table              # canonical columns, one row an agency's month
    print(reading)             # every fault that was caught, in how many rows, and what was done

An adapter is a declaration (`jail.py` has three): what a column is called there and here, the known faults,
the tables that come out. docs/adapters.md lists them all.
"""

from calibration.records.adapter.column import Column, term
from calibration.records.adapter.declaration import Adapter, Reading, Source, Table
from calibration.records.adapter.fault import Caught, Fault
from calibration.records.adapter.library import ADAPTERS, detect, read

__all__ = [
    "ADAPTERS", "Adapter", "Caught", "Column", "Fault", "Reading", "Source", "Table",
    "detect", "read", "term",
]  # fmt: skip
