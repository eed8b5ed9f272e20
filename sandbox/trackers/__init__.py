"""Stand-ins of trackers of issues, for tests and the demo."""
