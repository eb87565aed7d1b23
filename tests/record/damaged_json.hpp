// JSON that is nearly right, the same in every run.
#pragma once

#include <iterator>
#include <random>
#include <string>
#include <string_view>

namespace spillway::test {

// Gives a text with a little of everything in it, damaged in one to three places.
class damager {
public:
  std::string next() {
    static constexpr std::string_view pieces[] = {"\"", "\\",   "{",   "}",       "[",      "]", ",",    ":",    " ",
                                                  "\n", "0",    "-",   "e",       ".",      "u", "\xc3", "\xff", "\x01",
                                                  "\f", "null", "\\u", "\\ud800", "\"a\":", "/", "1E400"};
    std::string text = seed;
    for (std::size_t changes = below(3) + 1; changes > 0; --changes) {
      const std::size_t place = below(text.size());
      switch (below(3)) {
        case 0: text.erase(place, below(4) + 1); break;
        case 1: text.insert(place, pieces[below(std::size(pieces))]); break;
        default: text.replace(place, 1, pieces[below(std::size(pieces))]); break;
      }
    }
    return text;
  }
  std::size_t below(std::size_t n) { return std::uniform_int_distribution<std::size_t>(0, n - 1)(random_); }

  const std::string seed =
      "{\"s\":\"a\\\"\\u00e9\\ud83d\\ude00 \xc3\xa9\xf0\x9f\x98\x80\", \"n\":[-1.5e+3,0,12345678901234567890],"
      "\"o\":{\"x\":{\"y\":[null,true,false,{}]}},\"e\":\"\",\"l\":[[],[[1,2],{\"k\":\"v\"}]]}";

private:
  std::mt19937 random_{20200125};
};

}  // namespace spillway::test
