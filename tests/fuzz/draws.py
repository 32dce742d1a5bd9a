"""Damaged posteriors: as files, in what they say of themselves, and in their draws."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from hypothesis import strategies as st

from calibration.inference.posterior import KEY, About
from offramp import __version__
from offramp.scenarios import load_one
from simulation.inputs.format import POSTERIOR_FORMAT
from tests.fuzz.book import NO_WORKBOOKS, TABLES, workbook
from tests.fuzz.command import SCENARIOS
from tests.fuzz.text import flipped, mutated_text

COUNTY = "napa"
NAMES = ("arrest.rate", "jail.sentence_felony", "court.granted", "crisis.rate", "jail.bail_felony")


@cache
def about() -> str:
    """The description stored in a valid posterior of the county."""
    scenario = load_one(COUNTY)
    known = dict(scenario.parameters)
    return About(
        format=POSTERIOR_FORMAT,
        offramp=__version__,
        county=scenario.county.name,
        fips=scenario.county.fips,
        hash=scenario.fingerprint(),
        seed=1,
        budget="small",
        runs=10,
        free=2,
        targets=[{"target": "jail_adp", "value": 44.0}],
        ranges={name: (known[name].low, known[name].value, known[name].high) for name in NAMES},
    ).model_dump_json()


@cache
def columns() -> dict[str, list[float]]:
    """Draws within the register's ranges."""
    known = dict(load_one(COUNTY).parameters)
    return {name: [known[name].at(q).value for q in (0.2, 0.5, 0.8)] for name in NAMES}


def parquet(table: pa.Table, text: str | None) -> bytes:
    """A table as a file, with its description."""
    made = io.BytesIO()
    pq.write_table(
        table.replace_schema_metadata({KEY: text.encode("utf-8", "surrogatepass")} if text else None), made
    )
    return made.getvalue()


def whole() -> bytes:
    """A posterior in order."""
    return parquet(pa.table(columns()), about())


@st.composite
def posteriors(draw: st.DrawFn) -> bytes:
    """The posterior damaged in one of the ways that there are."""
    changes = [_as_file, _as_file, _values, _values, _values, _types, _names, _about, _about, _other]
    return draw(st.sampled_from(changes))(draw)


def _as_file(draw: st.DrawFn) -> bytes:
    content = whole()
    if draw(st.booleans()):
        return flipped(draw, content)
    at = draw(st.integers(0, len(content)))
    return content[:at] + (content[-draw(st.integers(1, 400)) :] if draw(st.booleans()) else b"")


ODD = (np.nan, np.inf, -np.inf, -1.0, 0.0, -0.0, 1.0, 1.0000001, 5e-324, 1e-30, 50.0, 1e4, 1e9, 1e18, 1e300)


def _values(draw: st.DrawFn) -> bytes:
    changed = {name: list(values) for name, values in columns().items()}
    for _ in range(draw(st.integers(1, 3))):
        values = changed[draw(st.sampled_from(NAMES))]
        values[draw(st.integers(0, 2))] = draw(st.sampled_from(ODD) | st.floats())
    return parquet(pa.table(changed), about())


TYPED: tuple[Callable[[], pa.Array], ...] = (
    lambda: pa.array(["=1+1", "2", "x"]),
    lambda: pa.array([1, 2, 3]),
    lambda: pa.array([True, False, None]),
    lambda: pa.array([None, None, None], pa.float64()),
    lambda: pa.array([None, None, None]),
    lambda: pa.array([0.5, None, 0.4]),
    lambda: pa.array([[0.5], [], None]),
    lambda: pa.array([{"a": 0.5}] * 3),
    lambda: pa.array([0.5, 0.4, 0.3], pa.float32()),
    lambda: pa.array(np.array([0.5, 0.4, 0.3], np.float16)),
    lambda: pa.array([b"a", b"\0", b""]),
    lambda: pa.array(["a", "b", "a"]).dictionary_encode(),
    lambda: pa.array([0.5, 0.4, 0.3]).dictionary_encode(),
    lambda: pa.array([1, 2, 3], pa.timestamp("ns")),
    lambda: pa.array([1, 2, 3], pa.decimal128(9, 2)),
)


def _types(draw: st.DrawFn) -> bytes:
    changed: dict[str, object] = dict(columns())
    for _ in range(draw(st.integers(1, 2))):
        changed[draw(st.sampled_from(NAMES))] = draw(st.sampled_from(TYPED))()
    return parquet(pa.table(changed), about())


def _names(draw: st.DrawFn) -> bytes:
    name = st.sampled_from(
        ["", "arrest", "arrest.rat", "a.b.c", "=1+1", "\x1b[31m", "arrest.rate", "/", "x" * 9999]
    )
    names = draw(st.lists(name | st.sampled_from(NAMES), max_size=4))
    rows = draw(st.sampled_from([0, 1, 3]))
    return parquet(
        pa.Table.from_arrays([pa.array([0.5] * rows, pa.float64()) for _ in names], names), about()
    )


def _about(draw: st.DrawFn) -> bytes:
    text = draw(mutated_text(about().replace(",", ",\n"))).decode("latin-1")
    return parquet(
        pa.table(columns()), draw(st.sampled_from([text, text, text, "", None, "[" * 50_000, "null"]))
    )


def _other(draw: st.DrawFn) -> bytes:
    foreign = parquet(pa.table({"measure": ["a"], "value": [1.0]}), None)
    others = [
        *NO_WORKBOOKS,
        workbook(),
        TABLES["participants"].encode(),
        foreign,
        (SCENARIOS / "napa.yaml").read_bytes(),
    ]
    return draw(st.sampled_from([*others, b"PAR1", b"PAR1" * 3, b"\x93NUMPY\x01\x00v\x00", b"\x80\x04\x95."]))
