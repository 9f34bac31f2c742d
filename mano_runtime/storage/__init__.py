"""What a functional block remembers: one database, tables of JSON documents, one chain of migrations.

``database``    opens it, serialises its writers, brings its schema up to date
``documents``   tables of documents of one type, with an etag and a few promoted columns
``vault``       secrets, sealed with a key that lies beside the database
``dialects``    which database it is; all that depends on it is in ``sqlite`` and ``postgresql``
``holding``     how a server keeps others from a PostgreSQL database
``migrations``  the chain, plain ``op.create_table``; autonomous of the rooms whose tables it makes
"""

from mano_runtime.storage.database import Database
from mano_runtime.storage.documents import Documents, DuplicateDocumentError, Page, StaleDocumentError, Stored
from mano_runtime.storage.errors import DatabaseAwayError, DatabaseInUseError, OvertakenError, UnusableDatabaseError
from mano_runtime.storage.schema import COUNTER, metadata
from mano_runtime.storage.vault import LostKeyError, TamperedError, Vault, VaultError

__all__ = [
    "COUNTER",
    "Database",
    "DatabaseAwayError",
    "DatabaseInUseError",
    "Documents",
    "DuplicateDocumentError",
    "LostKeyError",
    "OvertakenError",
    "Page",
    "StaleDocumentError",
    "Stored",
    "TamperedError",
    "UnusableDatabaseError",
    "Vault",
    "VaultError",
    "metadata",
]
