"""The first job with ClickHouse (chdb: clickhouse-local as a library): chdb_split.py INPUT DIR [LEVEL]

Lines are strings, and go as they are to one gzip file an hour. Nothing is parsed: the hour is what stands behind the first
"server_upload_time" of a line. Left out of the second job: parsing, checking, duplicates, the order of keys.
"""

import os
import sys

from chdb_hours import insert_hours

source, directory, *level = sys.argv[1:]
insert_hours(f"SELECT line FROM file('{os.path.abspath(source)}', LineAsString, 'line String')", directory, level)
