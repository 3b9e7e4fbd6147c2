"""The checks of ``ksad-audit verify``."""
