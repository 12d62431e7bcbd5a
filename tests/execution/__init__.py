"""The pipeline, on a schema of its own and on ours."""
