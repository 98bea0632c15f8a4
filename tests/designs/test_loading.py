"""Designs in files of the user's own: what loads, and what is said of what does not."""

from pathlib import Path

import pytest

from tests.designs.misbehaving import SKELETON
from workbench.designs import DESIGNS, find_design, find_designs, source_of
from workbench.designs.loading import load_design
from workbench.errors import BadParameter, DesignNotLoaded, UnknownDesign

OUR_NAMES = [design.name for design in DESIGNS]


def written(folder: Path, text: str = SKELETON, name: str = "mine.py") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def changed(place: str, otherwise: str) -> str:
    assert place in SKELETON
    return SKELETON.replace(place, otherwise)


def test_skeleton_loads_as_a_design(tmp_path: Path) -> None:
    path = written(tmp_path)

    design = load_design(path)

    assert (design.__name__, design.name) == ("MyDesign", "my_design")
    assert set(design.unsupported) == set("FGHIJ")


def test_unchanged_file_gives_the_same_class(tmp_path: Path) -> None:
    path = written(tmp_path)

    first, second = load_design(path), load_design(tmp_path / "." / "mine.py")

    assert first is second


def test_changed_file_gives_another_class(tmp_path: Path) -> None:
    path = written(tmp_path)
    first = load_design(path)

    path.write_text(changed('"my_design"', '"my_design_2"'))
    second = load_design(path)

    assert (first.name, second.name) == ("my_design", "my_design_2")


def test_files_of_one_name_are_two_modules(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()

    one, other = load_design(written(tmp_path)), load_design(written(tmp_path / "other"))

    assert one is not other
    assert one.__module__ != other.__module__


def test_loading_leaves_nothing_beside_the_file(tmp_path: Path) -> None:
    load_design(written(tmp_path))

    assert [path.name for path in tmp_path.iterdir()] == ["mine.py"]


def test_imported_designs_are_not_the_files_own(tmp_path: Path) -> None:
    text = SKELETON + "\nfrom workbench.designs.dual import Dual\n\nclass _Helper(Dual): ...\n"

    assert load_design(written(tmp_path, text)).name == "my_design"


@pytest.mark.parametrize("name", ["mine.txt", "mine"])
def test_file_of_another_kind_is_refused(tmp_path: Path, name: str) -> None:
    path = written(tmp_path, name=name)

    with pytest.raises(DesignNotLoaded, match=r"ends in \.py"):
        load_design(path)


def test_missing_file_is_refused_with_the_folder(tmp_path: Path) -> None:
    path = tmp_path / "none.py"

    with pytest.raises(DesignNotLoaded, match="no such file") as caught:
        load_design(path)

    assert caught.value.path == str(path)
    assert str(Path.cwd()) in caught.value.why[0]
    assert "workbench new" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told", "cause"),
    [
        ("x = 1\nclass (:\n", r"no Python .*\n  line 2 of mine\.py: class \(:", SyntaxError),
        ("x = 1\0", "no Python", SyntaxError),
        ("x = 1\nx / 0\n", r"ZeroDivisionError: .*\(line 2 of mine\.py: x / 0\)", ArithmeticError),
        ("import no_such_module\n", r"ModuleNotFoundError.*line 1 of mine\.py", ImportError),
        ("raise SystemExit(3)\n", r"SystemExit: 3 \(line 1 of mine\.py", SystemExit),
        ("def f():\n    {}['x']\nf()\n", r"KeyError: 'x' \(line 2 of mine\.py", KeyError),
    ],
    ids=["syntax", "null", "raises", "import", "exits", "in_function"],
)
def test_file_that_cannot_run_shows_its_line(
    tmp_path: Path, text: str, told: str, cause: type[BaseException]
) -> None:
    path = written(tmp_path, text)

    with pytest.raises(DesignNotLoaded, match=told) as caught:
        load_design(path)

    assert isinstance(caught.value.__cause__, cause)


def test_interruption_by_the_user_is_not_caught(tmp_path: Path) -> None:
    path = written(tmp_path, "raise KeyboardInterrupt\n")

    with pytest.raises(KeyboardInterrupt, match=r"^$"):
        load_design(path)


@pytest.mark.parametrize(
    "text", ["", "from workbench.designs.dual import Dual\n", "class A: ...\n"]
)
def test_file_without_a_design_is_refused(tmp_path: Path, text: str) -> None:
    path = written(tmp_path, text)

    with pytest.raises(DesignNotLoaded, match="no class with list_messages"):
        load_design(path)


def test_file_with_several_designs_names_them(tmp_path: Path) -> None:
    path = written(tmp_path, SKELETON + "\n\nclass Second(MyDesign): ...\n")

    with pytest.raises(DesignNotLoaded, match=r"several designs \(MyDesign, Second\)"):
        load_design(path)


