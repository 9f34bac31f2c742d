"""What a functional block remembers: one database, tables of JSON documents, one chain of migrations.

``database``    opens it, serialises its writers, brings its schema up to date
``documents``   tables of documents of one type, with an etag and a few promoted columns
``vault``       secrets, sealed with a key that lies beside the database
``dialects``    all that depends on which database it is
``migrations``  the chain, plain ``op.create_table``; autonomous of the rooms whose tables it makes
"""

from mano_runtime.storage.database import Database
from mano_runtime.storage.documents import Documents, DuplicateDocumentError, Page, StaleDocumentError, Stored
from mano_runtime.storage.schema import metadata
from mano_runtime.storage.vault import LostKeyError, TamperedError, Vault, VaultError

__all__ = [
    "Database",
    "Documents",
    "DuplicateDocumentError",
    "LostKeyError",
    "Page",
    "StaleDocumentError",
    "Stored",
    "TamperedError",
    "Vault",
    "VaultError",
    "metadata",
]
