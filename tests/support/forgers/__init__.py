"""What forgers do to folders, archives and streams."""
