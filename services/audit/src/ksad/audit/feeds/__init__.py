"""A province's follower: takes its feed, checks it and keeps it."""
