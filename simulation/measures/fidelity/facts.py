"""The Forensic Assertive Community Treatment Scale of Rochester: 13 items.

Lamberti et al., working draft, URMC Department of Psychiatry, May 2012, as printed in Appendix B of the
CoCo FACT evaluation plan. "Bimonthly" stands below "monthly", so it means every two months.
"""

from __future__ import annotations

from simulation.measures.fidelity import raw_value
from simulation.measures.fidelity.item import Item, Scale, above

TO_90 = ("less than 61%", "61-70%", "71-80%", "81-90%", "more than 90%")
SIGNED = ("less than 61%", "61-70%", "71-80%", "81-90%", "90% or more")
FOUR = ("less than 1.0", "1.0-1.9", "2.0-2.9", "3.0-3.9", "4.0 or higher")
HOW_OFTEN = (
    "less often than every two months",
    "at least every two months",
    "at least monthly",
    "at least every two weeks",
    "at least weekly",
)
OFTEN = (62.0, 31.0, 14.0, 7.0)

FACTS = Scale(
    "FACTS",
    "Forensic Assertive Community Treatment Scale, working draft, May 2012",
    (
        (
            "FACTS",
            (
                Item("F1", "ACT team component", FOUR, "mean score on the DACTS", (1, 2, 3, 4)),
                Item(
                    "F2",
                    "Risk factor focus",
                    ("three or fewer", "four", "five", "six", "seven or more"),
                    "risk factors for recidivism addressed",
                    (4, 5, 6, 7),
                ),
                Item(
                    "F3",
                    "Criminal justice-involved clients",
                    TO_90,
                    "% of clients involved with the criminal justice system",
                    (61, 71, 81, above(90)),
                    observe=raw_value.justice_involvement,
                ),
                Item(
                    "F4",
                    "Partnership with criminal justice representatives",
                    (
                        "no partnership",
                        "somewhat closely",
                        "closely",
                        "very closely",
                        "extremely closely",
                    ),
                ),
                Item(
                    "F5",
                    "Interagency collaboration",
                    FOUR,
                    "score on the Interagency Collaboration Activities Scale",
                    (1, 2, 3, 4),
                ),
                Item(
                    "F6",
                    "Shared training",
                    (
                        "less than one hour every 12 months",
                        "at least one hour every 12 months",
                        "at least one hour every nine months",
                        "at least one hour every six months",
                        "at least one hour every three months",
                    ),
                    "months between shared trainings of an hour or more",
                    (12, 9, 6, 3),
                    falling=True,
                ),
                Item(
                    "F7",
                    "Shared eligibility criteria",
                    (
                        "none can be identified",
                        "not both clinical and criminal justice criteria",
                        "both, somewhat ambiguous",
                        "both, clear, not written",
                        "both, clear and written",
                    ),
                ),
                Item(
                    "F8",
                    "Combined team meetings",
                    HOW_OFTEN,
                    "days between meetings",
                    OFTEN,
                    falling=True,
                    observe=raw_value.meeting_interval,
                ),
                Item(
                    "F9",
                    "Written participation agreement",
                    SIGNED,
                    "% of participants who signed",
                    (61, 71, 81, 90),
                ),
                Item(
                    "F10",
                    "Information sharing agreement",
                    SIGNED,
                    "% of enrolled clients who signed",
                    (61, 71, 81, 90),
                ),
                Item(
                    "F11",
                    "Adherence monitoring",
                    HOW_OFTEN,
                    "days between discussions of adherence",
                    OFTEN,
                    falling=True,
                    observe=raw_value.adherence_interval,
                ),
                Item(
                    "F12",
                    "Clinically informed decision making",
                    ("never", "very little", "somewhat", "usually", "always"),
                ),
                Item(
                    "F13",
                    "Transition procedures",
                    TO_90,
                    "% of completers transitioned to aftercare",
                    (61, 71, 81, above(90)),
                    observe=raw_value.transition,
                ),
            ),
        ),
    ),
)
