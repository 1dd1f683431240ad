"""Running a node on one machine: its parts installed, started, supervised and stopped."""
