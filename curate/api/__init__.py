"""The verbs of the loop: what the commands call, and what ``import curate`` offers under the same names.

Each opens the project, asks the edges for what it needs, and writes its own files; run again it changes nothing.
"""

from curate.api.adjudicating import Adjudicated, adjudicate
from curate.api.agreeing import agree, agree_again
from curate.api.ahead import HeldBack, held_back
from curate.api.annotating import Pushed, check, pull, push, server_url
from curate.api.articles import add
from curate.api.assigning import Assigned, assign
from curate.api.following import follow
from curate.api.health import doctor
from curate.api.keeping import backup, restore
from curate.api.people import Person, add_people, list_people, remove_people
from curate.api.project import Progress, load_schema, pulled_adjudications, pulled_annotations, read_books, read_schema
from curate.api.publishing import publish
from curate.api.qualifying import Qualified, qualify
from curate.api.rebuilding import Rebuilt, rebuild
from curate.api.released import next_version
from curate.api.releasing import release
from curate.api.reporting import Reported, report
from curate.api.returning import SentBack, send_back
from curate.api.schemas import check_schema, migrate_schema, new_schema
from curate.api.standing import Status, next_step, status
from curate.api.suggesting import Suggested, suggest
from curate.api.verifying import verify
from curate.api.withdrawing import Withdrawn, withdraw

__all__ = [
    "Adjudicated",
    "Assigned",
    "HeldBack",
    "Person",
    "Progress",
    "Pushed",
    "Qualified",
    "Rebuilt",
    "Reported",
    "SentBack",
    "Status",
    "Suggested",
    "Withdrawn",
    "add",
    "add_people",
    "adjudicate",
    "agree",
    "agree_again",
    "assign",
    "backup",
    "check",
    "check_schema",
    "doctor",
    "follow",
    "held_back",
    "list_people",
    "load_schema",
    "migrate_schema",
    "new_schema",
    "next_step",
    "next_version",
    "publish",
    "pull",
    "pulled_adjudications",
    "pulled_annotations",
    "push",
    "qualify",
    "read_books",
    "read_schema",
    "rebuild",
    "release",
    "remove_people",
    "report",
    "restore",
    "send_back",
    "server_url",
    "status",
    "suggest",
    "verify",
    "withdraw",
]
