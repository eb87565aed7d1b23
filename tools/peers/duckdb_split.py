"""The first job with DuckDB: duckdb_split.py INPUT DIR

Lines are read and written as CSV of one column, without quotes and with a separator that no JSON text holds; DuckDB's gzip
has one level. Nothing is parsed: the hour is cut out of a line by a pattern. Left out of the second job: parsing, checking,
duplicates, the order of keys.
"""

import sys

import duckdb

source, directory = sys.argv[1:]
duckdb.execute(rf"""
    COPY (SELECT line, regexp_extract(line, '"server_upload_time":"(.{{13}})', 1) AS hour
          FROM read_csv('{source}', columns = {{'line': 'VARCHAR'}}, auto_detect = false, header = false, delim = '{chr(1)}',
                        quote = '', escape = '', max_line_size = 16777216))
    TO '{directory}' (FORMAT csv, HEADER false, DELIMITER '{chr(1)}', QUOTE '', ESCAPE '', PARTITION_BY (hour),
                      COMPRESSION gzip, FILE_EXTENSION 'json.gz')""")
