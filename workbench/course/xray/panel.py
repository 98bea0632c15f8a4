"""The X-ray to click: two text fields, and what `XRay` says of each message, as HTML.

It shows, and knows nothing; the functions that make HTML are plain, and need no widgets.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from html import escape
from typing import Any

from workbench.course.pictures import SIGN_COLOURS, SIGNS
from workbench.course.xray.steps import PARTS, PEOPLE, Rows, Step, XRay
from workbench.designs import DESIGNS, Design
from workbench.errors import WorkbenchError
from workbench.messaging.entities import User
from workbench.reports.figures import COLOURS

# --- HTML ------------------------------------------------------------------------------------

# Colours of text are the theme's; those of ours lie below it, translucent, or beside it.
BLOCK = "color: var(--jp-ui-font-color1, currentColor); line-height: 1.45; margin: 0 0 .7em"
CELL = "text-align: left; vertical-align: top; padding: .1em .9em .1em .3em"
TITLE = "font-weight: 600; margin: 0 0 .2em"
MONO = "font-family: var(--jp-code-font-family, monospace); overflow-wrap: break-word"
LINE = "border-bottom: 1px solid var(--jp-border-color2, #88888866)"
KEY_COLUMN, CHANGE_COLUMN = "key", "change"


def parts_html(step: Step | None) -> dict[str, str]:
    """Each part of a step as HTML, with all text escaped; what it will show, before the first.

    An item collection has one colour in all parts.
    """
    if step is None:
        return {part: _section(title, "") for part, title in PARTS.items()}
    rows: dict[str, Rows] = {part: getattr(step, part) for part in PARTS}
    found = dict.fromkeys(_partition(row) for each in rows.values() for row in each)
    colours = {name: COLOURS[number % len(COLOURS)] for number, name in enumerate(found)}
    return {
        part: _section(title, _table(title, rows[part], colours)) for part, title in PARTS.items()
    }


def chat_html(steps: Sequence[Step]) -> str:
    """All messages, the first person's on the left and the second's on the right."""
    lines = "".join(
        f'<li style="text-align: {side}; overflow-wrap: anywhere; margin: .15em 0">'
        f'<span style="{_tint(colour, side)}; display: inline-block; padding: .15em .6em">'
        f"<b>{escape(step.sender.handle)}</b> {escape(step.text)}</span></li>"
        for step in steps
        for side, colour in [_place(step.sender)]
    )
    listed = f'<ol style="list-style: none; margin: 0; padding: 0">{lines}</ol>'
    return _section("Chat", listed if lines else "")


def alert_html(text: str) -> str:
    """An error, for eyes and screen readers."""
    tint = _tint(SIGN_COLOURS["deleted"], "left")
    return f'<p role="alert" style="{BLOCK}; {tint}; padding: .3em .6em">{escape(text)}</p>'


def _place(person: User) -> tuple[str, str]:
    return ("left", COLOURS[0]) if person == PEOPLE[0] else ("right", COLOURS[1])


def _tint(colour: str, side: str) -> str:
    return f"background: {colour}2e; border-{side}: .3em solid {colour}"


def _section(title: str, body: str) -> str:
    name = escape(title)
    shown = body or "<p style='margin: 0'>nothing yet: send a message</p>"
    return (
        f'<section role="region" aria-label="{name}" style="{BLOCK}">'
        f'<p style="{TITLE}">{name}</p>{shown}</section>'
    )


def _table(title: str, rows: Rows, colours: Mapping[str, str]) -> str:
    if not rows:
        return "<p style='margin: 0'>none</p>"
    head = "".join(f'<th scope="col" style="{CELL}; {LINE}">{escape(n)}</th>' for n in rows[0])
    body = "".join(f"<tr>{_cells(row, colours[_partition(row)])}</tr>" for row in rows)
    return (
        f'<table aria-label="{escape(title)}" style="border-collapse: collapse">'
        f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    )


def _partition(row: Mapping[str, Any]) -> str:
    """The part of a key that items of one collection share.

    A request says it as `pk = GRP#<ada>, ...`, or as `pk = :owner (:owner = GRP#<ada>)`.
    """
    first = str(row.get(KEY_COLUMN, "")).partition(", ")[0]
    return first.rpartition(" = ")[2].removesuffix(")")


def _cells(row: Mapping[str, Any], colour: str) -> str:
    cells = []
    for name, value in row.items():
        text, style = str(value), CELL
        if name == CHANGE_COLUMN:
            style = f"{CELL}; white-space: nowrap; {_tint(SIGN_COLOURS[text], 'left')}"
            text = f"{SIGNS[text]} {text}"
        elif name == KEY_COLUMN:
            style = f"{CELL}; {MONO}; {_tint(colour, 'left')}"
        cells.append(f'<td style="{style}">{escape(text)}</td>')
    return "".join(cells)


# --- Panel -----------------------------------------------------------------------------------


class Panel:
    """The controls, and what they show; a notebook shows it as a widget.

    What goes wrong is told in `notice`. What nobody foresaw, such as a mistake in a design of one's
    own, is shown with its traceback below all else.
    """

    def __init__(self, designs: Sequence[type[Design]], endpoint: str | None) -> None:
        import ipywidgets as widgets

        self._endpoint = endpoint
        self._xray: XRay | None = None
        self.design = widgets.Dropdown(
            options=[(each.name, each) for each in designs], description="design"
        )
        self.anew = widgets.Button(
            description="begin anew", tooltip="A new table of this design, and an empty chat"
        )
        self.texts = {
            # Sent when its field is left: letters sent one by one may come behind the click.
            person: widgets.Text(
                description=f"{person.handle} writes",
                placeholder="a text",
                continuous_update=False,
            )
            for person in PEOPLE
        }
        self.buttons = {
            person: widgets.Button(
                description=f"send as {person.handle}", tooltip=f"Send what {person.handle} writes"
            )
            for person in PEOPLE
        }
        self.notice, self.chat = widgets.HTML(), widgets.HTML()
        self.parts = {part: widgets.HTML() for part in PARTS}
        self.failure = widgets.Output()
        self.box = self._laid_out(widgets)
        self.design.observe(lambda _: self._guarded(self.begin), names="value")
        self.anew.on_click(lambda _: self._guarded(self.begin))
        for person, button in self.buttons.items():
            button.on_click(lambda _, person=person: self._guarded(partial(self.send, person)))
        self._guarded(self.begin)

    def _laid_out(self, widgets: Any) -> Any:
        controls = [self.design, self.anew]
        for person in PEOPLE:
            controls += [self.texts[person], self.buttons[person]]
        *seen, bill = self.parts.values()
        chat = [*controls, self.notice, self.chat, bill]
        left = widgets.VBox(chat, layout=widgets.Layout(flex="1 1 21em"))
        right = widgets.VBox(seen, layout=widgets.Layout(flex="4 1 36em"))
        across = widgets.HBox([left, right], layout=widgets.Layout(flex_flow="row wrap"))
        return widgets.VBox([across, self.failure])

    def _guarded(self, act: Callable[[], None]) -> None:
        self.failure.clear_output()
        self.notice.value = ""
        with self.failure:
            try:
                act()
            except WorkbenchError as error:
                self.notice.value = alert_html(str(error))

    def begin(self) -> None:
        """A new table of the design that is chosen, and an empty chat."""
        self.close()
        self._show(())
        self._xray = XRay(self.design.value, endpoint=self._endpoint)

    def send(self, person: User) -> None:
        """Send what a person has written; what cannot be sent stays in its field."""
        if self._xray is None:
            self.begin()
        assert self._xray is not None
        self._xray.send(person, self.texts[person].value)
        self.texts[person].value = ""
        self._show(self._xray.steps)

    def _show(self, steps: Sequence[Step]) -> None:
        self.chat.value = chat_html(steps)
        for part, text in parts_html(steps[-1] if steps else None).items():
            self.parts[part].value = text

    def close(self) -> None:
        """Delete the table; the kernel's end does it, too."""
        if self._xray is not None:
            self._xray.close()
            self._xray = None

    def _repr_mimebundle_(self, **options: Any) -> Any:
        shown = self.box._repr_mimebundle_(**options)
        return {**shown, "text/plain": "A chat of ada and bo, looked through: needs `make lab`."}


def panel(designs: Sequence[type[Design]] = DESIGNS, endpoint: str | None = None) -> Panel:
    """A chat of ada and bo with all that it does beside it, for any of these designs.

    Changing the design begins anew, on a new table.
    """
    return Panel(designs, endpoint)
