"""``mano``: where the process starts."""

from __future__ import annotations

import itertools
import os
import sys
from collections.abc import Sequence

from mano_runtime.process import importing
from nfvo.cli.descriptor_check import asked, check
from nfvo.cli.errors import CommandError

_VALUED = ("--url", "--output", "--ca-file", "--client-certificate", "--client-key")
_FLAGS = ("--no-color",)
_QUICK = ["descriptor", "check"]


def hoisted(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the global options among the arguments, and the rest: the parser wants them first, people do not."""
    options: list[str] = []
    rest: list[str] = []
    remaining = iter(arguments)
    for argument in remaining:
        if argument == "--":
            rest += [argument, *remaining]
        elif argument in _FLAGS or argument.startswith(tuple(f"{name}=" for name in _VALUED)):
            options.append(argument)
        elif argument in _VALUED:
            options += [argument, *itertools.islice(remaining, 1)]
        else:
            rest.append(argument)
    return options, rest


def main() -> None:
    """Run the command line of this process.

    The plain form of a check runs by itself; everything else goes to the full command line, which takes several times
    as long to import.
    """
    options, rest = hoisted(sys.argv[1:])
    try:
        if rest[:2] == _QUICK and (wanted := asked([*options, *rest[2:]])):
            sys.exit(check(wanted))
        with importing():
            from nfvo.cli.application import app  # noqa: PLC0415  # see above
        app([*options, *rest], prog_name="mano")
    except CommandError as error:
        from nfvo.cli.output import Output  # noqa: PLC0415  # see above

        as_json = "json" in options or "--output=json" in options
        Output(as_json=as_json, color="--no-color" not in options and not os.environ.get("NO_COLOR")).error(error)
        sys.exit(error.code)


if __name__ == "__main__":
    main()
