"""What ClickHouse's two jobs share: lines to one gzip file an hour."""

import os

import chdb

HOUR = """substring(line, position(line, '"server_upload_time":"') + 22, 13)"""

# Of 2,000 events instead of 65,000: fewer page faults, 10 % less CPU time and two thirds of the memory.
SMALL_BLOCKS = "max_block_size = 2048"


def insert_hours(select, directory, level, settings=()):
    """Writes the column `line` of a query to DIR/HOUR.json.gz. `level` is a list of one gzip level, or empty for
    ClickHouse's own (3)."""
    os.mkdir(directory)
    settings = [SMALL_BLOCKS, *settings, *(f"output_format_compression_level = {number}" for number in level)]
    chdb.query(f"""
        INSERT INTO FUNCTION file('{os.path.abspath(directory)}/{{_partition_id}}.json.gz', LineAsString, 'line String', gzip)
        PARTITION BY {HOUR}
        {select}
        SETTINGS {", ".join(settings)}""")
