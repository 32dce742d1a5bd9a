"""The tables that hold records and simulated logs: what they accept, fill in and refuse."""

from __future__ import annotations

from datetime import date, datetime

import pandas as pd
import pytest
from pydantic import ValidationError

from simulation.record import TABLES, Arrest, Attendance, Participant, Records, Survey, dtypes, typed

END = date(2026, 1, 1)


def test_a_table_nobody_filled_is_empty_and_never_absent() -> None:
    records = Records.of({}, END)
    assert set(records.tables) == set(TABLES)
    assert all(frame.empty and list(frame.columns) == list(dtypes(t)) for t, frame in records.tables.items())


def test_columns_have_the_tables_order_and_types_whatever_was_given() -> None:
    given = pd.DataFrame({"attended": [3.0], "scheduled": ["4"], "kind": ["hearing"], "person": [17]})
    given = given.assign(start="2025-01-01", end=date(2025, 2, 1))
    frame = Records.of({"attendance": given}, END)["attendance"]
    assert list(frame.columns) == list(Attendance.model_fields)
    assert [str(kind) for kind in frame.dtypes] == list(dtypes("attendance").values())
    assert frame.iloc[0].to_dict() == {
        "person": "17",
        "kind": "hearing",
        "start": pd.Timestamp("2025-01-01"),
        "end": pd.Timestamp("2025-02-01"),
        "scheduled": 4,
        "attended": 3,
        "excused": 0,
    }


def test_an_absent_column_takes_the_models_default() -> None:
    frame = typed("custody", pd.DataFrame({"person": ["a"], "booked": ["2025-01-01"]}))
    assert frame.loc[0, "place"] == "jail"
    assert pd.isna(frame.loc[0, "released"]) and pd.isna(frame.loc[0, "serious_mental_illness"])


def test_an_empty_cell_stays_empty_and_is_no_zero_and_no_false() -> None:
    frame = typed("participants", pd.DataFrame({"person": ["a", "b"], "co_occurring": [True, None]}))
    assert frame["co_occurring"].isna().tolist() == [False, True]
    assert typed("contacts", pd.DataFrame({"person": ["a"], "month": [END]}))["minutes"].isna().all()


def test_a_time_of_day_is_kept_where_it_is_given() -> None:
    frame = typed("arrests", pd.DataFrame({"person": ["a"], "arrested": ["2025-02-10 20:30"]}))
    assert frame.loc[0, "arrested"] == datetime(2025, 2, 10, 20, 30)
    assert not frame.loc[0, "time_known"]


def test_a_table_or_column_there_is_not_is_refused() -> None:
    with pytest.raises(ValueError, match="no such table: people"):
        Records.of({"people": pd.DataFrame()}, END)
    with pytest.raises(ValueError, match=r"table meetings: columns unknown \['room'\]"):
        typed(
            "meetings", pd.DataFrame({"date": [END], "member": "m", "required": 1, "missing": 0, "room": 2})
        )
    with pytest.raises(ValueError, match=r"absent \['person'\]"):
        typed("phases", pd.DataFrame({"phase": ["1"], "start": [END]}))


def test_a_row_is_checked_by_its_model() -> None:
    Participant(person="a", exit_type="voluntary_withdrawal", age_at_admission=40)
    Arrest(person="a", arrested=datetime(2025, 1, 1), charge_level="dui")
    with pytest.raises(ValidationError, match="exit_type"):
        Participant.model_validate({"person": "a", "exit_type": "graduated"})
    with pytest.raises(ValidationError, match="fair"):
        Survey(person="a", date=END, fair=6)
    with pytest.raises(ValidationError, match="scheduled"):
        Attendance(person="a", kind="hearing", start=END, end=END, scheduled=-1, attended=0)


@pytest.mark.parametrize("table", TABLES)
def test_every_table_says_what_a_row_is_and_asks_for_nothing_that_identifies(table: str) -> None:
    assert TABLES[table].__doc__
    words = {word for column in TABLES[table].model_fields for word in column.split("_")}
    assert not words & {"name", "birth", "dob", "ssn", "address", "phone"}
