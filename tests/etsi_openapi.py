"""The OpenAPI documents that ETSI publishes, as a judge of requests and answers.

Ask for the fixture ``etsi`` (tests/conftest.py) and name the interface, then hand over what was sent:

    def test_vnf_instance_conforms(etsi):
        vnflcm = etsi("SOL003/VNFLifecycleManagement")
        vnflcm.check_answer("GET", "/vnf_instances/{vnfInstanceId}", 200, body)   # template or real path
        vnflcm.check_request("POST", "/vnf_instances", {"vnfdId": "b1bb0ce7"})

or, in a test that talks to a server, ``await vnflcm.check(response)`` with the aiohttp client's response, which
also checks the media type and the headers that the document requires. An AssertionError lists every violation
with its JSON path; a status that the document does not foresee is one, and so is an attribute that it does not
know (a misspelt one would pass otherwise).
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urljoin, urlsplit

import yaml
from aiohttp import ClientResponse
from etsi_slips import PATHS, corrected
from jsonschema import Draft4Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

Schema = dict[str, Any]

_ROOMS = {"SOL002": "nfv-sol002-sol003", "SOL003": "nfv-sol002-sol003", "SOL005": "nfv-sol005"}
_PROBLEM_MEDIA = "application/problem+json"
PROBLEM_MEMBERS = frozenset({"type", "title", "status", "detail", "instance"})
_FIRST_PROBLEM = 400
_TYPES = frozenset({"object", "array", "string", "integer", "number", "boolean"})

# The documents forget the body of some errors, which have one nevertheless (SOL013 6.3).
_ANY_PROBLEM: Schema = {
    "type": "object",
    "required": ["status", "detail"],
    "properties": {"status": {"type": "integer"}, "detail": {"type": "string"}},
}

# Any resource may answer these (SOL013 6.4), whether or not its document lists them.
_COMMON_PROBLEMS = frozenset(
    {"400", "401", "403", "404", "405", "406", "412", "413", "414", "415", "422", "429", "500", "503", "504"}
)

# The documents write the cardinality of a header as `minimum`; of other headers (Content-Type on a 204) it is wrong.
_REQUIRED_HEADERS = frozenset({"Location", "Version"})

_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("date-time", raises=ValueError)
def _is_date_time(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@_FORMATS.checks("uri", raises=ValueError)
@_FORMATS.checks("url", raises=ValueError)
def _is_uri(value: object) -> bool:
    return not isinstance(value, str) or bool(urlsplit(value).scheme)


def _nullable_type(validator: Draft4Validator, wanted: str, value: object, schema: Schema) -> Iterator[ValidationError]:
    """Apply OpenAPI 3.0's ``type``: null is allowed by ``nullable`` only."""
    if value is None and schema.get("nullable") is True:
        return
    yield from Draft4Validator.VALIDATORS["type"](validator, wanted, value, schema)


_Validator = extend(Draft4Validator, {"type": _nullable_type})


def _normal(node: Any) -> Any:
    """Return the node with text keys, as JSON pointers need, and without keywords that are misused in the documents."""
    if isinstance(node, list):
        return [_normal(element) for element in node]
    if not isinstance(node, dict):
        return node
    node = {str(key): _normal(value) for key, value in node.items()}
    if "properties" in node or "items" in node or "type" in node:
        if not isinstance(node.get("required", []), list):
            del node["required"]
        if isinstance(node.get("type"), str) and node["type"] not in _TYPES:
            del node["type"]
    members = node.get("properties")
    if isinstance(members, dict) and all(isinstance(member, dict) for member in members.values()):
        node.setdefault("type", "object")  # some types forget it, and would allow a list
    return node


