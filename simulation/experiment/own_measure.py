"""A user's own measures, carried by value to whichever process makes the runs.

A function of a script or notebook cannot be imported elsewhere, so its code travels with the work, together
with whatever it uses of the user's own modules; installed packages are imported where the runs are made.
"""

from __future__ import annotations

import pickle
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from types import ModuleType

import cloudpickle

from simulation.measures.registry import MEASURES, Measure

_PACKAGES = ("simulation", "calibration", "offramp")

_INSTALLED = {"site-packages", "dist-packages"}
"""Folders of installed packages: of this environment, of the user, or of the system below it."""


class NotPortable(Exception):
    """A measure of the user's cannot be carried to another process, or not be loaded there."""


@dataclass(frozen=True)
class OwnMeasures:
    """The measures that did not come with Offramp; ``content`` is empty if there are none."""

    content: bytes = b""

    @classmethod
    def registered(cls) -> OwnMeasures:
        """Those of this process; raises NotPortable, with the reason, for one that cannot be carried."""
        own = [measure for measure in MEASURES.values() if _is_own(measure)]
        if not own:
            return cls()
        with _by_value(_user_modules()):
            for measure in own:
                _check(measure)
            return cls(cloudpickle.dumps(own))

    @property
    def digest(self) -> str:
        """A digest that distinguishes versions of the same measures."""
        return blake2b(self.content, digest_size=8).hexdigest() if self.content else ""

    def register(self) -> None:
        """Make these the only measures of this process beside Offramp's own."""
        for name in [name for name, measure in MEASURES.items() if _is_own(measure)]:
            del MEASURES[name]
        if not self.content:
            return
        try:
            measures: list[Measure] = pickle.loads(self.content)
        except (ImportError, AttributeError) as error:
            raise NotPortable(
                f"a worker cannot load your measures: {error}. Install what they import on every machine"
            ) from None
        MEASURES.update({measure.name: measure for measure in measures})


def _is_own(measure: Measure) -> bool:
    return measure.function.__module__.partition(".")[0] not in _PACKAGES


def _check(measure: Measure) -> None:
    try:
        cloudpickle.dumps(measure)
    except Exception as error:  # noqa: BLE001  whatever a user's objects raise when they are pickled
        raise NotPortable(
            f"the measure {measure.name} cannot be carried to the processes that make the runs: {error}. "
            "Let it use no open file, lock or connection"
        ) from None


def _user_modules() -> list[ModuleType]:
    """Imported modules that are neither Offramp's nor installed."""
    installed = [Path(path).resolve() for path in set(sysconfig.get_paths().values())]
    modules = []
    for name, module in list(sys.modules.items()):
        file = getattr(module, "__file__", None)
        if file is None or name == "__main__" or name.partition(".")[0] in _PACKAGES:
            continue
        path = Path(file).resolve()
        if _INSTALLED.isdisjoint(path.parts) and not any(path.is_relative_to(place) for place in installed):
            modules.append(module)
    return modules


@contextmanager
def _by_value(modules: list[ModuleType]) -> Iterator[None]:
    """Pickle what these modules define by value for a while."""
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        yield
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)
