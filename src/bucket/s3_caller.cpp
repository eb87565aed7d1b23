#include "bucket/s3_caller.hpp"

#include <string>
#include <utility>

namespace spillway::bucket {

failure failed(std::string_view doing, std::string_view to_what, const failure& why) {
  return base::while_doing(std::string(doing) + " " + std::string(to_what), why);
}

result<s3_answer> s3_caller::ask(std::string_view doing, std::string_view to_what,
                                 const s3_requester::asking& what) const {
  return judged(doing, to_what, ask_for_any(what));
}

result<s3_answer> s3_caller::judged(std::string_view doing, std::string_view to_what, result<s3_answer> made) {
  if (!made) {
    return failed(doing, to_what, made.error());
  }
  return made->is_ok() ? std::move(made) : failed(doing, to_what, made->to_failure());
}

result<std::optional<s3_answer>> s3_caller::ask_if_there(std::string_view doing, std::string_view to_what,
                                                         const s3_requester::asking& what) const {
  result<s3_answer> made = ask_for_any(what);
  if (made && made->verdict.error_class == s3::error_class::not_found) {
    return std::optional<s3_answer>();
  }
  SPILLWAY_TRY_ASSIGN(s3_answer answer, judged(doing, to_what, std::move(made)));
  return std::optional(std::move(answer));
}

}  // namespace spillway::bucket
