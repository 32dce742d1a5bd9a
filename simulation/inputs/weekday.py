"""Days of the week, Monday first."""

from __future__ import annotations

from typing import Literal, get_args

Weekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
AnyWeekday = Literal["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]
WEEKDAYS: tuple[AnyWeekday, ...] = get_args(AnyWeekday)
