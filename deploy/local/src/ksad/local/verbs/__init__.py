"""The commands of ``ksad``, grouped by subject."""
