"""The world and its record: people, services, chance, levers, the event log and its measures."""
