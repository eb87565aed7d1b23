#include "cli/table.hpp"

#include "base/bytes.hpp"
#include "base/result.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace spillway::cli {
namespace {

// Characters of valid UTF-8: all bytes but those that go on with a character. East Asian ones are wider; a crooked
// column there is better than a table of widths here.
std::size_t width_of(std::string_view text) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [](char byte) { return (static_cast<unsigned char>(byte) & 0xc0) != 0x80; }));
}

std::string padding(std::size_t width, std::string_view text) {
  const std::size_t own = width_of(text);
  return std::string(width > own ? width - own : 0, ' ');
}

}  // namespace

std::string grouped(std::int64_t number) {
  std::string digits = fmt::format("{}", number);
  const std::size_t first = number < 0 ? 1 : 0;
  for (std::size_t at = digits.size(); at > first + 3; at -= 3) {
    digits.insert(at - 3, 1, ',');
  }
  return digits;
}

std::string count_of(std::int64_t number, std::string_view thing) {
  return fmt::format("{} {}{}", grouped(number), thing, number == 1 ? "" : "s");
}

std::string shown_name(std::string_view name) { return base::printable(name, base::shown_line_bytes_max); }

std::string describe_hours(const std::vector<model::hour>& hours) {
  std::string text;
  for (std::size_t i = 0; i < hours.size();) {
    std::size_t end = i + 1;
    while (end < hours.size() && hours[end].number == hours[end - 1].number + 1) {
      ++end;
    }
    text += (text.empty() ? "" : ", ") + model::to_string(hours[i]);
    if (end > i + 1) {
      text += " to " + model::to_string(hours[end - 1]);
    }
    i = end;
  }
  return text;
}

void table::add(std::vector<std::string> cells) {
  SPILLWAY_ASSERT(cells.size() == columns_.size());
  for (std::string& cell : cells) {
    cell = base::printable(cell, std::numeric_limits<std::size_t>::max());
  }
  rows_.push_back(std::move(cells));
}

std::string table::text(std::string_view margin) const {
  if (rows_.empty()) {
    return {};
  }
  std::vector<std::size_t> widths;
  for (std::size_t at = 0; at < columns_.size(); ++at) {
    std::size_t width = width_of(columns_[at].name);
    for (const auto& row : rows_) {
      width = std::max(width, width_of(row[at]));
    }
    widths.push_back(width);
  }
  std::string all;
  const auto append_line = [&](auto&& cell_at) {
    std::string line(margin);
    for (std::size_t at = 0; at < columns_.size(); ++at) {
      const std::string& cell = cell_at(at);
      const std::string gap = padding(widths[at], cell);
      line += at == 0 ? "" : "  ";
      line += columns_[at].side == align::right ? gap + cell : cell + gap;
    }
    line.erase(line.find_last_not_of(' ') + 1);
    all += line + '\n';
  };
  append_line([&](std::size_t at) -> const std::string& { return columns_[at].name; });
  for (const auto& row : rows_) {
    append_line([&](std::size_t at) -> const std::string& { return row[at]; });
  }
  return all;
}

}  // namespace spillway::cli
