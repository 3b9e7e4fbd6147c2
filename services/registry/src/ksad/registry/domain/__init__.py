"""What can happen to a cooperation, and the rules under which it may: no clock, no ids, no I/O."""
