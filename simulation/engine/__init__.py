"""Time, random streams, competing risks and the event log."""
