"""The platform on one machine: folder, processes, broker, keys, backups."""
