"""What every service needs and no ministry word: settings, store, relay, follower, documents, identity, health."""
