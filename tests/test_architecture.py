"""How the house is built: which module may lean on which, and what a quick command loads."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

import curate
from curate import findings
from curate.findings.faults import FAULTS
from curate.findings.notices import NOTICES

PACKAGE = Path(curate.__file__).parent
CORE = (
    "acceptance",
    "adjudication/composing",
    "adjudication/conflicts",
    "adjudication/fates",
    "adjudication/fields",
    "adjudication/merging",
    "adjudication/people",
    "adjudication/policies",
    "adjudication/questions",
    "adjudication/settling",
    "adjudication/statements",
    "alignment",
    "allotment",
    "answers",
    "assembly",
    "assignment",
    "authorship",
    "books",
    "judging",
    "migration",
    "checking",
    "duplicates",
    "findings/__init__",
    "findings/faults",
    "findings/kinds",
    "findings/notices",
    "gold",
    "grouping",
    "health/points",
    "intake/mapping",
    "intake/merging",
    "intake/rows",
    "labelstudio/cursor",
    "levelling",
    "meaning",
    "nextstep",
    "outgoing",
    "passmarks",
    "places",
    "pseudonyms",
    "qualification",
    "records",
    "reporting/agreed",
    "reporting/annotated",
    "reporting/balance",
    "reporting/catalogue",
    "reporting/charts",
    "reporting/contents",
    "reporting/differing",
    "reporting/html",
    "reporting/overview",
    "reporting/people",
    "reporting/tables",
    "reporting/tallying",
    "spans",
    "splits",
    "standing",
    "submissions",
    "suggesters/asking",
    "suggesters/options",
    "suggesters/quotes",
    "suggesters/suggestion",
    "suggesters/words",
    "text",
    "validation",
    "wording",
    "working",
    "agreement/__init__",
    "agreement/again",
    "agreement/aligning",
    "agreement/alpha",
    "agreement/attributes",
    "agreement/bootstrap",
    "agreement/coreference",
    "agreement/counting",
    "agreement/matching",
    "agreement/measuring",
    "agreement/results",
    "agreement/scoring",
    "agreement/sentences",
    "agreement/table",
    "agreement/tabulating",
    "agreement/thresholds",
    "labelstudio/attachment",
    "labelstudio/cases",
    "labelstudio/contents",
    "labelstudio/controls",
    "labelstudio/desks",
    "labelstudio/draft",
    "labelstudio/former",
    "labelstudio/offsets",
    "labelstudio/origins",
    "labelstudio/page",
    "labelstudio/piece_faults",
    "labelstudio/pieces",
    "labelstudio/reading",
    "labelstudio/reading_answers",
    "labelstudio/results",
    "labelstudio/repairs",
    "labelstudio/returns",
    "labelstudio/revisions",
    "labelstudio/rounds",
    "labelstudio/stamps",
    "labelstudio/style",
    "labelstudio/suggestions",
    "labelstudio/surrogates",
    "labelstudio/tasks",
    "labelstudio/values",
    "labelstudio/writing",
    "schema/compiling",
    "schema/examples",
    "schema/hotkeys",
    "schema/instructions",
    "schema/model",
    "schema/printing",
    "schema/reference",
)
WORLDLY = {"os", "pathlib", "random", "secrets", "socket", "subprocess", "sys", "time", "tomllib", "urllib", "rich"}
HEAVY = ("datasets", "pandas", "pyarrow", "numpy", "label_studio_sdk.client", "huggingface_hub", "httpx", "jsonschema")
OWNERS = {
    "label_studio_sdk": {"labelstudio/connection"},
    "datasets": {"hub"},
    "huggingface_hub": {"hub"},
    "charset_normalizer": {"intake/decoding"},
    "trafilatura": {"intake/readers/web"},
    "markdown_it": {"intake/readers/markdown"},
    "lxml": {"intake/readers/markdown"},
    "pyarrow": {"hub", "intake/readers/parquet"},
    "numpy": {"agreement"},
    "packaging": {"health/environment"},
    "rensa": {"duplicates"},
    "vl_convert": {"reporting/charts"},
    "yaml": {"schema/source", "hub"},
}


@cache
def imports(path: Path) -> set[str]:
    """Give the modules a file imports, those for types only left out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"
        for inner in ast.walk(node)
    }
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


def module(path: Path) -> str:
    return path.relative_to(PACKAGE).with_suffix("").as_posix()


FILES = sorted(PACKAGE.rglob("*.py"))


@pytest.mark.parametrize("name", CORE)
def test_the_core_is_pure(name: str) -> None:
    """The core imports neither the world nor an edge."""
    found = imports(PACKAGE / f"{name}.py")
    assert not {one.split(".")[0] for one in found} & WORLDLY
    inner = {one.removeprefix("curate.").replace(".", "/") for one in found if one.startswith("curate.")}
    assert inner - {"errors", "markup", "shapes"} <= {one.removesuffix("/__init__") for one in CORE}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_each_library_has_one_owner(path: Path) -> None:
    """A foreign library is imported where it belongs and nowhere else."""
    for library, owners in OWNERS.items():
        if any(one == library or one.startswith(f"{library}.") for one in imports(path)):
            assert any(module(path) == owner or module(path).startswith(f"{owner}/") for owner in owners)


@pytest.mark.parametrize("path", [path for path in FILES if "cli" not in module(path)], ids=module)
def test_nothing_leans_on_the_command_line(path: Path) -> None:
    """Arrows point from the command line inwards."""
    assert not any(one.startswith("curate.cli") for one in imports(path))
    assert "typer" not in imports(path)


@pytest.mark.parametrize("arguments", [["--help"], ["push", "--help"], ["schema", "--help"], ["--version"]])
def test_help_loads_nothing_heavy(arguments: list[str]) -> None:
    """Asking for help loads neither datasets, pandas, pyarrow, numpy nor a client."""
    code = (
        "import sys\nfrom curate.cli import main\nsys.argv = ['curate', *sys.argv[1:]]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\nprint('LOADED', *sorted(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    loaded = set(done.stdout.split("LOADED ", 1)[1].split())
    assert "curate.cli.app" in loaded
    assert not loaded & set(HEAVY)


def test_each_finding_code_has_one_level() -> None:
    """A code is an error, a warning or an info, in the table of its kind, and it is raised somewhere."""
    assert {kind.level for kind in FAULTS.values()} == {findings.ERROR}
    assert findings.ERROR not in {kind.level for kind in NOTICES.values()}
    assert {kind.level for kind in findings.CODES.values()} == {findings.ERROR, findings.WARNING, findings.INFO}
    source = "".join(path.read_text(encoding="utf-8") for path in FILES if path.parent.name != "findings")
    assert [code for code in findings.CODES if f'"{code}"' not in source] == []
