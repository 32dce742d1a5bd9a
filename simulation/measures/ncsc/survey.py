"""Exit surveys: whether the program was fair, and whom the participant will turn to."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from simulation.measures.ncsc.cohort import Calendar
from simulation.measures.ncsc.court import Court, day_of, number_of
from simulation.measures.ncsc.fact import Fact, Mask, Values
from simulation.measures.ncsc.guide import guide_measure

STATEMENTS = {
    "fair": "1 the way my case was handled was fair",
    "listened": "2 the judge listened to my side of the story",
    "informed": "3 the judge had the information necessary",
    "same_treatment": "4 I was treated the same as everyone else",
    "respected": "5 I was treated respectfully",
}
SOURCES = {
    "knows_housing": "1 housing",
    "knows_medication": "2 medication",
    "knows_symptoms": "3 mental health symptoms",
    "knows_substance": "4 substance use",
    "knows_medical": "5 medical problems",
}
AGREE, STRONGLY_AGREE = 4, 5


def every_nth(expected: int, interviews: int) -> int:
    """Interview every n-th exiting participant: the guide's sample of 50 among 200 expected is every 4th.

    Rounded down, so that there are never fewer interviews than wanted (guide, pages 38 and 41).
    """
    if interviews < 1:
        raise ValueError("at least one interview is needed")
    return max(1, expected // interviews)


def answers(court: Court, columns: tuple[str, ...]) -> dict[str, Values]:
    """Each stay's answers on its last survey that answers any of these; nan where there is none."""
    table = court.records["surveys"]
    table = table[table[list(columns)].notna().any(axis=1)].sort_values("date", kind="stable")
    stay = court.stay_at(table["person"], day_of(table["date"]), after=True)
    by_question = {}
    for name in columns:
        answer = np.full(len(court.stays), np.nan)
        answer[stay[stay >= 0]] = number_of(table[name])[stay >= 0]
        by_question[name] = answer[court.exits.stay]
    return by_question


def silent(answer: dict[str, Values]) -> Mask:
    """Who answered none of the questions."""
    return np.asarray(np.all([np.isnan(question) for question in answer.values()], axis=0))


@guide_measure(
    "12",
    "Participant-Level Satisfaction",
    cohort="exit",
    unit="share",
    label="Agree that the program was fair",
    page=36,
    by=(),
    needs=("surveys",),
    simulated=False,
)
def satisfaction(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of those of the exit cohort who answered a statement who agree or strongly agree with it.

    For each of five statements, with the share who strongly agree. The mean share of a participant's
    answered statements agreed with is an addition; the guide asks for none.
    """
    answer = answers(court, tuple(STATEMENTS))
    exits = court.exits.leave_out(silent(answer), "no survey")
    for name, statement in STATEMENTS.items():
        given, unknown = answer[name], np.isnan(answer[name])
        for words, least in (("agree or strongly agree", AGREE), ("strongly agree", STRONGLY_AGREE)):
            yield exits.report(f"{statement}: {words}", np.where(unknown, np.nan, given >= least))
    every = np.array(list(answer.values()))
    with np.errstate(invalid="ignore"):
        agreed = (every >= AGREE).sum(axis=0) / (~np.isnan(every)).sum(axis=0)
    yield exits.report("all statements: agree or strongly agree", agreed).spreading()


@guide_measure(
    "13",
    "Participant Preparation for Transition",
    cohort="exit",
    unit="share",
    label="Sources of help named correctly",
    page=39,
    needs=("surveys",),
    simulated=False,
)
def preparation(court: Court, calendar: Calendar) -> Iterator[Fact]:
    """Share of sources of help a participant names correctly at exit, averaged over the exit cohort.

    And of each source the share who name it. Substance use counts only with a co-occurring disorder, so a
    participant has five questions or four; one left open is not named.
    """
    answer = answers(court, tuple(SOURCES))
    exits = court.exits.leave_out(silent(answer), "no survey")
    disorder = number_of(court.stays["co_occurring"])[court.exits.stay]
    asked_anyway = np.isnan(disorder) & ~np.isnan(answer["knows_substance"])
    substance = (disorder == 1) | asked_anyway
    named, asked = np.zeros(len(exits)), np.zeros(len(exits))
    for name, source in SOURCES.items():
        applies = substance if name == "knows_substance" else np.ones(len(exits), dtype=bool)
        correct = applies & (answer[name] == 1)
        named, asked = named + correct, asked + applies
        yield exits.leave_out(~applies, "does not apply").report(source, correct)
    yield exits.report("sources named correctly", named / asked).spreading()
