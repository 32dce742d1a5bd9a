"""A folder in which a command is given may hold files of any name: none is taken for a module of Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.command import ROOT, digest, tiny

NAMES = sorted(sys.stdlib_module_names)
SCRIPT = "import sys\nfrom offramp.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
"""What an installer writes into the file ``offramp``."""


def said(command: list[str], folder: Path) -> tuple[int, str]:
    """The exit code and the complaints of a command given in this folder."""
    # Without what make cover measures by, which imports modules of its own before any program.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    environment = {**plain, "PYTHONPATH": str(ROOT), "OFFRAMP_STORE": str(folder / "store")}
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, env=environment, capture_output=True, text=True, timeout=120
    )
    return done.returncode, done.stderr


def imported_before_any_program(folder: Path) -> set[str]:
    """Modules that ``python -m`` needs before it comes to the first line of what it is to run."""
    package = folder / "empty"
    package.mkdir()
    (package / "__init__.py").write_text("import sys\nprint(*sys.modules, file=sys.stderr)\n")
    (package / "__main__.py").write_text("")
    code, names = said(["-m", "empty"], folder)
    assert code == 0
    return {name.partition(".")[0] for name in names.split()}


def shadow(folder: Path, names: list[str]) -> None:
    """A file of each name, which ends whatever imports it."""
    for name in names:
        (folder / f"{name}.py").write_text(
            f"import os\nos.write(2, b'{name}.py was imported')\nos._exit(9)\n"
        )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder with a county of one month in it."""
    tiny(tmp_path, months=1)
    return tmp_path


RUN = ["run", "tiny.yaml", "-n", "2", "-j", "2", "--out", "out"]


def test_a_run_works_in_a_folder_with_a_file_of_every_standard_name(folder: Path) -> None:
    script = folder / "bin" / "offramp"
    script.parent.mkdir()
    script.write_text(SCRIPT)
    shadow(folder, NAMES)
    assert said([str(script), *RUN], folder) == (0, "")


def test_python_m_works_there_too_but_for_the_names_with_which_python_itself_begins(folder: Path) -> None:
    first = imported_before_any_program(folder)
    assert {"signal", "random", "logging", "json"}.isdisjoint(first)
    shadow(folder, [name for name in NAMES if name not in first])
    assert said(["-m", "offramp", "check", "tiny.yaml"], folder) == (0, "")


@pytest.mark.slow
def test_a_matplotlibrc_in_the_folder_changes_no_figure(folder: Path) -> None:
    arguments = ["run", "tiny.yaml", "-n", "2", "-j", "1", "--out"]
    assert said(["-m", "offramp", *arguments, "plain"], folder) == (0, "")
    (folder / "matplotlibrc").write_text("axes.facecolor: red\nfont.size: 30\n")
    assert said(["-m", "offramp", *arguments, "styled"], folder) == (0, "")
    assert digest(folder / "plain") == digest(folder / "styled")
