"""The follower of a province's feed: receives, verifies and stores it."""
