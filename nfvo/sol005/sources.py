"""Where clients say that a content is to be fetched from (SOL005 clauses 9.5.2.4 and 9.5.2.10)."""

from __future__ import annotations

from typing import Literal

from mano_runtime.notifications.subscription import BasicParameters
from mano_runtime.peer import Basic
from mano_runtime.rest import ProblemError
from mano_runtime.tokens import ClientCredentials
from mano_runtime.uris import UnusableUriError, checked_uri
from nfvo.catalogue.sources import Source
from nfvo.sol005.general import Sol005Type
from nfvo.sol005.release2.packages import UploadVnfPkgFromUriRequest


class Authentication(Sol005Type, frozen=True, kw_only=True):
    """How we prove who we are where something is fetched from.

    Release 3.7.1 has OAuth 2.0 only; releases before it had HTTP Basic, too, which is still what most servers speak.
    """

    auth_type: Literal["BASIC", "OAUTH2_CLIENT_CREDENTIALS"] | None = None
    params_basic: BasicParameters | None = None
    params_oauth2_client_credentials: ClientCredentials | None = None


class UploadVnfPackageFromUriRequest(Authentication, frozen=True, kw_only=True):
    """Have the content of a VNF package fetched (SOL005 clause 9.5.2.4)."""

    address_information: str


def source_of(request: UploadVnfPackageFromUriRequest | UploadVnfPkgFromUriRequest) -> Source:
    """Return where the content is, as a request of either release says.

    Raises:
        ProblemError: 400, which names the attribute that nothing can be fetched by.
    """
    if isinstance(request, UploadVnfPkgFromUriRequest):
        _check(request.address_information, "addressInformation")
        return Source(uri=request.address_information, basic=_basic(request.user_name, request.password))
    return source(request.address_information, "addressInformation", request)


def source(uri: str, attribute: str, authentication: Authentication, *, within: str = "") -> Source:
    """Return the source at ``uri``, which ``attribute`` gives; ``within`` is the path of the structure with it."""
    _check(uri, f"{within}{attribute}")
    match authentication.auth_type:
        case "BASIC":
            if (basic := authentication.params_basic) is None:
                raise _invalid(f"{within}paramsBasic", "authType BASIC needs it")
            return Source(uri=uri, basic=_basic(basic.user_name, basic.password, within=f"{within}paramsBasic."))
        case "OAUTH2_CLIENT_CREDENTIALS":
            oauth2, place = authentication.params_oauth2_client_credentials, f"{within}paramsOauth2ClientCredentials"
            if oauth2 is None:
                raise _invalid(place, "authType OAUTH2_CLIENT_CREDENTIALS needs it")
            _check(oauth2.token_endpoint, f"{place}.tokenEndpoint")
            return Source(uri=uri, oauth2=oauth2)
    if authentication.params_basic or authentication.params_oauth2_client_credentials:
        raise _invalid(f"{within}authType", "it has to say how the parameters that are given are used")
    return Source(uri=uri)


def _basic(user: str | None, password: str | None, *, within: str = "") -> Basic | None:
    if user is None and password is None:
        return None
    if user is None or password is None:
        raise _invalid("userName" if user is None else "password", "a user name and a password go together")
    if ":" in user:
        raise _invalid(f"{within}userName", "a colon would end it (RFC 7617 2)")
    return Basic(user=user, password=password)


def _check(uri: str, attribute: str) -> None:
    try:
        checked_uri(uri)
    except UnusableUriError as error:
        raise _invalid(attribute, str(error)) from error


def _invalid(attribute: str, why: str) -> ProblemError:
    return ProblemError(
        400,
        "Invalid request body",
        f"{attribute}: {why}",
        type="urn:mano:problem:invalid-body",
        attribute=attribute,
    )
