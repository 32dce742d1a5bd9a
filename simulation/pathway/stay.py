"""Participation in the program: its calendar and its exits."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf

from simulation.county.county import County
from simulation.county.outcome import ProgramExit


@dataclass(slots=True)
class Participation:
    """Where a participant stands in the program.

    began: first day; goal: day of completion as it looks now; limit: last day the law allows; others:
    the day on which each other exit would come; hearing: day the next hearing is due; reviewed: day
    of the last review; credit: days by which incentives have brought the phases nearer, less those by
    which sanctions have put them off; arrests: charged arrests seen so far; sanctions: how many so far;
    over: whether it has ended.
    """

    began: float
    goal: float
    limit: float
    others: dict[ProgramExit, float]
    hearing: float = inf
    reviewed: float = 0.0
    credit: float = 0.0
    arrests: int = 0
    sanctions: int = 0
    over: bool = False

    def next_way_out(self) -> tuple[ProgramExit, float]:
        """The exit that comes first as things stand, and its day; the legal limit ends in discharge."""
        complete = (
            (ProgramExit.SUCCESS, self.goal)
            if self.goal <= self.limit
            else (ProgramExit.DISCHARGE, self.limit)
        )
        other = min(self.others, key=self.others.__getitem__)
        return complete if complete[1] <= self.others[other] else (other, self.others[other])

    def hearing_interval(self, county: County) -> float:
        """Days between status hearings in the phase that the participant is in today."""
        rules = county.policy.rules
        ahead = county.day - self.began + self.credit
        for length, interval in rules.phases:
            ahead -= length
            if ahead < 0:
                return interval
        return rules.hearing_interval

    def put_off(self, days: float) -> None:
        """Postpone completion and every other exit by some days, but not the legal limit."""
        self.goal += days
        self.credit -= days
        self.others = {way: day + days for way, day in self.others.items()}
