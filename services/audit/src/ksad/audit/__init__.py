"""What an auditor does with an archive and public keys, offline: verify, replay, diff, prove, trace, restore."""
