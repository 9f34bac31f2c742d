"""SOL013 on aiohttp: declare routes on an :class:`Api`, raise :class:`ProblemError`, answer with the functions here."""

from mano_runtime.rest.answers import accepted, created, listing, no_content, ok
from mano_runtime.rest.api import Api
from mano_runtime.rest.application import application
from mano_runtime.rest.call import Call
from mano_runtime.rest.problems import ProblemError

__all__ = ["Api", "Call", "ProblemError", "accepted", "application", "created", "listing", "no_content", "ok"]
