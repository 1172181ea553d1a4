"""The image gateway ToAPIs: its models as data, what may be asked of them, and the client that asks."""
