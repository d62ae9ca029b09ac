"""What runs: dependencies, readiness, drills, heartbeats, compose history, notes kept in step with files."""
