"""What every KSAD service needs and no ministry word: a closed list of modules (README.md)."""
