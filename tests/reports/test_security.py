"""Tables and picture of who may read what, and of stored scans."""

import runpy

from tests.conftest import ROOT
from workbench.iam.attempts import GOT_IN, REFUSED, Outcome
from workbench.iam.matrix import MAY, ONLY_CODE, Cell
from workbench.iam.template import Finding
from workbench.reports.security import (
    attempts_frame,
    findings_frame,
    matrix_figure,
    matrix_frame,
    read_scan,
    reasons_frame,
    scan_frame,
)

CELLS = [
    Cell(design, "MSG#", "all who take part", caller, verdict, "Query on table", "statement 1")
    for design, caller, verdict in [
        ("mine", "owner", MAY), ("mine", "who left", ONLY_CODE), ("yours", "owner", MAY),
    ]
]  # fmt: skip
SCAN = read_scan(ROOT / "data" / "scan.json")
SCRIPT = runpy.run_path(str(ROOT / "deploy" / "scan.py"))


def test_matrix_has_a_sign_and_a_word_in_each_cell() -> None:
    frame = matrix_frame(CELLS)

    assert frame.loc[("mine", "MSG#", "all who take part")].to_dict() == {
        "owner": "+ may read", "who left": "! only code",
    }  # fmt: skip
    assert frame.loc[("yours", "MSG#", "all who take part"), "who left"] == "-"


def test_picture_tells_the_same_in_words() -> None:
    picture = matrix_figure(CELLS)

    assert picture.png.startswith(b"\x89PNG")
    assert "mine MSG#: owner may read, who left only code" in picture.alt
    assert "yours MSG#: owner may read, who left none" in picture.alt


def test_reasons_are_of_what_only_code_refuses() -> None:
    assert reasons_frame(CELLS)["caller"].tolist() == ["who left"]
    assert reasons_frame([]).empty


def test_attempts_show_who_refused_or_what_became() -> None:
    frame = attempts_frame(
        [Outcome("mine", "reads", REFUSED, "NotAParticipant"), Outcome("yours", "reads", GOT_IN)]
    )

    assert frame.loc["reads"].to_dict() == {"mine": "NotAParticipant", "yours": GOT_IN}


def test_findings_are_listed_by_kind() -> None:
    frame = findings_frame([Finding("index ARN", "Role", "an index has an ARN of its own")])

    assert frame.loc["index ARN", "resource"] == "Role"


def test_stored_scan_has_no_fault() -> None:
    assert list(SCRIPT["faults_of"](SCAN["templates"])) == []
    assert SCAN["named"] == SCRIPT["NAMED"]


def test_scan_that_misses_a_named_finding_is_a_fault() -> None:
    rows = [row for row in SCAN["templates"]["poor.yaml"] if row["rule"] != "CKV_AWS_28"]

    found = list(SCRIPT["faults_of"]({**SCAN["templates"], "poor.yaml": rows}))

    assert found == ["poor.yaml: point-in-time recovery (CKV_AWS_28) is not found"]


def test_exception_without_a_reason_and_failure_are_faults() -> None:
    rows = [
        {**row, "reason": "", "result": "skipped" if number else "failed"}
        for number, row in enumerate(SCAN["templates"]["template.yaml"][:2])
    ]

    first, second = SCRIPT["faults_of"]({**SCAN["templates"], "template.yaml": rows})

    assert rows[0]["rule"] in first
    assert second.endswith("is skipped without a reason")


def test_scan_is_shown_by_resource_and_rule() -> None:
    poor = scan_frame(SCAN, "poor.yaml")

    assert ("Table", "CKV_AWS_119") in poor.index
    assert "reason" not in poor.columns
    assert all(scan_frame(SCAN, "template.yaml", "skipped")["reason"])
