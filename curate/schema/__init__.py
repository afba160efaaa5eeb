"""The event schema: one YAML file from which everything about the task is generated."""
