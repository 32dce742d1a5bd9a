"""The file of a calibration: written, read, and refused with every reason."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from calibration.document import BadDocument
from calibration.inference.posterior import About, Posterior, read
from offramp.cli import main
from simulation.inputs.format import POSTERIOR_FORMAT
from simulation.scenario import Scenario
from tests.conftest import Build

NAMES = ("jail.sentence_felony", "court.granted")


@pytest.fixture
def scenario(build: Build) -> Scenario:
    return build()


@pytest.fixture
def posterior(scenario: Scenario) -> Posterior:
    about = About(
        format=POSTERIOR_FORMAT,
        offramp="0.1.0",
        county=scenario.county.name,
        fips=scenario.county.fips,
        hash=scenario.fingerprint(),
        seed=1,
        budget="small",
        runs=10,
        free=2,
        targets=[{"target": "jail_adp", "value": 44.0}],
        ranges={"jail.sentence_felony": (15, 32, 60)},
    )
    return Posterior(NAMES, np.array([[20.0, 0.7], [40.0, 0.9]]), about)


def test_what_is_written_is_read_and_drawn(posterior: Posterior, scenario: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "new" / "p.parquet"
    posterior.write(path)
    found = read(path, scenario.county, scenario.parameters, "0.1.3")
    assert found.about == posterior.about
    for draw, sentence in ((0, 20.0), (1, 40.0), (2, 20.0)):
        drawn = dict(found.sampled(scenario, draw, 9).parameters)
        assert drawn["jail.sentence_felony"].value == sentence
        assert drawn["arrest.rate"] == dict(scenario.parameters)["arrest.rate"]


def test_a_county_that_has_changed_since_the_draws_were_found_is_told(
    posterior: Posterior, scenario: Scenario
) -> None:
    now = scenario.county.jail.bookings.value
    about = posterior.about.model_copy(update={"figures": {"jail.bookings": now * 1.05, "jail.gone": 3.0}})
    (told,) = replace(posterior, about=about).apart(scenario.county)
    assert told.startswith(f"jail.bookings is {now:g}; the draws were found with {now * 1.05:.4g}")
    near = about.model_copy(update={"figures": {"jail.bookings": now * 1.005}})
    assert not replace(posterior, about=near).apart(scenario.county)
    assert not posterior.apart(scenario.county)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"fips": "06001", "county": "Alameda County"}, "is of Alameda County (fips 06001)"),
        ({"offramp": "0.9.0"}, "was made with version 0.9.0, this is 0.1.0. Calibrate again"),
        ({"format": 99}, "is 99; this version reads 1"),
    ],
)
def test_the_posterior_of_another_county_or_version_is_refused(
    posterior: Posterior, scenario: Scenario, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    replace(posterior, about=posterior.about.model_copy(update=change)).write(tmp_path / "p.parquet")
    with pytest.raises(BadDocument) as bad:
        read(tmp_path / "p.parquet", scenario.county, scenario.parameters, "0.1.0")
    assert told in str(bad.value)


def test_every_fault_of_the_draws_is_told_at_once(
    posterior: Posterior, scenario: Scenario, tmp_path: Path
) -> None:
    names = ("jail.sentence_felony", "court.granted", "jail.moon")
    values = np.array([[-1.0, 1.7, 0.0], [3.0, 0.5, 0.0]])
    replace(posterior, names=names, values=values).write(tmp_path / "p.parquet")
    with pytest.raises(BadDocument) as bad:
        read(tmp_path / "p.parquet", scenario.county, scenario.parameters, "0.1.0")
    told = str(bad.value)
    assert "jail.sentence_felony: draw 1 is -1" in told
    assert "court.granted: draw 1 is 1.7" in told
    assert "jail.moon: is no parameter of this version" in told


def test_a_file_that_is_no_posterior_is_told_so(scenario: Scenario, tmp_path: Path) -> None:
    plain, text = tmp_path / "plain.parquet", tmp_path / "text.parquet"
    pq.write_table(pa.table({"a": [1.0]}), plain)
    text.write_text("hello", encoding="utf-8")
    for path, told in (
        (plain, "is no posterior"),
        (text, "it is no parquet"),
        (tmp_path / "x", "there is no such file"),
    ):
        with pytest.raises(BadDocument, match=told):
            read(path, scenario.county, scenario.parameters, "0.1.0")


def test_draws_that_nobody_could_have_found_are_refused_and_no_draw_at_all_too(
    posterior: Posterior, scenario: Scenario, tmp_path: Path
) -> None:
    """A hundred times beyond the register's range; calibrate itself stays within a third of that."""
    path = tmp_path / "p.parquet"

    def told(values: list[list[float]]) -> str:
        replace(posterior, values=np.array(values).reshape(-1, 2)).write(path)
        with pytest.raises(BadDocument) as bad:
            read(path, scenario.county, scenario.parameters, "0.1.0")
        return str(bad.value)

    sentence = dict(scenario.parameters)["jail.sentence_felony"]
    assert "jail.sentence_felony: draw 2 is 1e+300, which it cannot be" in told([[20, 0.7], [1e300, 0.7]])
    assert "draw 1 is 0, which it cannot be" in told([[0, 0.7]])
    assert f"Allowed: {sentence.low / 100:g} to {sentence.high * 100:g}" in told([[0, 0.7]])
    assert told([]).endswith("(file): holds no draw")


def test_a_file_of_a_few_bytes_that_unpacks_to_gigabytes_is_not_unpacked(
    posterior: Posterior, scenario: Scenario, tmp_path: Path
) -> None:
    path = tmp_path / "p.parquet"
    with pq.ParquetWriter(path, pa.schema([(name, pa.float64()) for name in NAMES])) as writer:
        for _ in range(11):
            writer.write_table(pa.table({name: np.zeros(1_000_000) for name in NAMES}))
    assert path.stat().st_size < 100_000
    with pytest.raises(BadDocument, match="is too large"):
        read(path, scenario.county, scenario.parameters, "0.1.0")


def test_a_parameter_that_is_there_twice_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    from calibration.inference.posterior import KEY

    about = About(
        format=POSTERIOR_FORMAT,
        offramp="0.1.0", county="", fips=scenario.county.fips, hash="", seed=1, budget="",
        runs=1, free=1, targets=[], ranges={},
    )  # fmt: skip
    table = pa.Table.from_arrays([pa.array([0.7]), pa.array([0.8])], ["court.granted"] * 2)
    pq.write_table(table.replace_schema_metadata({KEY: about.model_dump_json()}), tmp_path / "p.parquet")
    with pytest.raises(BadDocument, match=r"court\.granted: is there twice"):
        read(tmp_path / "p.parquet", scenario.county, scenario.parameters, "0.1.0")


def test_a_posterior_of_another_format_is_refused_by_name(
    posterior: Posterior, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "draws.parquet"
    posterior.write(path)
    assert main(["upgrade", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: nothing to do\n"
    newer = replace(posterior, about=posterior.about.model_copy(update={"format": POSTERIOR_FORMAT + 1}))
    newer.write(path)
    assert main(["upgrade", str(path)]) == 1
    assert f"is of format {POSTERIOR_FORMAT + 1}; this version reads 1" in capsys.readouterr().err
