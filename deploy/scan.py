"""Scan both templates with cfn-lint and checkov, offline: ours is clean, the poor one is found out.

    python deploy/scan.py --checkov .venv-scan/bin/checkov            hold it against data/scan.json
    python deploy/scan.py --checkov .venv-scan/bin/checkov --write    store it there

`make scan` does the first. The notebook of lesson 10 reads the stored results.
"""

import argparse
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
STORED = FOLDER.parent / "data" / "scan.json"
CLEAN, POOR = "template.yaml", "poor.yaml"
# What the poor template is poor in, by the rules that have to find it.
NAMED = {
    "encryption key": "CKV_AWS_119",
    "point-in-time recovery": "CKV_AWS_28",
    "deletion protection": "CKV2_WORKBENCH_1",
    "deletion by the stack": "I3011",
    "log retention": "CKV_AWS_66",
    "wildcard as action": "CKV_AWS_63",
    "wildcard as action and resource": "CKV_AWS_62",
    "wildcard as resource of writes": "CKV_AWS_111",
    "wildcard as principal": "CKV_AWS_60",
}
Row = dict[str, str]


def by_checkov(program: Path, template: str) -> Iterator[Row]:
    """A row for each check of each resource."""
    command = [
        program, "--file", FOLDER / template, "--framework", "cloudformation",
        "--external-checks-dir", FOLDER / "checks", "--skip-download", "--output", "json",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        results: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)["results"]
    except (ValueError, KeyError, TypeError):
        sys.exit(f"checkov has no results for {template}:\n{done.stdout}{done.stderr}")
    if results["parsing_errors"]:
        sys.exit(f"checkov cannot read {template}")
    for result in ("passed", "failed", "skipped"):
        for check in results[f"{result}_checks"]:
            reason = check["check_result"].get("suppress_comment") or ""
            resource = check["resource"].rpartition(".")[2]
            yield _row("checkov", check["check_id"], check["check_name"], resource, result, reason)


def by_cfn_lint(program: Path, template: str) -> Iterator[Row]:
    """A row for each finding, those for information too; cfn-lint does not say what passed."""
    command = [program, "--include-checks", "I", "--format", "json", "--", FOLDER / template]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    try:
        found: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    except ValueError:
        sys.exit(f"cfn-lint has no results for {template}:\n{done.stdout}{done.stderr}")
    for match in found:
        path = [*match["Location"]["Path"], "", ""]
        about = re.sub(r" \(.*", "", match["Message"])
        yield _row("cfn-lint", match["Rule"]["Id"], about, str(path[1]), "failed", "")


def _row(tool: str, rule: str, about: str, resource: str, result: str, reason: str) -> Row:
    return {
        "tool": tool,
        "rule": rule,
        "about": about.removeprefix("Ensure ").removeprefix("that "),
        "resource": resource,
        "result": result,
        "reason": reason,
    }


def faults_of(templates: dict[str, list[Row]]) -> Iterator[str]:
    """What is wrong with the results, in words."""
    for row in templates[CLEAN]:
        if row["result"] == "failed":
            yield f"{CLEAN}, {row['resource']}: {row['rule']}, {row['about']}"
        if row["result"] == "skipped" and len(row["reason"]) < 20:
            yield f"{CLEAN}, {row['resource']}: {row['rule']} is skipped without a reason"
    found = {row["rule"] for row in templates[POOR] if row["result"] == "failed"}
    yield from (f"{POOR}: {what} ({rule}) is not found" for what, rule in NAMED.items()
                if rule not in found)  # fmt: skip


def main() -> None:
    """Scan, say what is wrong, and exit with 1 if anything is."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--checkov", type=Path, required=True)
    parser.add_argument("--write", action="store_true", help="store the results")
    arguments = parser.parse_args()
    cfn_lint = Path(sys.executable).parent / "cfn-lint"
    templates = {
        template: sorted(
            [*by_checkov(arguments.checkov, template), *by_cfn_lint(cfn_lint, template)],
            key=lambda row: (row["resource"], row["rule"], row["about"]),
        )
        for template in (CLEAN, POOR)
    }
    scan = {"named": NAMED, "templates": templates}
    if arguments.write:
        STORED.write_text(json.dumps(scan, indent=1) + "\n")
    faults = list(faults_of(templates))
    if not STORED.exists() or json.loads(STORED.read_text()) != scan:
        faults.append(f"{STORED.name} is not what the scan says: run it with --write")
    for template, rows in templates.items():
        counts = {name: sum(row["result"] == name for row in rows) for name in
                  ("passed", "failed", "skipped")}  # fmt: skip
        print(template, ", ".join(f"{count} {name}" for name, count in counts.items()))
    print("\n".join(faults) or "as it should be")
    sys.exit(bool(faults))


if __name__ == "__main__":
    main()
