# Turns SOURCE (a tag and a name a line, tab between) into OUTPUT, the rows of a C++ table.
file(STRINGS ${SOURCE} lines ENCODING UTF-8)
set(rows "")
foreach(line IN LISTS lines)
  string(REGEX REPLACE "^([^\t]+)\t(.+)$" "{\"\\1\", \"\\2\"},\n" row "${line}")
  string(APPEND rows "${row}")
endforeach()
file(WRITE ${OUTPUT} "${rows}")
