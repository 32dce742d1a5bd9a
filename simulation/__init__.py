"""The world and its record: people, services, chance, levers, the event log and its measures."""

__version__ = "0.1.0"
