"""The second job with DuckDB: duckdb_records.py INPUT DIR

Events are parsed and checked by their columns' types; of a device and `$insert_id` one event stays; columns are written in
the documented order. A dict has DuckDB's type JSON, which keeps the text of an object. Left out: which of several events
stays, rejects (DuckDB stops at the first), the 7 days of duplicates, times, synced files, and what was delivered before.
"""

import sys

import duckdb

from columns import COLUMNS

TYPES = {"integer": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN", "dict": "JSON"}

source, directory = sys.argv[1:]
types = ", ".join(f"'{name}': '{TYPES.get(kind, 'VARCHAR')}'" for name, kind in COLUMNS.items())
names = ", ".join(f'"{name}"' for name in COLUMNS)
duckdb.execute(f"""
    COPY (SELECT {names}, substr(server_upload_time, 1, 13) AS hour
          FROM read_json('{source}', format = 'newline_delimited', columns = {{{types}}})
          QUALIFY row_number() OVER (PARTITION BY device_id, "$insert_id") = 1)
    TO '{directory}' (FORMAT json, PARTITION_BY (hour), COMPRESSION gzip, FILE_EXTENSION 'json.gz')""")
