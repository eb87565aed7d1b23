// Rows and columns for people. Scripts read --json.
#pragma once

#include "model/hour.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace spillway::cli {

// "1,234,567".
std::string grouped(std::int64_t number);

// Counts a thing: "1 event", "12 events".
std::string count_of(std::int64_t number, std::string_view thing);

// A name in a message: as base::printable makes it, cut behind 4 KiB.
std::string shown_name(std::string_view name);

// Runs of hours: "2020-01-25_3 to 2020-01-25_5, 2020-01-25_9".
std::string describe_hours(const std::vector<model::hour>& hours);

enum class align { left, right };

struct table_column {
  std::string name;
  align side = align::left;
};

// Every cell is shown as base::printable makes it, whole.
class table {
public:
  explicit table(std::vector<table_column> columns) : columns_(std::move(columns)) {}

  // REQUIRES: as many cells as there are columns.
  void add(std::vector<std::string> cells);

  // A line of names, then a line a row, two spaces between columns and none at the end; each line starts with `margin`.
  // Without rows: nothing.
  std::string text(std::string_view margin = {}) const;

private:
  std::vector<table_column> columns_;
  std::vector<std::vector<std::string>> rows_;
};

}  // namespace spillway::cli
