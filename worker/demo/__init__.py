"""A small newsroom with its own mail and webhook receivers, to see the daemon work without any network."""
