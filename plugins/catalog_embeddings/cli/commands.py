"""Which commands there are: by its name, where each is, and what a list of commands tells of it.

That is how its docstring begins. It stands here again because reading it there would import the command.
"""

from catalog_embeddings.cli.deferred import group

_COMMANDS = {
    "demo": (
        "demo_command:demo",
        "Run the nightly job on a catalog, through Airflow, and ask the result: no account, no key, no cost.",
    ),
    "up": (
        "up_command:up",
        "Start Airflow with its web page, the DAGs, a database and an embeddings API; Ctrl-C ends all of it.",
    ),
    "down": ("up_command:down", "End everything that `up` started in this directory, also when it was killed."),
    "migrate": ("admin_commands:migrate", "Bring the database to the schema of this release. Safe to run at any time."),
    "import": (
        "import_command:import_catalog",
        "Import a catalog file. What is imported twice changes nothing the second time.",
    ),
    "plan": ("run_commands:plan", "Show what a run would do and cost, without calling the API or changing anything."),
    "run": (
        "run_commands:run",
        "Embed what is new or changed, load it, and publish. Run again after any interruption.",
    ),
    "rebuild": (
        "rebuild_command:rebuild",
        "Fill a version from the lake alone, without one API call. Run again after any interruption.",
    ),
    "embed-item": (
        "item_command:embed_item",
        "Enrich, embed and load one item now, also while the nightly run is under way, which finds nothing left to do.",
    ),
    "search": ("search_commands:search", "The items nearest to a text; asks the embeddings API once."),
    "similar": ("search_commands:similar", "The items most similar to an item."),
    "evaluate": (
        "evaluate_command:evaluate",
        "Compare a version with another. Only judged queries cost something: the price is said first.",
    ),
    "enrich": (
        "enrich_command:enrich",
        "Try an enrichment on a few items, or check and scrub files: these two need no database and no key.",
    ),
    "emulator": (
        "emulator_command:emulator",
        "Serve a local stand-in for the OpenAI API until interrupted. Its vectors carry meaning, but are no model's.",
    ),
    "doctor": (
        "doctor_command:doctor",
        "Try settings, database, lake and API, and say what to do where one is not fit. It ends with 1 then.",
    ),
    "psql": ("admin_commands:psql", "A psql shell on the configured database, or with -c the answer to one statement."),
}

_OF_VERSIONS = {
    "list": (
        "version_commands:list_versions",
        "Every version, with its model, template, status, and the places whose readers see it.",
    ),
    "create": (
        "create_command:create_version",
        "Register a version. Nothing is embedded yet: `plan --version` shows what that would cost.",
    ),
    "promote": (
        "version_commands:promote_version",
        "Let readers see a version from now on: one pointer moves, and `versions rollback` moves it back.",
    ),
    "rollback": (
        "version_commands:rollback_version",
        "Take back the last promotion at a place. Twice goes back by two.",
    ),
    "drop": (
        "version_commands:drop_version",
        "Give up a version's vectors and free their disk. Its files in the lake go later, by this command or a run.",
    ),
    "compare": (
        "compare_command:compare_versions",
        "Two versions side by side: spec, coverage, index, price, neighbours, last evaluation. It costs nothing.",
    ),
    "index": (
        "index_command:index_version",
        "See to it that a version has a valid index, beside whoever reads and writes. A run does the same at its end.",
    ),
}

_OF_DEAD_LETTERS = {
    "list": (
        "dead_letter_commands:list_dead_letters",
        "What is dead at present. A letter is tried again when its record changes, or after `dead-letters redrive`.",
    ),
    "redrive": (
        "dead_letter_commands:redrive_dead_letters",
        "Have the next run try dead letters again: all of them, or those that the options choose.",
    ),
}

app = group(
    "catalog-embeddings",
    "A product catalog in Postgres becomes versioned, searchable vectors in pgvector.",
    _COMMANDS,
    group("versions", "Embedding versions: immutable specs and the vectors made by them.", _OF_VERSIONS),
    group("dead-letters", "Items that could not be embedded, and why.", _OF_DEAD_LETTERS),
)
