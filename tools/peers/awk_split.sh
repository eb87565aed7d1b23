#!/bin/sh
# The first job with awk and ISA-L: awk_split.sh INPUT DIR
#
# Lines go as they are to one `igzip -1` an hour, which run beside awk. Nothing is parsed: the hour is what stands behind
# the first "server_upload_time" of a line. Left out of the second job: parsing, checking, duplicates, the order of keys.
set -eu
mkdir "$2"
exec awk -v dir="$2" '{
  hour = substr($0, index($0, "\"server_upload_time\":\"") + 22, 13)
  print | ("igzip -1 -c >'\''" dir "/" hour ".json.gz'\''")
}' "$1"
