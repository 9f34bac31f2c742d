"""``mano client``, ``mano login``, ``mano logout``: who may talk to a server, and as whom this user does."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nfvo.cli.credentials import Credentials, forget_login, keep_login
from nfvo.cli.errors import InputError
from nfvo.cli.output import Output, facts, table
from nfvo.cli.session import session

if TYPE_CHECKING:
    from nfvo.cli.client import Client

PATH = "/mano/v1/clients"
app = typer.Typer(no_args_is_help=True)
ClientName = Annotated[str, typer.Argument(metavar="NAME", help="Name of the client.")]


async def create(client: Client, output: Output, document: dict[str, Any]) -> None:
    """Make a client and print its secret, once."""
    _tell(output, (await client.post(PATH, document)).body)


async def list_clients(client: Client, output: Output) -> None:
    """Print every client."""
    found = await client.all(PATH)
    output.data(
        found,
        lambda: table(
            ("Name", "Roles", "Tenant", "Created"),
            ((each["id"], each["roles"], each["tenant"], each["createdAt"]) for each in found),
            empty="No client yet: `mano client create NAME --role ROLE` makes one.",
        ),
    )


async def rotate(client: Client, output: Output, name: str) -> None:
    """Give a client another secret and print it, once."""
    _tell(output, (await client.post(f"{PATH}/{name}/rotate")).body)


async def delete(client: Client, output: Output, name: str) -> None:
    """Forget a client; its tokens end at once."""
    await client.delete(f"{PATH}/{name}")
    output.done(f"Deleted the client {name}")


async def log_in(client: Client, output: Output, login: Credentials) -> None:
    """Try the client's secret, and keep it for the commands that follow."""
    await client.log_in(login)
    file = keep_login(client.url, login)
    output.done(f"Logged in at {client.url} as {login.client_id}; kept in {file}")


def _tell(output: Output, made: dict[str, Any]) -> None:
    output.data(made, lambda: facts((name, value) for name, value in made.items() if name != "_links"))
    output.warn("The secret is shown this once: the server keeps none of it.")


@app.command("create")
def create_command(
    context: typer.Context,
    name: ClientName,
    role: Annotated[list[str], typer.Option(help="viewer, operator, designer, vnfm or administrator; repeatable.")],
    tenant: Annotated[str, typer.Option(help="Whose what it makes is, and whose it sees.")] = "default",
    data_dir: Annotated[
        Path | None, typer.Option(help="Write into this data directory, while no server runs: for the first client.")
    ] = None,
    *,
    database_url: Annotated[
        str, typer.Option(help="URL of the database of this data directory, if not in it.", envvar="MANO_DATABASE_URL")
    ] = "",
) -> None:
    """Make a client, and print its secret: the only time that it is shown."""
    spoken = session(context)
    if data_dir is None:
        spoken.run(create, {"id": name, "roles": role, "tenant": tenant})
        return
    from nfvo.first_client import CannotCreateError, create_first_client  # noqa: PLC0415  # imports take a second

    os.umask(0o077)  # what is made there holds secrets
    try:
        made = create_first_client(data_dir, name, roles=tuple(role), tenant=tenant, database_url=database_url)
    except CannotCreateError as error:
        raise InputError("The client cannot be made", str(error), hint=error.hint) from error
    _tell(spoken.output, made)


@app.command("list")
def list_command(context: typer.Context) -> None:
    """List the clients."""
    session(context).run(list_clients)


@app.command("rotate")
def rotate_command(context: typer.Context, name: ClientName) -> None:
    """Give a client another secret; the one before and its tokens end at once."""
    session(context).run(rotate, name)


@app.command("delete")
def delete_command(context: typer.Context, name: ClientName) -> None:
    """Forget a client; its tokens end at once. What it made stays."""
    session(context).run(delete, name)


def login(
    context: typer.Context,
    name: ClientName,
    secret_file: Annotated[
        Path | None, typer.Option(help="File with the secret; else it is asked for, or read from stdin.")
    ] = None,
) -> None:
    """Talk to the server as this client from now on."""
    secret = secret_of(secret_file).strip()
    if not secret:
        raise InputError("There is no secret", hint="Give it on stdin, or with --secret-file.")
    session(context).run(log_in, Credentials(name, secret))


def logout(context: typer.Context) -> None:
    """Forget what `mano login` kept for the server."""
    spoken = session(context)
    url = spoken.url.rstrip("/")
    spoken.output.done(f"Logged out at {url}" if forget_login(url) else f"Nobody was logged in at {url}")


def secret_of(file: Path | None) -> str:
    """Return a secret: of the file, else asked for on a terminal, else the first line of stdin."""
    if file is not None:
        try:
            return file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError("The file with the secret cannot be read", str(error)) from error
    if sys.stdin.isatty():
        return str(typer.prompt("Secret", hide_input=True, err=True))
    return sys.stdin.readline()
