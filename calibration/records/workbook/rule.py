"""What must hold between the cells of a row, and between rows: order in time, overlaps, duplicates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from calibration.records.workbook.column import columns
from calibration.records.workbook.finding import Level, Report, letter


@dataclass(frozen=True)
class Order:
    """``later`` must not be before ``earlier`` (with ``strictly``: nor on the same day)."""

    earlier: str
    later: str
    level: Level = "error"
    strictly: bool = False


KEEP = "kept as it is; correct it if it is wrong"
ORDERS: dict[str, tuple[Order, ...]] = {
    "participants": (
        Order("arrest_date", "referral_date", "warning"),
        Order("referral_date", "decision_date"),
        Order("referral_date", "admission_date"),
        Order("admission_date", "exit_date"),
        Order("admission_date", "died"),
    ),
    "arrests": (
        Order("arrested", "charge_date", "warning"),  # a warrant's charge comes before its arrest
        Order("charge_date", "conviction_date"),
        Order("arrested", "prescription"),
        Order("arrested", "notified"),
    ),
    "custody": (Order("booked", "released"),),
    "attendance": (Order("start", "end", strictly=True),),
    "episodes": (Order("start", "end"),),
    "homes": (Order("start", "end"),),
    "posts": (Order("start", "end"),),
}
PARTS = {
    "attendance": (("attended", "scheduled"), ("excused", "scheduled")),
    "meetings": (("missing", "required"),),
}
SPANS: dict[str, tuple[tuple[str, ...], str, str, Level]] = {  # whose, from, to, and how bad an overlap is
    "participants": (("person",), "admission_date", "exit_date", "error"),
    "custody": (("person",), "booked", "released", "warning"),
    "attendance": (("person", "kind"), "start", "end", "error"),
    "episodes": (("person", "service"), "start", "end", "warning"),
    "homes": (("person",), "start", "end", "warning"),
}
KEYS = {
    "participants": ("person", "referral_date", "admission_date"),
    "attendance": ("person", "kind", "start"),
    "contacts": ("person", "month"),
    "surveys": ("person", "date"),
    "meetings": ("date", "member"),
}
REPEATABLE = ("posts",)  # two clinicians may be hired on one day: nothing in the row tells them apart
PLANNED = ("attendance.end", "posts.start", "posts.end")  # these may lie ahead


@dataclass
class Judge:
    """Applies the rules to one table; ``rows`` are the spreadsheet's row numbers, ``at`` the columns'."""

    sheet: str
    table: str
    frame: pd.DataFrame
    rows: NDArray[np.int64]
    at: dict[str, int]
    report: Report

    def apply(self, today: date) -> pd.DataFrame:
        """Tell every break of a rule; returns the table without the rows that repeat another."""
        if self.frame.empty:
            return self.frame
        self._leave_out_repeats()
        self._check_orders()
        self._check_parts()
        twice = self._check_keys()
        self._check_overlaps(twice)
        self._check_future(pd.Timestamp(today))
        return self.frame.reset_index(drop=True)

    def _report(
        self, level: Level, mask: NDArray[np.bool_], column: str, found: str, done: str, allowed: str = ""
    ) -> None:
        if not mask.any():
            return
        add = self.report.error if level == "error" else self.report.warning
        place = letter(self.at[column]) if column in self.at else ""
        add(self.sheet, found, done, at=place, rows=self.rows[mask].tolist(), allowed=allowed)

    def _leave_out_repeats(self) -> None:
        if self.table in REPEATABLE:
            return
        again = self.frame.duplicated().to_numpy()
        self._report(
            "warning", again, "", "the same row as one above", "left out, so that nothing counts twice"
        )
        self.frame, self.rows = self.frame[~again], self.rows[~again]

    def _check_orders(self) -> None:
        for order in ORDERS.get(self.table, ()):
            if not {order.earlier, order.later} <= set(self.frame):
                continue
            before, after = self.frame[order.earlier], self.frame[order.later]
            if self._is_date(order.earlier) or self._is_date(order.later):
                before, after = before.dt.normalize(), after.dt.normalize()
            wrong = ((after <= before) if order.strictly else (after < before)).to_numpy(
                dtype=bool, na_value=False
            )
            allowed = f"{order.later} {'after' if order.strictly else 'not before'} {order.earlier}"
            done = "must be corrected" if order.level == "error" else KEEP
            self._report(
                order.level, wrong, order.later, f"{order.later} before {order.earlier}", done, allowed
            )

    def _is_date(self, name: str) -> bool:
        return any(column.name == name and column.kind == "date" for column in columns(self.table))

    def _check_parts(self) -> None:
        for part, whole in PARTS.get(self.table, ()):
            exceeds = (self.frame[part] > self.frame[whole]).to_numpy(dtype=bool, na_value=False)
            self._report(
                "error", exceeds, part, f"{part} above {whole}", "must be corrected", f"{part} up to {whole}"
            )

    def _check_keys(self) -> NDArray[np.bool_]:
        """Rows that describe the same thing in two ways: two exits of one stay."""
        names = list(KEYS.get(self.table, ()))
        if not names:
            return np.zeros(len(self.frame), dtype=bool)
        complete = self.frame[names].notna().sum(axis=1).to_numpy() > (1 if "person" in names else 0)
        twice: NDArray[np.bool_] = self.frame.duplicated(names).to_numpy() & complete
        what = ", ".join(names)
        self._report(
            "error",
            twice,
            names[0],
            f"a second, different row for the same {what}",
            "must be corrected: keep the one that is right",
        )
        return twice

    def _check_overlaps(self, repeated: NDArray[np.bool_]) -> None:
        """Spans of one person that begin before an earlier one has ended."""
        if self.table not in SPANS:
            return
        who, start, end, level = SPANS[self.table]
        spans = self.frame.assign(
            _i=np.arange(len(self.frame)), _end=self.frame[end].fillna(pd.Timestamp.max.floor("D"))
        )
        spans = spans[spans[start].notna() & ~repeated].sort_values([*who, start, "_end"], kind="stable")
        by = [spans[name] for name in who]
        reach = spans["_end"].astype("int64").groupby(by).cummax()
        before = reach.groupby(by).shift()
        overlapping = np.zeros(len(self.frame), dtype=bool)
        overlapping[spans["_i"][(spans[start].astype("int64") < before)]] = True
        message = (
            f"a {start} before the {end} of another row of the same {' and '.join(who)}: the two overlap"
        )
        self._report(level, overlapping, start, message, "must be corrected" if level == "error" else KEEP)

    def _check_future(self, today: pd.Timestamp) -> None:
        for column in columns(self.table):
            if column.kind not in ("date", "moment") or f"{self.table}.{column.name}" in PLANNED:
                continue
            ahead = (self.frame[column.name] >= today + pd.Timedelta(days=1)).to_numpy(dtype=bool)
            latest = f"a date up to {today:%Y-%m-%d}"
            self._report("error", ahead, column.name, "a date in the future", "must be corrected", latest)
