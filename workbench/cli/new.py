"""`workbench new`: a design of your own, to begin with."""

import keyword
import shlex
from pathlib import Path

import click

from workbench.errors import BadParameter, OutputNotWritable


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(*, file: Path) -> None:
    """Write a design of your own to FILE: one that works, with comments, for you to change.

    FILE names the design: my_design.py defines the class MyDesign, whose results are shown as
    my_design. It supports patterns A to E with two group items per conversation and no index;
    what you have to decide is said where you decide it. Every option that takes designs also takes
    such a file.

    A design file is code: each command that is given one runs it, with your rights. Give none that
    you have not read.

    \b
    Examples:
      workbench new my_design.py
      workbench check my_design.py
      workbench compare --designs dual,my_design.py
    """
    write_skeleton(file)
    shown = shlex.quote(str(file))
    click.echo(
        f"{file}: a design that works for patterns A to E. Read it from the top, change it, and:\n"
        f"  workbench check {shown}\n"
        f"  workbench compare --designs dual,{shown}\n"
        f"  workbench card {shown}"
    )


def write_skeleton(path: Path) -> None:
    """Write a design that is named after its file.

    Raises
    ------
    BadParameter
        If the file's name cannot be a design's.
    OutputNotWritable
        If the file is there already, or cannot be made.
    """
    from workbench.designs import skeleton

    name = checked_name(path)
    text = Path(skeleton.__file__).read_text(encoding="utf-8")
    text = text.replace("MyDesign", class_name(name, set(vars(skeleton)))).replace(
        "my_design", name
    )
    write_new(path, text)


def write_new(path: Path, text: str) -> None:
    """Write a file of the user's own, which must not be there yet.

    Raises
    ------
    OutputNotWritable
        If it is there already, or cannot be made.
    """
    if not path.parent.is_dir():
        raise OutputNotWritable(
            f"{path} cannot be written: there is no folder {path.parent}. Make it first "
            f"(mkdir -p {shlex.quote(str(path.parent))}), or choose another one"
        )
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise OutputNotWritable(
            f"{path} is there already, and is left as it is: choose another name, or delete it"
        ) from error
    except OSError as error:
        raise OutputNotWritable(f"{path} cannot be written ({error.strerror})") from error


def class_name(name: str, taken: set[str]) -> str:
    """The name of a class for a design: MyDesign for my_design, unless the file needs it itself."""
    made = "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    is_free = made == "MyDesign" or (made not in taken and not keyword.iskeyword(made))
    return made if is_free else made + "Design"


def checked_name(path: Path, given_as: str = "FILE") -> str:
    """The design's name, which the file's is without .py, or BadParameter."""
    from workbench.designs import BASELINE, DESIGNS

    name = path.stem
    if path.suffix != ".py":
        raise BadParameter(given_as, str(path), f"a name that ends in .py, such as {name}.py")
    if keyword.iskeyword(name):
        raise BadParameter(given_as, str(path), "named by no word of Python's own")
    if not (name.isidentifier() and name.isascii() and name.strip("_0123456789")):
        allowed = "named by letters, digits and _, beginning with a letter, such as my_design.py"
        raise BadParameter(given_as, str(path), allowed)
    if name in [*(design.name for design in DESIGNS), BASELINE.name]:
        allowed = "named otherwise than the designs there are, whose names results go by"
        raise BadParameter(given_as, str(path), allowed)
    return name
