"""Fixtures that every tier may ask for."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from blockbuster import BlockBuster, blockbuster_ctx
from checkout import PACKAGES, ROOT
from etsi_openapi import Interface, interface
from etsi_schemas import NSD, VNFLCM, VNFPKGM_FOR_OSS, VNFPKGM_FOR_VNFMS, Schemas
from hypothesis import settings
from loop_complaints import LoopComplaints, loop_complaints
from private_postgresql import NoPostgresqlError, PrivatePostgresql, private_postgresql

from mano_runtime import structured_log

# Tests start dozens of processes, and compiling what they import would take longer than most of what they do: bytecode
# is kept, by this process and by those, whatever the environment says.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Only a live cloud may be vouched for by the authorities of this machine. aiohttp reads all of them, twice, in each
# process that imports it.
if not any(name.startswith("MANO_OPENSTACK") for name in os.environ):
    os.environ["SSL_CERT_FILE"] = os.devnull

gc.disable()  # until the tests begin: what is imported and collected until then stays to the end

settings.register_profile("mano", deadline=None)  # how long an example takes says nothing on a busy machine
settings.load_profile("mano")

_TIERS_ON_AN_EVENT_LOOP = ("integration", "acceptance")
_TIERS_WITH_DATABASES = ("property", *_TIERS_ON_AN_EVENT_LOOP)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """Have no collection of garbage walk what stays, and fewer of them: they took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 20)
    gc.enable()


@pytest.fixture(scope="session")
def shared() -> Path:
    """Return the directory of standards and real packages (MANO_SHARED), or skip the test."""
    folder = Path(os.environ.get("MANO_SHARED", ROOT.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"needs the standards and packages of {folder}; MANO_SHARED names another place")
    return folder


@pytest.fixture(scope="session")
def etsi(shared: Path) -> Callable[[str], Interface]:
    """Return the finder of ETSI's OpenAPI documents, as in ``etsi("SOL003/VNFLifecycleManagement")``."""
    return lambda name: interface(shared / "etsi" / "openapi", name)


@pytest.fixture(scope="session")
def vnflcm_of_release_2(shared: Path) -> Schemas:
    """Return the judge of VNF lifecycle management in release 2.6.1."""
    return Schemas(shared / "etsi/schemas-2.6.1/SOL003/VNFLifecycleManagement-API", "/vnflcm/v1", VNFLCM)


@pytest.fixture(scope="session")
def vnfpkgm_of_release_2(shared: Path) -> tuple[Schemas, Schemas]:
    """Return the judges of VNF package management in release 2.6.1: as the OSS sees it, and as VNFMs do."""
    folder = shared / "etsi/schemas-2.6.1"
    return (
        Schemas(folder / "SOL005/VNFPackageManagement-API", "/vnfpkgm/v1", VNFPKGM_FOR_OSS),
        Schemas(folder / "SOL003/VNFPackageManagement-API", "/vnfpkgm/v1", VNFPKGM_FOR_VNFMS),
    )


@pytest.fixture(scope="session")
def nsd_of_release_2(shared: Path) -> Schemas:
    """Return the judge of NSD management in release 2.6.1."""
    return Schemas(shared / "etsi/schemas-2.6.1/SOL005/NSDManagement-API", "/nsd/v1", NSD)


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PrivatePostgresql]:
    """Give a PostgreSQL server of the tests' own, or skip the test; each process of the tests has one at most."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(private_postgresql())
        except NoPostgresqlError as error:
            pytest.skip(f"needs PostgreSQL: {error}")
        yield server


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Return the URL of a database with nothing in it; the test runs once on each kind."""
    if request.param == "sqlite":
        return f"sqlite+aiosqlite:///{tmp_path}/mano.sqlite"
    server: PrivatePostgresql = request.getfixturevalue("postgresql")
    return server.emptied()


@pytest.fixture(scope="session")
def quick_databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], None]]:
    """Spare tests the migrations and the compiling of statements; give what is to be called between tests."""
    from migrated_databases import migrated_databases  # noqa: PLC0415  # imports SQLAlchemy, which few unit tests wait for
    from recycled_engines import recycled_engines  # noqa: PLC0415  # as above

    with recycled_engines() as engines, migrated_databases(tmp_path_factory.mktemp("migrated")):
        yield engines.release


@pytest.fixture(autouse=True)
def logging_as_served() -> None:
    """Log as the product does, so that a failed test shows it."""
    structured_log.configure(level="info")


@pytest.fixture(scope="session")
def complaints() -> Iterator[LoopComplaints]:
    """Hear what event loops complain of, from the first test to the collection of what the last one left."""
    with loop_complaints() as heard:
        yield heard
        heard.check(collect=True)


@pytest.fixture(autouse=True)
def no_loop_complains(complaints: LoopComplaints) -> Iterator[None]:
    """Fail a test during which an event loop complained of an error that nobody saw, or a task that nobody ended."""
    yield
    complaints.check()


@pytest.fixture(autouse=True)
def databases_are_quick(request: pytest.FixtureRequest) -> Iterator[None]:
    """Have new SQLite databases be quick in the tiers that have some."""
    if request.path.relative_to(ROOT / "tests").parts[0] not in _TIERS_WITH_DATABASES:
        yield
        return
    between_tests = request.getfixturevalue("quick_databases")
    yield
    between_tests()


@pytest.fixture(autouse=True)
def nothing_blocks(request: pytest.FixtureRequest) -> Iterator[BlockBuster | None]:
    """Fail an integration or acceptance test whose event loop is blocked by our code (files, sleeps, sockets)."""
    tier = request.path.relative_to(ROOT / "tests").parts[0]
    if tier not in _TIERS_ON_AN_EVENT_LOOP:
        yield None
        return
    with blockbuster_ctx(scanned_modules=list(PACKAGES)) as blockbuster:
        yield blockbuster