NAME = 'name: ClassVar[str] = "my_design"'
SUMMARY = 'summary: ClassVar[str] = "two group items per conversation, sorted in code"'
TABLE = "= define_table()"
UNSUPPORTED = "unsupported: ClassVar[Mapping[str, str]] = {\n"
LETTER_I = '        "I": "not written yet: find_conversation",\n'


@pytest.mark.parametrize(
    ("place", "otherwise", "told"),
    [
        (NAME, "", "'name' must be .*got None"),
        (NAME, "name = 5", "'name' must be .*got 5"),
        (NAME, "name = 'my design!'", "'name' must be .*got 'my design!'"),
        (NAME, "name = 'dual'", "'name' must not be that of another design .*'dual'"),
        (SUMMARY, "", "'summary' must be .*got None"),
        (SUMMARY, "summary = ' '", "'summary' must be"),
        (TABLE, "= None", "'table_definition' must be the arguments of CreateTable"),
        (TABLE, "= {**define_table(), 'TableName': 'x'}", "must have no TableName"),
        (TABLE, "= {**define_table(), 'KeySchema': None}", "must have a KeySchema.*got None"),
        (TABLE, "= {**define_table(), 'KeySchema': []}", "must have a KeySchema.*key is pk"),
        (TABLE, "= {**define_table(), 'AttributeDefinitions': []}", "AttributeDefinitions"),
        (TABLE, "= {**define_table(), 'StreamSpecification': None}", "NEW_IMAGE or .*got None"),
        (
            TABLE,
            "= {**define_table(), 'StreamSpecification': {'StreamEnabled': True,"
            " 'StreamViewType': 'KEYS_ONLY'}}",
            "NEW_IMAGE or NEW_AND_OLD_IMAGES .*KEYS_ONLY",
        ),
        (NAME, NAME + "\n    stream_filter = None", "'stream_filter' must say .*got None"),
        (NAME, NAME + "\n    stream_filter = {}", "'stream_filter' must say .*got {}"),
        (NAME, NAME + "\n    stream_filter = {5: 6}", "'stream_filter' must say .*got {5: 6}"),
        (UNSUPPORTED, UNSUPPORTED + "'A': 'no',", "F to J, and A to E never .got 'A'"),
        (UNSUPPORTED, UNSUPPORTED + "'Z': 'no',", "F to J, and A to E never .got 'Z'"),
        (LETTER_I, "'I': ' ',", "must give a reason for 'I'"),
        (LETTER_I, "", "find_conversation must be defined, or 'I' be given a reason"),
        ("def list_conversations", "def lists", "list_conversations must be defined: it is B"),
        ("def _membership", "def _member", "_membership must be defined"),
        ("def update_conversation", "def update", "update_conversation must be defined: it is E"),
        ("class MyDesign(MessageItems)", "class MyDesign", "no class with list_messages"),
    ],
)  # fmt: skip
def test_wrong_part_of_a_design_is_named(
    tmp_path: Path, place: str, otherwise: str, told: str
) -> None:
    path = written(tmp_path, changed(place, otherwise))

    with pytest.raises(DesignNotLoaded, match=told):
        load_design(path, taken=OUR_NAMES)


def test_class_of_no_base_is_told_to_derive(tmp_path: Path) -> None:
    path = written(tmp_path, "class Mine:\n    def list_messages(self): ...\n")

    with pytest.raises(DesignNotLoaded, match="must be derived from MessageItems"):
        load_design(path)


def test_all_problems_are_listed_at_once(tmp_path: Path) -> None:
    text = changed(NAME, "").replace(SUMMARY, "").replace("def list_conversations", "def lists")

    with pytest.raises(DesignNotLoaded, match="3 problems") as caught:
        load_design(written(tmp_path, text))

    assert len(caught.value.why) == 3


def test_designs_are_found_by_name_and_file(tmp_path: Path) -> None:
    path = written(tmp_path)

    designs = find_designs(f"dual, {path}")

    assert [design.name for design in designs] == ["dual", "my_design"]
    assert designs[1] is find_design(str(path))


def test_source_finds_a_design_again(tmp_path: Path) -> None:
    for design in find_designs(f"single,{written(tmp_path)}"):
        assert find_design(source_of(design)) is design


def test_unknown_name_is_told_of_files() -> None:
    with pytest.raises(UnknownDesign, match=r"dual, single.* file, as in my_design\.py"):
        find_design("my_design")


@pytest.mark.parametrize("second", ["mine.py", "copy.py"])
def test_two_designs_of_one_name_are_refused(tmp_path: Path, second: str) -> None:
    one, other = written(tmp_path), written(tmp_path, name=second)

    with pytest.raises(BadParameter, match=f"mine.py and .*{second} are both named 'my_design'"):
        find_designs(f"dual,{one},{other}")


def test_file_with_the_name_of_ours_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, changed('"my_design"', '"dual"'))

    with pytest.raises(DesignNotLoaded, match="must not be that of another design"):
        find_design(str(path))
