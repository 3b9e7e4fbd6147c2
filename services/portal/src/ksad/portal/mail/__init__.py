"""Reminders by e-mail: what is to be told to whom, how it is written, and how it reaches a mail server."""
