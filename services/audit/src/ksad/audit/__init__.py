"""The auditor's tool: verifies, replays, compares, traces and proves an archive offline, and follows a feed."""
