"""What `curate doctor` looks at, one module for each area."""
