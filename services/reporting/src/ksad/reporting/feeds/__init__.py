"""The provinces' feeds: appending to them, waiting for them, and publishing them over NATS."""
