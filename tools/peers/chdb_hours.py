"""What ClickHouse's two jobs share: lines to one gzip file an hour."""

import os

import chdb

HOUR = """substring(line, position(line, '"server_upload_time":"') + 22, 13)"""


def insert_hours(select, directory, level, settings):
    """Writes the column `line` of a query to DIR/HOUR.json.gz. `level` is a list of one gzip level, or empty for
    ClickHouse's own (3)."""
    os.mkdir(directory)
    settings = [*settings, *(f"output_format_compression_level = {number}" for number in level)]
    chdb.query(f"""
        INSERT INTO FUNCTION file('{os.path.abspath(directory)}/{{_partition_id}}.json.gz', LineAsString, 'line String', gzip)
        PARTITION BY {HOUR}
        {select}
        SETTINGS {", ".join(settings)}""")
