"""How the command line trusts a server, and shows a certificate where it asks for one."""

from __future__ import annotations

import ssl
from typing import NamedTuple

from nfvo.cli.errors import InputError


class Trust(NamedTuple):
    """Files (PEM) for TLS; what is empty is as the system has it."""

    ca_file: str = ""
    """Authorities that are trusted instead of the system's."""
    certificate: str = ""
    """Our certificate, for servers that ask for one."""
    key: str = ""
    """Its key; may be in the same file."""

    def context(self) -> ssl.SSLContext | bool:
        """Return what connections are made with; True: as the system has it.

        Raises:
            InputError: a file cannot be used.
        """
        if not any(self):
            return True
        try:
            context = ssl.create_default_context(cafile=self.ca_file or None)
        except (OSError, ssl.SSLError) as error:
            raise InputError("The file of --ca-file cannot be used", f"{self.ca_file}: {error}") from error
        if self.certificate:
            try:
                context.load_cert_chain(self.certificate, self.key or None)
            except (OSError, ssl.SSLError) as error:
                raise InputError(
                    "The client certificate cannot be used",
                    f"{self.certificate}: {error}",
                    hint="Give PEM files with --client-certificate and --client-key.",
                ) from error
        return context
