"""Jail, return and court as publications measure them, where the results of a run have no such measure."""

from __future__ import annotations

import numpy as np

from benchmarks.published.period import ended_as, left_within, over_years, ratio, share
from simulation.measures.history import Days, History, Mask, counts
from simulation.measures.housing import without_address
from simulation.measures.jail import bookings, jail_adp, jail_days_top_5pct, period_medians
from simulation.measures.jail_care import on_arrest, screen_positives
from simulation.measures.recidivism import YEAR, arrests, cohort_share, first_releases
from simulation.measures.registry import Values, measure
from simulation.measures.reoffending import Reoffending
from simulation.measures.timeline import Moments

HALF_YEAR = YEAR / 2


@measure("Mean jail stay of everybody", "days", "mean")
def jail_stay_total(history: History, edges: Days) -> Values:
    """Average daily population over bookings a day, everybody counted."""
    days = jail_adp(history, edges)["total"] * np.diff(edges)
    return {"all": ratio(days, bookings(history, edges)["total"])}


@measure("Jail stays that end within 30 days", "share", "share")
def released_30d(history: History, edges: Days) -> Values:
    """Of the stays that begin in the period, those that end within 30 days."""
    stays = history.spans("jail")
    return left_within(stays, 30.0, np.isfinite(stays.end), history, edges)


@measure("Positive screens a booking", "share", "share")
def screen_positive_share(history: History, edges: Days) -> Values:
    """Positive booking screens over all bookings, other people's included."""
    return {"all": ratio(screen_positives(history, edges)["all"], bookings(history, edges)["total"])}


@measure("Homeless when booked", "share", "share")
def homeless_when_booked(history: History, edges: Days) -> Values:
    """Share of bookings on an arrest of people without a fixed address."""
    stays = on_arrest(history)
    return share(stays.start, without_address(history, stays.person, stays.start), edges)


@measure("Bookings of those booked twice or more in 3.5 years", "bookings per person", "mean")
def bookings_of_repeaters(history: History, edges: Days) -> Values:
    """Bookings per person among the people booked at least twice in 3.5 years."""
    stays = history.spans("jail")

    def per_person(span: Days) -> float:
        booked = (stays.start >= span[0]) & (stays.start < span[1])
        _, number = np.unique(stays.person[booked], return_counts=True)
        return float(number[number > 1].mean())

    return over_years(3.5, history, edges, per_person)


@measure("Jail days of the busiest 5 % in three years", "share", "share")
def jail_days_top_5pct_3y(history: History, edges: Days) -> Values:
    """Share of three years' jail days of the twentieth of people with most of them."""
    return over_years(3, history, edges, lambda span: float(jail_days_top_5pct(history, span)["all"][0]))


@measure("Back in jail within four years", "share", "share")
def back_in_jail_4y(history: History, edges: Days) -> Values:
    """Of the people released (first release of the year), those booked again within four years."""
    stays = history.spans("jail")
    definition = Reoffending(first_releases, lambda _: Moments(stays.person, stays.start), 4 * YEAR)
    people = definition.follow(history, history.horizon)
    return {"all": cohort_share(people.origin.day, people.had_event, people.followed, edges)}


@measure("Referrals admitted", "share", "share")
def referrals_admitted(history: History, edges: Days) -> Values:
    """Admissions by the court over referrals with consent in the period."""
    admitted, referred = (history.days("court", what)[1] for what in ("admitted", "referred"))
    return {"all": ratio(counts(admitted, edges), counts(referred, edges))}


@measure("Median days from arrest to admission", "days", "mean")
def arrest_to_admission(history: History, edges: Days) -> Values:
    """Median of days from arrest to the court's grant, up to a year, by day of the grant."""
    cases = history.arrests
    days = cases["admitted"] - cases["arrested"]
    soon = days <= YEAR
    return {"all": period_medians(cases["admitted"][soon], days[soon], edges)}


@measure("Program exits that are completions", "share", "share")
def completions(history: History, edges: Days) -> Values:
    """Of the exits from the program in the period, administrative closures aside, the completions."""
    stays = history.spans("court")
    stays = stays.only(np.isfinite(stays.end) & ~ended_as(history, stays, "administrative_closure"))
    return share(stays.end, ended_as(history, stays, "success"), edges)


@measure("Still in the program after six months", "share", "share")
def retained_6m(history: History, edges: Days) -> Values:
    """Of the people admitted in the period, those still in the program six months later."""
    stays = history.spans("court")
    gone = left_within(stays, HALF_YEAR, np.isfinite(stays.end), history, edges)["all"]
    return {"all": 1 - gone}


def without_arrest(history: History, edges: Days, window: float) -> Values:
    """Of the people admitted to the program, those not arrested within the window."""
    stays = history.spans("court")
    definition = Reoffending(lambda _: Moments(stays.person, stays.start), arrests, window)
    people = definition.follow(history, history.horizon)
    arrested = cohort_share(people.origin.day, people.had_event, people.followed, edges)
    return {"all": 1 - arrested}


@measure("Not arrested within six months of admission", "share", "share")
def no_arrest_6m(history: History, edges: Days) -> Values:
    """Of the people admitted to the program, those not arrested within six months."""
    return without_arrest(history, edges, HALF_YEAR)


@measure("Not arrested within a year of admission", "share", "share")
def no_arrest_12m(history: History, edges: Days) -> Values:
    """Of the people admitted to the program, those not arrested within a year."""
    return without_arrest(history, edges, YEAR)


@measure("Convicted after an exit without completion", "share", "share")
def convicted_after_exit(history: History, edges: Days) -> Values:
    """Of diverted cases that went back to court and were convicted or dismissed, those convicted.

    Participants of day 0 have no case in the log, so that the first two years hold early exits only: nan.
    """
    cases = history.arrests
    back = ~np.isnan(cases["admitted"]) & np.isin(cases["disposition"], ("convicted", "dismissed"))
    convicted = share(cases["disposed"][back], cases["disposition"][back] == "convicted", edges)["all"]
    return {"all": np.where(edges[:-1] < 2 * YEAR - 2, np.nan, convicted)}


def felonies_in_court(history: History) -> tuple[Days, Days, Mask, Mask]:
    """Of cases not diverted: day of disposition, days since arrest, whether in jail, whether convicted."""
    cases, stays = history.arrests, history.spans("jail")
    rows = (cases["charge"] == "felony") & np.isnan(cases["admitted"])
    rows &= np.isin(cases["disposition"], ("convicted", "dismissed"))
    person, disposed = cases["person"][rows], cases["disposed"][rows]
    stay = history.latest(stays.person, stays.start, person, disposed)
    detained = (stay >= 0) & (np.append(stays.end, -np.inf)[stay] >= disposed)
    return disposed, disposed - cases["arrested"][rows], detained, cases["disposition"][rows] == "convicted"


@measure("Median days from arrest to disposition, felonies", "days", "mean")
def felony_disposition(history: History, edges: Days) -> Values:
    """Median days from a felony arrest to conviction or dismissal, of those detained and those released."""
    disposed, days, detained, _ = felonies_in_court(history)
    return {
        "all": period_medians(disposed, days, edges),
        "detained": period_medians(disposed[detained], days[detained], edges),
        "released": period_medians(disposed[~detained], days[~detained], edges),
    }


@measure("Felony charges that end in a conviction", "share", "share")
def felony_conviction(history: History, edges: Days) -> Values:
    """Of felony charges convicted or dismissed in the period, diverted cases aside, those convicted."""
    disposed, _, _, convicted = felonies_in_court(history)
    return share(disposed, convicted, edges)