@functools.cache
def _document(uri: str) -> Any:
    text = Path(urlsplit(uri).path).read_text(encoding="utf-8")
    document = _normal(yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    return corrected(uri.rpartition("/")[2], document)


class _Referred(NamedTuple):
    """What a reference leads to, and what leads on from there."""

    contents: Any
    resolver: _References


class _References:
    """Where the references in the document at ``uri`` lead; has what jsonschema asks of a resolver.

    That of ``referencing`` reads a document and walks it anew for each reference to another one.
    """

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._known: dict[str, _Referred] = {}

    def in_subresource(self, _: object) -> _References:
        """Return what leads on from a part of the document: the same, for no part has an identifier of its own."""
        return self

    def lookup(self, reference: str) -> _Referred:
        """Return what it leads to, in this file or in another; AssertionError when that is not there."""
        if reference not in self._known:
            self._known[reference] = self._referred(reference)
        return self._known[reference]

    def _referred(self, reference: str) -> _Referred:
        uri, _, pointer = urljoin(self.uri, reference).partition("#")
        try:
            node = _document(uri)
            for token in unquote(pointer).split("/")[1:]:
                name = token.replace("~1", "/").replace("~0", "~")
                node = node[int(name) if isinstance(node, list) else name]
        except (KeyError, IndexError, ValueError, OSError) as error:
            msg = f"{self.uri} refers to {reference}, which does not exist"
            raise AssertionError(msg) from error
        return _Referred(node, _references(uri))


@functools.cache
def _references(uri: str) -> _References:
    return _References(uri)


class Interface:
    """One document: what an interface takes and answers."""

    def __init__(self, document: Path) -> None:
        self._uri = document.resolve().as_uri()
        self._paths = {PATHS.get(path, path): value for path, value in _document(self._uri)["paths"].items()}
        server = urlsplit(_document(self._uri)["servers"][0]["url"]).path
        self.root = server.rstrip("/")
        """Below which path the interface is served: ``/vnflcm/v2``."""

    @property
    def operations(self) -> list[tuple[str, str]]:
        """Every method and path template of the document."""
        verbs = ("get", "post", "put", "patch", "delete")
        return [
            (verb.upper(), path)
            for path in self._paths
            for verb in verbs
            if verb in self._followed(self._paths[path], self._uri)[0]
        ]

    def template(self, path: str) -> str:
        """Return the path template that stands for ``path``, which may be one and may have a query."""
        path = path.partition("?")[0]
        template = path if path in self._paths else next(filter(covering(path), self._paths), None)
        assert template is not None, f"the document has no path {path}"
        return template

    async def check(self, response: ClientResponse, *, exact: bool = True) -> Any:
        """Judge an answer of a server, body and headers, and return its JSON body (None without one).

        ``exact=False`` is for a document that others share a resource with: it may have their attributes as well.
        """
        path = response.url.path.removeprefix(self.root)
        is_json = response.content_type.endswith("json")
        body = await response.json(content_type=None) if is_json else None
        self.check_answer(response.method, path, response.status, body, exact=exact)
        documented, _ = self._answer(response.method, path, response.status)
        missing = [
            name
            for name, header in documented.get("headers", {}).items()
            if name in _REQUIRED_HEADERS and _cardinality(header) == 1 and name not in response.headers
        ]
        assert not missing, f"{response.method} {path} {response.status} lacks the headers {missing}"
        if response.status >= _FIRST_PROBLEM:
            assert response.content_type == _PROBLEM_MEDIA, response.content_type
        return body

    def check_answer(self, method: str, path: str, status: int, body: Any = None, *, exact: bool = True) -> None:
        """Assert that the document foresees ``status`` there, with such a body (None: without one)."""
        answer, base = self._answer(method, path, status)
        strict = status < _FIRST_PROBLEM
        self._judge(f"{method} {path} answers {status}", answer, base, body, strict=strict, exact=exact)

    def check_request(self, method: str, path: str, body: Any) -> None:
        """Assert that the document allows such a request body."""
        operation, base = self._operation(method, path)
        request, base = self._followed(operation["requestBody"], base)
        self._judge(f"the body of {method} {path}", request, base, body, strict=True)

    def _judge(self, what: str, holder: Schema, base: str, body: Any, *, strict: bool, exact: bool = True) -> None:
        media = {name.split(";")[0]: value for name, value in holder.get("content", {}).items()}
        schema = next((media[name].get("schema") for name in media if name.endswith("json")), None)
        if schema is None and not strict:
            schema = _ANY_PROBLEM
        if schema is None:
            assert body in (None, "", b""), f"{what}: the document has no JSON body there, found {body!r}"
            return
        assert body is not None, f"{what}: the JSON body is missing"
        violations = list(self._violations(schema, base, body))
        if strict and exact:  # problem details may have further members (RFC 9457 3.2), which every other body may not
            violations += self._unknown(schema, base, body, "$")
        assert not violations, f"{what}, against {Path(urlsplit(self._uri).path).name}:\n  " + "\n  ".join(violations)

    def _violations(self, schema: Schema, base: str, body: Any) -> Iterator[str]:
        validator = _Validator(schema, format_checker=_FORMATS, _resolver=_references(base))
        for error in validator.iter_errors(body):
            yield from _told(error)

    def _unknown(self, schema: Schema, base: str, value: Any, where: str) -> Iterator[str]:
        """Yield the attributes that no branch of the schema declares."""
        branches = list(self._branches(schema, base))
        if isinstance(value, list):
            for branch, its_base in branches:
                for index, element in enumerate(value if "items" in branch else ()):
                    yield from self._unknown(branch["items"], its_base, element, f"{where}[{index}]")
        elif isinstance(value, dict) and not any("additionalProperties" in branch for branch, _ in branches):
            yield from self._undeclared(branches, value, where)

    def _undeclared(self, branches: list[tuple[Schema, str]], value: dict[str, Any], where: str) -> Iterator[str]:
        declared: dict[str, list[tuple[Schema, str]]] = {}
        for branch, its_base in branches:
            for name, child in branch.get("properties", {}).items():
                declared.setdefault(name, []).append((child, its_base))
        if declared.keys() >= PROBLEM_MEMBERS:
            return  # problem details may have further members, wherever they are (RFC 9457 3.2)
        for name, child in value.items() if declared else ():
            if name not in declared:
                yield f"{where}.{name}: the document has no such attribute"
            elif len(declared[name]) == 1:
                yield from self._unknown(*declared[name][0], child, f"{where}.{name}")

    def _branches(self, schema: Schema, base: str) -> Iterator[tuple[Schema, str]]:
        schema, base = self._followed(schema, base)
        yield schema, base
        for keyword in ("allOf", "anyOf", "oneOf"):
            for branch in schema.get(keyword, ()):
                yield from self._branches(branch, base)

    def _answer(self, method: str, path: str, status: int) -> tuple[Schema, str]:
        operation, base = self._operation(method, path)
        answers = operation["responses"]
        if str(status) in _COMMON_PROBLEMS - answers.keys():
            return {}, base
        assert str(status) in answers, f"{method} {path} answers {status}; the document has {', '.join(answers)}"
        return self._followed(answers[str(status)], base)

    def _operation(self, method: str, path: str) -> tuple[Schema, str]:
        item, base = self._followed(self._paths[self.template(path)], self._uri)
        verb = "get" if method == "HEAD" else method.lower()
        assert verb in item, f"the document has no {method} {path}"
        return item[verb], base

    def _followed(self, node: Schema, base: str) -> tuple[Schema, str]:
        """Follow references, across files, to the node itself and the URI that its own references start from."""
        while "$ref" in node:
            node, references = _references(base).lookup(node["$ref"])
            base = references.uri
        return node, base


def covering(path: str) -> Callable[[str], bool]:
    """Return the predicate that tells whether a template stands for ``path``."""

    def covers(template: str) -> bool:
        pattern = re.sub(r"\\\{[^/]+?\\\}", "[^/]+", re.escape(template))
        if template.endswith("/{artifactPath}"):
            pattern = pattern.removesuffix("[^/]+") + ".+"
        return re.fullmatch(pattern, path) is not None

    return covers


def _cardinality(header: Schema) -> int:
    least = header.get("schema", header).get("minimum", 0)
    return least if isinstance(least, int) else 0


def _told(error: ValidationError) -> Iterator[str]:
    yield f"{_place(error)}: {error.message[:300]}"
    for cause in error.context or ():
        yield f"    {_place(cause)}: {cause.message[:200]}"


def _place(error: ValidationError) -> str:
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in error.absolute_path)
    return "$" + "".join(steps)


def violations(schema: Schema, body: Any) -> list[str]:
    """Return how a body differs from a schema that refers to nothing outside."""
    validator = _Validator(_normal(schema), format_checker=_FORMATS)
    return [told for error in validator.iter_errors(body) for told in _told(error)]


@functools.cache
def interface(openapi: Path, name: str) -> Interface:
    """Return the interface ``name`` (``SOL003/VNFLifecycleManagement``) of the documents in ``openapi``."""
    standard, _, title = name.partition("/")
    return Interface(openapi / _ROOMS[standard] / standard / title / f"{title}.yaml")
