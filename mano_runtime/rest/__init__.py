"""SOL013 on aiohttp: declare routes on an :class:`Api`, raise :class:`ProblemError`, answer with the functions here."""

from mano_runtime.rest.answers import accepted, begun, created, listing, no_content, ok
from mano_runtime.rest.api import Api
from mano_runtime.rest.application import application
from mano_runtime.rest.call import Call, Link
from mano_runtime.rest.contents import file, small_file
from mano_runtime.rest.paging import Paging
from mano_runtime.rest.problems import ProblemError
from mano_runtime.rest.releases import Release
from mano_runtime.rest.serving import serving
from mano_runtime.rest.versions import major

__all__ = [
    "Api",
    "Call",
    "Link",
    "Paging",
    "ProblemError",
    "Release",
    "accepted",
    "application",
    "begun",
    "created",
    "file",
    "listing",
    "major",
    "no_content",
    "ok",
    "serving",
    "small_file",
]
