"""The whole platform on one machine, and the ksad command."""
