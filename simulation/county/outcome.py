"""What becomes of people and their cases, as types whose values are the words of the event log."""

from __future__ import annotations

from enum import StrEnum, auto


class Charge(StrEnum):
    """The most serious charge of an arrest."""

    FELONY = auto()
    MISDEMEANOR = auto()
    ORDINANCE = auto()
    VIOLATION = auto()


class Home(StrEnum):
    """Where a person lives: ``OWN`` includes living with family, ``NONE`` the street and shelters."""

    OWN = auto()
    NONE = auto()
    SUPERVISED = auto()
    SHARED = auto()
    MASTER_LEASED = auto()
    LONGER_TERM = auto()
    SUPPORTIVE = auto()


class CrisisEnding(StrEnum):
    """How a crisis episode ends; ``NO_CONTACT``: a mobile team found nobody, or nobody who would speak.

    ``NO_BED``: sent to an inpatient bed that was never free.
    """

    RESOLVED_BY_PHONE = auto()
    RESOLVED_IN_FIELD = auto()
    NO_CONTACT = auto()
    RESOLVED_BY_POLICE = auto()
    STABILIZED = auto()
    SHORT_TERM_BED = auto()
    LEFT_UNSEEN = auto()
    EMERGENCY_DEPARTMENT = auto()
    NO_BED = auto()
    INPATIENT = auto()
    ARREST = auto()


class CaseStatus(StrEnum):
    """Where a case stands after proceedings on competence; not written in the log."""

    OPEN = auto()
    DIVERTED = auto()
    CLOSED = auto()


class Disposition(StrEnum):
    """How a case ends."""

    NOT_CHARGED = auto()
    CONVICTED = auto()
    DISMISSED = auto()
    DISMISSED_AFTER_DIVERSION = auto()
    DISMISSED_AS_INCOMPETENT = auto()
    TRANSFERRED = auto()


class Finding(StrEnum):
    """How proceedings on competence to stand trial end."""

    COMPETENT = auto()
    RESTORED = auto()
    NOT_RESTORED = auto()
    DIVERTED = auto()
    DISMISSED = auto()


class Refusal(StrEnum):
    """Why a referral to diversion is not followed by admission."""

    CHARGE_EXCLUDED = auto()
    MONTHLY_LIMIT = auto()
    NO_DIAGNOSIS = auto()
    NO_NEXUS = auto()
    RISK = auto()
    NO_BENEFIT = auto()
    NOT_GRANTED = auto()
    CASE_DISPOSED = auto()


class ProgramExit(StrEnum):
    """How participation in the diversion program ends: the six exits of the NCSC guide."""

    SUCCESS = auto()
    VOLUNTARY_WITHDRAWAL = auto()
    DISCHARGE = auto()
    TRANSFER = auto()
    FAILURE = auto()
    ADMINISTRATIVE_CLOSURE = auto()


class Release(StrEnum):
    """How a stay in jail ends, where it does not end with the ``Disposition`` of a case."""

    RELEASED = auto()
    SENTENCE_SERVED = auto()
    DIVERTED = auto()
    RESTORATION = auto()
