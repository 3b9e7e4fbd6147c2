"""What concerns several machines: the broker's streams, and the nodes of every service."""
