"""Running platforms and parts of one, the command around them, and what they hold."""
