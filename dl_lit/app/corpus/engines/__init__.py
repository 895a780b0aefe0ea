"""Who runs tasks: threads of this process, or the workers of a Dask cluster. `engine` says what each offers."""
