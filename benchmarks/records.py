"""Measures of 200,000 records: seconds and memory of ``offramp measures``, as in benchmarks/records.md.

Run it as ``python benchmarks/records.py``; it makes the records, computes the measures in a process of
their own, and writes the table.
"""

from __future__ import annotations

import platform
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from calibration.records.workbook import write
from simulation.record import Records

SIZES = (66_667, 200_000)


def main() -> None:
    """Time the command on participants, arrests and jail stays, so many of each."""
    lines = ["| records | seconds, reading and all measures | peak memory, MB |", "|---|---|---|"]
    for rows in SIZES:
        seconds, memory = timed(rows)
        records = f"{rows:,} participants, {rows:,} arrests, {rows:,} jail stays"
        lines.append(f"| {records} | {seconds:.1f} | {memory:.0f} |")
    lines += [
        "",
        f"Python {platform.python_version()}, {platform.machine()}, two processors; Parquet; one cohort.",
    ]
    text = "\n".join(lines) + "\n"
    Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8")
    print(text)


def timed(rows: int) -> tuple[float, float]:
    """Seconds and peak megabytes of the command on records of this size."""
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder) / "records"
        write(made(rows), records, "parquet")
        command = [sys.executable, "-m", "offramp", "measures", str(records), "--cohort", "2020H1"]
        begun = time.perf_counter()
        subprocess.run([*command, "--out", str(Path(folder) / "out")], check=True, stdout=subprocess.DEVNULL)
        seconds = time.perf_counter() - begun
    return seconds, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def made(rows: int) -> Records:
    """Records of people admitted over six years, with dates that fit together."""
    chance = np.random.default_rng(1)
    person = [f"P{number:06}" for number in range(rows)]
    arrest = pd.Timestamp("2016-01-01") + pd.to_timedelta(chance.integers(0, 2190, rows), "D")
    referral = arrest + pd.to_timedelta(chance.integers(1, 40, rows), "D")
    admission = referral + pd.to_timedelta(chance.integers(1, 60, rows), "D")
    exits = admission + pd.to_timedelta(chance.integers(30, 700, rows), "D")
    ways = ["success", "administrative_closure", "voluntary_withdrawal", "discharge", "transfer", "failure"]
    participants = pd.DataFrame(
        {
            "person": person,
            "arrest_date": arrest,
            "referral_date": referral,
            "admission_date": admission,
            "exit_date": exits,
            "exit_type": chance.choice(ways, rows),
            "living_at_entry": chance.choice(["homeless", "not_homeless"], rows),
            "living_at_exit": chance.choice(["homeless", "not_homeless"], rows),
            "criminogenic_risk": chance.choice(["high", "low"], rows),
            "functional_impairment": chance.choice(["high", "low"], rows),
            "sex": chance.choice(["female", "male"], rows),
            "charge_level": chance.choice(["felony", "misdemeanor"], rows),
        }
    )
    later = admission + pd.to_timedelta(chance.integers(1, 900, rows), "D")
    arrests = pd.DataFrame(
        {
            "person": person,
            "arrested": later,
            "charge_level": chance.choice(["felony", "misdemeanor", "violation"], rows),
            "charge_date": later + pd.to_timedelta(2, "D"),
        }
    )
    custody = pd.DataFrame(
        {
            "person": person,
            "booked": later,
            "released": later + pd.to_timedelta(chance.integers(0, 60, rows), "D"),
            "serious_mental_illness": chance.choice([True, False], rows),
        }
    )
    until = pd.Timestamp("2026-01-01")
    return Records.of({"participants": participants, "arrests": arrests, "custody": custody}, until)


if __name__ == "__main__":
    main()
