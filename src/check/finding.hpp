// What a check finds, and how repeated findings of one object become one line.
#pragma once

#include "base/result.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace spillway::check {

enum class finding_kind {
  note,       // a key that is none of ours: nothing is wrong, and nothing was checked
  name,       // a key that is nearly one of the three kinds
  gzip,       // not exactly one sound gzip member
  text,       // no lines, an empty or overlong one, or no '\n' at the end
  record,     // a line that is no JSON object
  form,       // another record form than the rest of the project
  keys,       // not exactly the keys of the form, in its order
  type,       // a value that is not of its column's type, or a time in another spelling
  app,        // a record of another project than the key's
  hour,       // a record of another hour than the key's
  duplicate,  // an event that was there already
  merge,      // a merge that is not as it should be
  marker,     // a marker and its hour disagree
  unmarked,   // an hour with events and without a marker
  gap,        // hours with neither files nor a marker
  ledger,     // the state file says something else
  foreign,    // nothing in the state file names the object
  empty,      // nothing that an export puts is there: the place may be another one
  unread,     // its bytes can't be read: nothing in it was checked
  gone,       // it was removed while the check went on
};

// "duplicate", as it stands in front of the line.
std::string_view to_string(finding_kind kind);

struct finding {
  finding_kind kind = finding_kind::note;
  std::string key;         // of an empty place: the prefix, which may be nothing
  std::int64_t line = 0;   // from 1; 0: about the object, not a line of it
  std::string what;        // lower case, no full stop; may quote the bucket: to be shown with base::printable
  std::int64_t count = 1;  // records like it in the object; `line` and `what` are of the first
};

// A failure of the sink ends the check with it.
using finding_sink = std::function<result<void>(const finding&)>;

// The findings of one object. A file in which every line is wrong in the same way makes one finding with a count.
class tally {
public:
  explicit tally(std::string key) : key_(std::move(key)) {}

  // Findings with the same kind and `subject` (a column's name, or nothing) are counted together.
  void add(finding_kind kind, std::string_view subject, std::int64_t line, std::string what);

  // Whether add(kind, subject, ...) would only count, so that `what` need not be made.
  bool has(finding_kind kind, std::string_view subject) const;

  const std::string& key() const { return key_; }
  bool empty() const { return findings_.empty(); }

  // In the order of lines.
  result<void> report(const finding_sink& sink) const;

private:
  using subject = std::pair<finding_kind, std::string>;

  std::string key_;
  std::map<subject, finding> findings_;
};

}  // namespace spillway::check
