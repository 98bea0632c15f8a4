"""Where a client's endpoint comes from, found out by making one: nothing is sent anywhere.

Each experiment is a Python of its own, with an environment and a configuration file of its own.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

PLAIN = """
import sys, boto3
given = sys.argv[1] or None
client = boto3.client("dynamodb", region_name="eu-west-1", endpoint_url=given)
print(client.meta.endpoint_url)
"""
OURS = """
import sys
from workbench.dynamodb.targets import Target
print(Target("endpoint", "us-east-1", sys.argv[1]).client().meta.endpoint_url)
"""
EXAMPLE = "http://{place}.example:8000"
PROFILE = """[default]
{general}services = local
[services local]
dynamodb =
  {special}
"""


@dataclass(frozen=True)
class Configured:
    """What is configured at once, each place with an address that tells it."""

    argument: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    config: str = ""


def address(place: str) -> str:
    """An address that tells where it was configured; nobody has this name."""
    return EXAMPLE.format(place=place)


def everywhere() -> list[tuple[str, Configured]]:
    """All five places at once, then without the one that won, and so on to none."""
    environ = {
        "AWS_ENDPOINT_URL_DYNAMODB": address("environment-of-the-service"),
        "AWS_ENDPOINT_URL": address("environment"),
    }
    special = f"endpoint_url = {address('profile-of-the-service')}"
    general = f"endpoint_url = {address('profile')}\n"
    both = PROFILE.format(general=general, special=special)
    only_general = f"[default]\n{general}"
    return [
        ("all five", Configured(address("argument"), environ, both)),
        ("no argument", Configured("", environ, both)),
        ("no AWS_ENDPOINT_URL_DYNAMODB", Configured("", dict([*environ.items()][1:]), both)),
        ("no variable", Configured("", {}, both)),
        ("no service in the profile", Configured("", {}, only_general)),
        ("nothing", Configured()),
    ]


def chosen(configured: Configured) -> str:
    """The endpoint that boto3 takes, if so much is configured."""
    return _asked(PLAIN, configured.argument, configured)


def chosen_by_workbench(endpoint_url: str, configured: Configured) -> str:
    """The endpoint of a client of this workbench for a target, whatever else is configured."""
    return _asked(OURS, endpoint_url, configured)


def _asked(script: str, argument: str, configured: Configured) -> str:
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder) / "config"
        config.write_text(configured.config)
        kept = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        done = subprocess.run(
            _command(script, argument),
            env={**kept, "AWS_CONFIG_FILE": str(config), **configured.environ},
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
    return done.stdout.strip()


def _command(script: str, argument: str) -> Sequence[str]:
    return [sys.executable, "-c", script, argument]
