"""Real servers on loopback, which a test starts, kills, wipes and ends."""
