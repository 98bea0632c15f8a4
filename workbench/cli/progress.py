"""`workbench progress`: how far a learner is, and how well they know what they know."""

import click


@click.command()
@click.option("--reset", is_flag=True, help="Forget it all, and begin anew.")
def progress(*, reset: bool) -> None:
    """Show exercises solved and how predictions fared, lesson by lesson.

    It is kept in a file on this machine, in the folder of the state, and read by nobody else.
    """
    from workbench.course.predictions import calibration_frame
    from workbench.course.progress import progress_path, read_progress, reset_progress
    from workbench.course.tasks import EXERCISES

    if reset:
        was_there = reset_progress()
        click.echo(f"forgotten: {progress_path()}" if was_there else "there was none")
        return
    solved = {name for name, each in read_progress().exercises.items() if each["is_right"]}
    for lesson in sorted({name[:2] for name in EXERCISES}):
        names = [name for name in EXERCISES if name[:2] == lesson]
        marks = ", ".join(f"{name[3:]}{' ✓' if name in solved else ''}" for name in names)
        click.echo(f"{lesson}  {sum(name in solved for name in names)} of {len(names)}  {marks}")
    click.echo("\nPredictions of your own:")
    click.echo(calibration_frame().to_string())
