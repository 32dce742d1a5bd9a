"""The Dartmouth Assertive Community Treatment Scale: 28 items in three subscales.

Teague, Bond and Drake, American Journal of Orthopsychiatry 68(2), 1998; anchors of the edition 1/2003,
3/2011, 1/2017, as printed in Appendix C of the CoCo FACT evaluation plan.
"""

from __future__ import annotations

from simulation.measures.fidelity import raw_value
from simulation.measures.fidelity.item import Item, Scale, above, below

FTE_OF_TWO = ("less than .20", ".20-.79", ".80-1.39", "1.40-1.99", "2.00 or more")
ANSWERED = (5, 35, 65, 95)
"""The scale's words for O4 name no shares: where the log shows them, those of O5 and O6 are taken."""
INVOLVED = ("fewer than 5%", "5-34%", "35-64%", "65-94%", "95% or more")

HUMAN_RESOURCES = (
    Item(
        "H1",
        "Small caseload",
        ("50 clients/clinician or more", "35-49", "21-34", "11-20", "10 clients/clinician or fewer"),
        "clients per clinician",
        (below(50), 34, 20, 10),
        falling=True,
        observe=raw_value.caseload,
    ),
    Item(
        "H2",
        "Team approach",
        ("fewer than 10%", "10-36%", "37-63%", "64-89%", "90% or more"),
        "% of clients with contacts with more than one staff member in 2 weeks",
        (10, 37, 64, 90),
    ),
    Item(
        "H3",
        "ACT team meeting",
        (
            "once a month or less",
            "at least twice a month, less than once a week",
            "at least once a week, less than twice",
            "at least twice a week, less than 4 times",
            "at least 4 days a week, each client reviewed each time",
        ),
        "meetings a week",
        (24 / 52, 1, 2, 4),
    ),
    Item(
        "H4",
        "Practicing team leader",
        (
            "no services",
            "on rare occasions as backup",
            "routinely as backup, or less than 25% of the time",
            "25-50% of the time",
            "at least 50% of the time",
        ),
        "% of the supervisor's time in direct services",
        (above(0), above(0), 25, 50),
    ),
    Item(
        "H5",
        "Continuity of staffing",
        ("more than 80%", "60-80%", "40-59%", "20-39%", "less than 20%"),
        "% turnover in 2 years",
        (80, 59, 39, below(20)),
        falling=True,
        observe=raw_value.turnover,
    ),
    Item(
        "H6",
        "Staff capacity",
        ("less than 50%", "50-64%", "65-79%", "80-94%", "95% or more"),
        "% of full staffing in the past 12 months",
        (50, 65, 80, 95),
        observe=raw_value.staffing,
    ),
    Item(
        "H7",
        "Psychiatric prescriber on staff",
        ("less than .10", ".10-.39", ".40-.69", ".70-.99", "1.00 or more"),
        "FTE per 100 clients",
        (0.1, 0.4, 0.7, 1),
        observe=raw_value.specialist("psychiatrist"),
    ),
    Item(
        "H8",
        "Nurse on staff",
        FTE_OF_TWO,
        "FTE per 100 clients",
        (0.2, 0.8, 1.4, 2),
        observe=raw_value.specialist("nurse"),
    ),
    Item(
        "H9",
        "Substance abuse specialist on staff",
        FTE_OF_TWO,
        "FTE per 100 clients",
        (0.2, 0.8, 1.4, 2),
        observe=raw_value.specialist("substance use specialist"),
    ),
    Item(
        "H10",
        "Vocational specialist on staff",
        FTE_OF_TWO,
        "FTE per 100 clients",
        (0.2, 0.8, 1.4, 2),
        observe=raw_value.specialist("vocational specialist"),
    ),
    Item(
        "H11",
        "ACT team size",
        ("fewer than 2.5", "2.5-4.9", "5.0-7.4", "7.5-9.9", "10 or more"),
        "FTE staff",
        (2.5, 5, 7.5, 10),
        observe=raw_value.team_size,
    ),
)

