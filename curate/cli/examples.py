"""Examples under the help of commands, each a line that can be typed."""

from __future__ import annotations

EXAMPLES = {
    name: "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
    for name, lines in {
        "init": (
            "curate init airbase                          # two people read each article",
            "curate init airbase --overlap 1              # for a first try alone",
            "curate init markets --schema markets.yaml",
        ),
        "add": (
            "curate add articles/ more.csv",
            "curate add export.csv --map id=nr --map text=body",
            "curate add hf://datasets/OWNER/NAME --dry-run",
        ),
        "assign": ("curate assign --dry-run", "curate assign --yes"),
        "push": ("curate push --dry-run", "curate push --yes"),
        "suggest": (
            "curate suggest --dry-run                     # by the schema's trigger words",
            "curate suggest mine:events --keep-going      # a function of your own, in mine.py of the project's folder",
            "curate suggest model                         # a language model, set under [suggest] in curate.toml",
            "curate suggest none                          # takes back what nobody has begun",
        ),
        "pull": (
            "curate pull",
            "curate pull --verbose                        # every finding, not the first ten",
            "curate pull --from-file export.json          # a JSON export of Label Studio; asks no server",
        ),
        "check": ("curate check", "curate check --accept argument-unattached --accept label-unknown"),
        "explain": ("curate explain argument-unattached",),
        "send_back": (
            "curate send-back --dry-run",
            "curate send-back --yes                       # again after the next pull: what is mended comes away",
            "curate send-back --code duplicate-region --person annotator-cfd6f8204f",
        ),
        "show": ("curate show depot-fire", "curate show depot-fire --annotator annotator-cfd6f8204f"),
        "status": ("curate status --refresh --names",),
        "agree": ("curate agree --verbose", "curate agree --min arg_c=0.6 --min tri_c=0.8"),
        "adjudicate": (
            "curate adjudicate                            # settles only what all read alike",
            "curate adjudicate --policy majority",
            "curate adjudicate --push                     # what is open goes to people",
        ),
        "release": ("curate release 1.0.0", "curate release 1.0.0 --rebuild"),
        "verify": ("curate verify exports/releases/1.0.0", "curate verify OWNER/NAME@1.0.0"),
        "publish": ("curate publish OWNER/NAME --dry-run", "curate publish OWNER/NAME --public"),
        "withdraw": ('curate withdraw depot-fire --reason "asked for by the publisher"',),
        "demo": ("curate demo", "curate demo --keep                           # and look at the page"),
    }.items()
}
