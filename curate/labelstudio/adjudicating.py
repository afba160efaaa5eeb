"""The adjudication project on the server: what is open goes to people, and comes again when something new is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from curate.labelstudio import client
from curate.labelstudio.cases import MERGED, CasePlan, CaseTask, plan_cases
from curate.labelstudio.page import labelling_page
from curate.labelstudio.projects import earlier_stamps, marked_page, own_project, project_title
from curate.labelstudio.pushing import Progress
from curate.labelstudio.revisions import worked_on
from curate.labelstudio.tasks import ADJUDICATE, Marker
from curate.schema.instructions import instructions_html
from curate.schema.model import EventSchema
from curate.settings import Settings
from curate.workspace import Workspace

BATCH = 50
INSTRUCTIONS = """\
<h3>Adjudication</h3>
<p>Each article here was read by several people who differ in what stands above its text. What opens is a start put
together from their readings. Mend or delete what is wrong, leave what is right, add what all have missed, and submit:
what you submit is the article's final reading. The tabs above the text show each reading as it was made. Where you
can, say why people differed, on the region or for the whole article.</p>
"""


def plan(
    connection: client.Connection,
    settings: Settings,
    workspace: Workspace,
    schema: EventSchema,
    cases: Iterable[CaseTask],
    settled: Iterable[CaseTask],
) -> CasePlan:
    """Find out what bringing the cases to people has to do. Nothing is written."""
    project, others = own_project(connection, settings, workspace, ADJUDICATE)
    tasks = _listed(connection, int(project["id"])) if project else []
    marker = Marker(settings.workspace, ADJUDICATE, "", schema.stamp)
    wanted = {
        "title": project_title(settings, schema, " · adjudication"),
        "description": marker.write(),
        "label_config": marked_page(labelling_page(schema, earlier_stamps(project, schema), adjudication=True), marker),
        "expert_instruction": INSTRUCTIONS + instructions_html(schema),
        "show_instruction": True,
        "maximum_annotations": 1,
        "model_version": MERGED,
    }
    made = plan_cases(cases, settled, project, tasks, wanted)
    spare = [number for number in others if not client.begun_tasks(connection, number)]
    told = "a second adjudication project with work in it; it is pulled too. Delete one"
    notices = [f"project {number}: {told}" for number in others if number not in spare]
    return replace(made, spare=spare, notices=made.notices + notices)


def _listed(connection: client.Connection, project: int) -> list[dict[str, Any]]:
    """List the tasks with what says whether anybody worked on them, whoever that is."""
    listed = client.submitted_tasks(connection, project)
    begun = set(client.tasks_with_drafts(connection, project))
    return [task | {"draft_exists": task["id"] in begun} for task in listed]


def apply(connection: client.Connection, made: CasePlan, progress: Progress) -> int:
    """Carry out a plan; give the project's id. Killed half-way, the next plan goes on where this one stopped.

    A task's data come last: until then the next plan sees that the task is not as it should be.
    """
    settings = {key: value for key, value in made.settings.items() if key != "model_version"}
    project = made.project
    if project is None:
        project = int(client.create_project(connection, **settings)["id"])
    elif settings:
        client.update_project(connection, project, **settings)
    for number in made.spare:
        if client.begun_tasks(connection, number):
            progress(f"project {number}: somebody began in it just now; kept.")
        else:
            client.delete_project(connection, number)
    for begin in range(0, len(made.create), BATCH):
        batch = made.create[begin : begin + BATCH]
        tasks = [{"data": case.data({}, []), "predictions": case.predictions} for case in batch]
        client.import_tasks(connection, project, tasks)
        progress(f"pushed {begin + len(batch)} of {len(made.create)} tasks")
    for task, name in made.remove:
        if worked_on(client.task(connection, task)):
            progress(f"task {task} of {name}: somebody began on it; kept.")
        else:
            client.delete_task(connection, task)
    for task, case, data, _ in made.update:
        client.replace_predictions(connection, task, case.predictions)
        client.change_task(connection, task, {"data": data})
    # An import names its own last version as the one to start from.
    client.update_project(connection, project, model_version=MERGED)
    return project
