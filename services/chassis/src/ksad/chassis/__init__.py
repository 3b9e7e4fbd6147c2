"""The machinery shared by all KSAD services, without domain knowledge: a closed list of modules (README.md)."""
