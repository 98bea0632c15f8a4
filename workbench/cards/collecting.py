"""Collecting a card: the scenario is played on a new table, then faults are searched."""

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from workbench.capacity.indexes import Schema, read_schema
from workbench.cards.card import TABLE, Call, Card, Faults, Guard
from workbench.cards.items import Kinds, indexes_of, places_of
from workbench.cards.scenario import Scenario
from workbench.conformance.grounds import open_ground
from workbench.conformance.machine import EVERY_PATTERN, search
from workbench.designs import Design, source_of
from workbench.dynamodb.bulk import all_items
from workbench.dynamodb.install import PROJECT_ROOT
from workbench.dynamodb.targets import Target
from workbench.iam.calls import Call as IamCall
from workbench.iam.calls import calls_of
from workbench.iam.policies import CALLER_VARIABLE, LEADING_KEYS, key_patterns, minimal_policy
from workbench.trials.trial import open_trial

Progress = Callable[[str, int, int], None]


def collect_card(
    design: type[Design],
    target: Target,
    *,
    programs: int,
    seed: int = 1,
    progress: Progress = lambda task, done, total: None,
) -> Card:
    """The card of a design, after so many random programs; with none, faults are not tried."""
    definition, schema = design.table_definition, read_schema(design.table_definition)
    with open_trial(design, target) as trial:
        scenario = Scenario(trial)
        scenario.play()
        kinds = Kinds(scenario.labels, schema.key)
        items = all_items(trial.client, trial.table_name)
        kinds.sort(items)
        held = {None: items} | {
            index["IndexName"]: all_items(trial.client, trial.table_name, index["IndexName"])
            for index in indexes_of(definition)
        }
    api_calls = _api_calls(scenario, schema)
    return Card(
        name=design.name,
        summary=design.summary,
        file=_file_of(design),
        scale=scenario.scale,
        places=tuple(places_of(definition, held, kinds)),
        item_types=tuple(kinds.types()),
        calls=tuple(_calls(scenario, schema.key)),
        unsupported=dict(sorted(scenario.unsupported.items())),
        guards=tuple(_guards(api_calls)),
        guarded_patterns="".join(
            letter
            for letter, calls in sorted(api_calls.items())
            if all(CALLER_VARIABLE in key for call in calls for key in key_patterns(call))
        ),
        faults=_search(design, target, scenario, programs, seed, progress) if programs else None,
    )


def _file_of(design: type[Design]) -> str:
    path = Path(inspect.getfile(design)).resolve()
    return str(path.relative_to(PROJECT_ROOT) if path.is_relative_to(PROJECT_ROOT) else path)


# --- Requests --------------------------------------------------------------------------------


def _calls(scenario: Scenario, key_names: tuple[str, ...]) -> Iterator[Call]:
    for each in sorted(scenario.watched, key=lambda each: each.pattern):
        usage = each.usage
        yield Call(
            each.pattern,
            each.method,
            tuple(scenario.labels.requests(usage.requests, key_names)),
            usage.round_trips,
            usage.estimated_rru,
            usage.estimated_wru,
            each.stream_records,
        )


def _api_calls(scenario: Scenario, schema: Schema) -> dict[str, list[IamCall]]:
    """Rights that users' requests need, by pattern; stream updates are no user's."""
    needed: dict[str, list[IamCall]] = defaultdict(list)
    for each in scenario.watched:
        for operation, params in each.usage.requests if each.caller else ():
            needed[each.pattern] += calls_of(operation, params, schema, TABLE, each.caller)
    return needed


def _guards(calls: Mapping[str, list[IamCall]]) -> Iterator[Guard]:
    """The statements of the least policy, with the partition keys that each has to allow."""
    for each in minimal_policy(call for needed in calls.values() for call in needed).statements:
        [keys] = [tests[LEADING_KEYS] for tests in each.conditions.values()][:1] or [("*",)]
        yield Guard(
            " ".join(action.removeprefix("dynamodb:") for action in each.actions),
            each.resources[0].removeprefix(f"{TABLE}/index/"),
            tuple(key.replace(CALLER_VARIABLE, "<caller>") for key in keys),
        )


# --- Faults ----------------------------------------------------------------------------------


def _search(
    design: type[Design],
    target: Target,
    scenario: Scenario,
    programs: int,
    seed: int,
    progress: Progress,
) -> Faults:
    patterns = EVERY_PATTERN - scenario.unsupported.keys()
    with open_ground(design, target) as ground:
        found = search(
            ground,
            patterns=patterns,
            programs=programs,
            seed=seed,
            progress=lambda done: progress(design.name, min(done, programs), programs),
        )
        return Faults(
            found.programs,
            "".join(sorted(patterns)),
            dict(sorted(ground.injector.happened.items())),
            str(found.failure.broken) if found.failure else "",
            found.failure.program(source_of(design)) if found.failure else "",
        )