BOUNDARIES = (
    Item(
        "O1",
        "Explicit admission criteria",
        (
            "no set criteria, all types of cases as determined outside the team",
            "a generally defined mission, admission dominated by convenience",
            "an effort to select a defined set, most referrals accepted",
            "screens carefully, occasionally bows to pressure",
            "recruits a defined population, all cases comply with explicit criteria",
        ),
    ),
    Item(
        "O2",
        "Intake rate",
        ("more than 15", "13-15", "10-12", "7-9", "6 or fewer"),
        "clients in the month with most intakes of the last 6",
        (15, 12, 9, 6),
        falling=True,
        observe=raw_value.intake,
    ),
    Item(
        "O3",
        "Full responsibility for treatment services",
        ("case management only", "one of five", "two of five", "three or four of five", "all five"),
        "of five additional services provided directly",
        (1, 2, 3, 5),
    ),
    Item(
        "O4",
        "Responsibility for crisis services",
        (
            "none after hours",
            "emergency service has a protocol made by the team",
            "by telephone, mostly consulting",
            "backup of the emergency service, decides on direct involvement",
            "24-hour coverage",
        ),
        "% of clients' crises answered by the team",
        ANSWERED,
        observe=raw_value.crises_answered,
    ),
    Item(
        "O5", "Responsibility for hospital admissions", INVOLVED, "% of hospital admissions", (5, 35, 65, 95)
    ),
    Item(
        "O6", "Responsibility for discharge planning", INVOLVED, "% of hospital discharges", (5, 35, 65, 95)
    ),
    Item(
        "O7",
        "Time-unlimited services",
        ("more than 90%", "38-90%", "18-37%", "5-17%", "fewer than 5%"),
        "% of clients graduating within a year",
        (90, 37, 17, below(5)),
        falling=True,
        observe=raw_value.graduation,
    ),
)

SERVICES = (
    Item(
        "S1",
        "Community-based services",
        ("less than 20%", "20-39%", "40-59%", "60-79%", "80% or more"),
        "% of face-to-face contacts in the community",
        (20, 40, 60, 80),
        observe=raw_value.in_community,
    ),
    Item(
        "S2",
        "No dropout policy",
        ("less than 50%", "50-64%", "65-79%", "80-94%", "95% or more"),
        "% of the caseload retained over 12 months",
        (50, 65, 80, 95),
        observe=raw_value.retention,
    ),
    Item(
        "S3",
        "Assertive engagement mechanisms",
        (
            "passive",
            "initial attempts, efforts on the most motivated",
            "outreach and legal mechanisms only as convenient",
            "usually a plan, most of the mechanisms",
            "consistently well-thought-out strategies, outreach and legal mechanisms",
        ),
    ),
    Item(
        "S4",
        "Intensity of service",
        ("less than 15", "15-49", "50-84", "85-119", "120 or more"),
        "face-to-face minutes a week and client",
        (15, 50, 85, 120),
        observe=raw_value.minutes,
    ),
    Item(
        "S5",
        "Frequency of contact",
        ("less than 1", "1.00-1.99", "2.00-2.99", "3.00-3.99", "4.00 or more"),
        "face-to-face contacts a week and client",
        (1, 2, 3, 4),
        observe=raw_value.frequency,
    ),
    Item(
        "S6",
        "Work with informal support system",
        ("less than .50", ".50-.99", "1.00-1.99", "2.00-3.99", "4.00 or more"),
        "contacts with the support system a month and client",
        (0.5, 1, 2, 4),
    ),
    Item(
        "S7",
        "Individualized substance abuse treatment",
        (
            "no direct, individualized treatment",
            "variably addressed, no formal treatment",
            "some integrated into contacts, no formal treatment",
            "some formal treatment, less than 24 minutes a week",
            "24 minutes a week or more in formal treatment",
        ),
    ),
    Item(
        "S8",
        "Dual disorder treatment groups",
        ("fewer than 5%", "5-19%", "20-34%", "35-49%", "50% or more"),
        "% of clients with substance use disorders in a treatment group each month",
        (5, 20, 35, 50),
    ),
    Item(
        "S9",
        "Dual disorders model",
        (
            "fully traditional",
            "primarily traditional",
            "mixed",
            "primarily dual disorders",
            "fully dual disorders, provided by the team",
        ),
    ),
    Item(
        "S10",
        "Role of consumers on team",
        (
            "none",
            "consumer-specific roles",
            "part-time case management, reduced responsibilities",
            "full-time case management, reduced responsibilities",
            "full-time clinicians with full professional status",
        ),
    ),
)

DACTS = Scale(
    "DACTS",
    "Dartmouth Assertive Community Treatment Scale (1/2003; 3/2011; 1/2017)",
    (
        ("Human resources", HUMAN_RESOURCES),
        ("Organizational boundaries", BOUNDARIES),
        ("Nature of services", SERVICES),
    ),
)
