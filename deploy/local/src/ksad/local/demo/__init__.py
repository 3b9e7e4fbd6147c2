"""The demonstration: real cooperations, a year of days, and a rebuild that has to give identical rows."""
