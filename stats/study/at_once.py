"""What a study must say, and can't ask for, when its patients are never all in memory together."""

from __future__ import annotations

from stats.study.part import Book
from stats.study.paths import DUCKDB
from stats.study.types import Study

WHOLE = {  # frames that only make sense all at once
    "series": "units and samples are compared over all rows",
    "screening": "the flow of patients is counted over all rows",
}


def check_portions(study: Study, book: Book) -> None:
    """Note in the book what keeps the patients from being read in portions."""
    if study.patients_at_once is None:
        return
    for frame in study.frames.values():
        if not frame.file.startswith(DUCKDB):
            book.add("E_CONFIG_VALUE", ("frames", frame.name, "file"), "with patients_at_once every frame is read by DuckDB, "
                     "which finds a portion's rows", f'Give it a source, such as source = "{DUCKDB}{frame.name}.parquet"')
        if frame.name in WHOLE:
            book.add("E_CONFIG_VALUE", ("frames", frame.name), f"with patients_at_once there is no {frame.name}: "
                     f"{WHOLE[frame.name]}", "Take it out, or patients_at_once; a table of your own name can be read with from")
        who = frame.columns.get("subject")
        if who is not None and who.values:
            book.add("E_CONFIG_VALUE", ("frames", frame.name, "columns", "subject", "values"), "with patients_at_once "
                     "identifiers are taken as they stand, to find a patient's rows", "Change them where the tables are made")
    if "subject" not in study.subjects.columns:
        book.add("E_KEY_MISSING", ("frames", "subjects", "columns", "subject"), "with patients_at_once patients need an "
                 "identifier", 'Declare subject = { type = "id" }')
    for endpoint in study.endpoints.values():
        if endpoint.status and not endpoint.status_values:
            book.add("E_KEY_MISSING", ("endpoints", endpoint.name, "status_values"), "with patients_at_once status_values must "
                     "say what the codes mean, since a portion may not have them all",
                     "Add status_values = { event = [1], censored = [0] }, for example")
    if study.privacy == "public":
        book.add("E_CONFIG_VALUE", ("study", "privacy"), "with patients_at_once results can't be made fit for the public: "
                 "which counts give others away is found from all patients together", 'Set privacy = "journal"')
