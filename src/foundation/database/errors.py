"""What goes wrong with the embedded server."""


class DatabaseServerError(RuntimeError):
    """The embedded PostgreSQL could not be prepared or started; the message says why and what to do."""
