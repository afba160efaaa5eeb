"""A newsroom's folder as it comes: twelve files of as many kinds and encodings, in one command."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner, Result

from curate.cli.app import app
from curate.starting import init
from curate.workspace import Workspace, read_articles

ENGLISH = (
    "The minister’s office said that the café near the naïve façade was hit; £40 of goods burned. “Nobody was hurt,” "
    "officials of the coalition told reporters in the capital on Friday, and the road to the border stayed closed."
)
RUSSIAN = "Министерство обороны сообщило в пятницу, что удар по аэродрому нанёс серьёзный ущерб, а дорога закрыта."
ARABIC = "قالت وزارة الدفاع يوم الجمعة إن الهجوم على القاعدة الجوية أدى إلى أضرار جسيمة. وأفاد شهود عيان بذلك."
JAPANESE = "国防省は金曜日、空軍基地への攻撃で大きな被害が出たと発表した。目撃者によると、兵士が道路を封鎖した。"
MARKDOWN = "---\ndate: 2024-05-06\n---\n# Refinery *burns*\n\nA fire broke out at the [refinery](http://example.org).\n"
PAGE = (
    '<html lang="en"><head><meta charset="windows-1252"><meta property="og:title" content="Talks resume"></head><body>'
    "<nav><a href='/'>Home</a></nav><article><p>Delegations from both sides returned to Velmark on Saturday "
    "– the first meeting since the attack on the bridge, according to the mediators.</p></article></body></html>"
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The twelve files."""
    made = tmp_path / "news"
    made.mkdir()
    (made / "01.txt").write_bytes(b"Two drones struck the airbase.\r\nNobody was hurt.\r\n")
    (made / "02.txt").write_bytes(ENGLISH.encode("cp1252"))
    (made / "03.txt").write_bytes(RUSSIAN.encode("koi8-r"))
    (made / "04.txt").write_bytes(ARABIC.encode("cp1256"))
    (made / "05.txt").write_bytes(JAPANESE.encode("shift_jis"))
    (made / "06.txt").write_bytes("The convoy reached Synohirka.".encode("utf-16"))
    (made / "07.md").write_text(MARKDOWN)
    (made / "08.html").write_bytes(PAGE.encode("cp1252"))
    (made / "09.csv").write_bytes("\ufeffdoc_id;body\r\nc1;The bridge; closed.\r\nc2;Bridge closed.\r\n".encode())
    (made / "10.tsv").write_text("id\ttext\nt1\tThe camp was reinforced.\n")
    (made / "11.jsonl").write_text(json.dumps({"id": "j1", "text": "A denial."}) + '\n{"id": \n')
    pq.write_table(pa.table({"content": ["A march."], "published": [date(2024, 4, 5)]}), made / "12.parquet")
    return made


def run(project: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["--project", str(project), "add", *arguments])


def test_twelve_files_in_one_command(tmp_path: Path, folder: Path) -> None:
    """Texts come out whole, encodings and columns are told, the two bad rows named, and again adds nothing."""
    project = init(tmp_path / "project")
    done = run(project, str(folder))
    found = read_articles(Workspace(project))
    assert [found[name].text for name in ("02", "03", "04", "05")] == [ENGLISH, RUSSIAN, ARABIC, JAPANESE]
    assert found["01"].text == "Two drones struck the airbase.\nNobody was hurt."
    assert found["07"].text == "Refinery burns\n\nA fire broke out at the refinery."
    assert (found["07"].title, found["07"].published_at) == ("Refinery burns", "2024-05-06")
    assert found["08"].title == "Talks resume"
    assert found["08"].text.startswith("Delegations from both sides")
    assert {"06", "c2", "t1", "j1"} < set(found)
    assert len(found) == 12
    told = {
        Path(line.partition(": ")[0]).name: line for line in done.stderr.splitlines() if line.startswith(str(folder))
    }
    for name, word in {
        "02.txt": "windows-1252",
        "03.txt": "koi8-r",
        "04.txt": "windows-1256",
        "05.txt": "shift_jis",
        "06.txt": "utf-16",
        "07.md": "read date as published_at",
        "08.html": "windows-1252, as it declares",
        "09.csv": "separated by semicolons; read doc_id as id, body as text",
        "12.parquet": "read published as published_at, content as text",
    }.items():
        assert word in told[name]
    refused = [line.split(": ")[1] for line in done.stderr.splitlines() if line.startswith("Refused:")]
    assert refused == [f"{folder / '09.csv'}:2", f"{folder / '11.jsonl'}:2"]
    assert (done.exit_code, done.stdout) == (1, "12 added, 0 unchanged, 2 refused.\n")
    before = (project / "articles.jsonl").read_bytes()
    again = run(project, str(folder))
    assert again.stdout == "0 added, 12 unchanged, 2 refused.\n"
    assert len(again.stderr.splitlines()) == 2
    assert (project / "articles.jsonl").read_bytes() == before
