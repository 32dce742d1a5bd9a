"""The experiment object under the address that the first README gave it."""

from simulation.experiment.run import Experiment

__all__ = ["Experiment"]
