#!/bin/bash
# Less than the first job, with jq and gzip: jq_gzip.sh INPUT DIR
#
# Events are parsed and written compactly, and compressed to one file: what it takes without splitting by hour. Left out of
# the second job: the check of types, duplicates, the order of keys, the split by hour.
set -euo pipefail
mkdir "$2"
jq -c . "$1" | gzip -6 >"$2/all.json.gz"
