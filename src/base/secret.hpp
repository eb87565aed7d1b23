// A password or key in memory, so that none gets into a message by accident.
#pragma once

#include <string>
#include <utility>

namespace spillway::base {

// It can't be printed, formatted or compared: only what hands it over to a server calls reveal().
class secret {
public:
  secret() = default;
  explicit secret(std::string text) : text_(std::move(text)) {}

  bool empty() const { return text_.empty(); }
  const std::string& reveal() const { return text_; }

private:
  std::string text_;
};

}  // namespace spillway::base
