#include "ingest/pipeline.hpp"

#include "intake/input_names.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace spillway::ingest {
namespace {

// Most of them are being read and parsed while a few are taken over into a batch. A slot is about 0.8 MB.
constexpr std::size_t slots_max = 24;
constexpr std::size_t text_bytes_max = slots_max * intake::block_bytes;

failure trouble_of(const std::string& name, failure inner) {
  failure trouble = base::while_doing("taking in " + name, std::move(inner));
  if (trouble.hint.empty() && trouble.code == errc::corrupt) {
    trouble.hint = intake::is_known_again(name)
                       ? "get the input again, then run the same command: what was taken in before the damage stays"
                       : "what was taken in before the damage stays; if the input is given again, its events with an "
                         "$insert_id or a uuid are taken once, and others twice";
  }
  return trouble;
}

// Another file may have come under the name since its front was looked at.
intake::known_part known_part_of(const store::input_row& row) {
  const store::input_progress& taken = row.progress;
  return taken.raw_bytes == 0 ? intake::known_part{0, {row.head_bytes, row.head_hash}}
                              : intake::known_part{taken.text_bytes, {taken.raw_bytes, taken.raw_hash}};
}

}  // namespace

failure too_many_rejects(const input_run& in) {
  return {errc::invalid, "taking in " + in.row.name, fmt::format("{} of its lines are rejects", in.rejects),
          "see why with spillway rejects; --keep-going goes on behind them, and keeps no more of this input's"};
}

codec::segment_compressor& worker_tools::compressor_of(model::compression engine) {
  return compressors_.try_emplace(engine.level, engine).first->second;
}

block_queue::block_queue(const settings& wanted, std::stop_token stop, db::database& state, base::thread_pool& pool,
                         std::vector<std::unique_ptr<worker_tools>>& tools)
    : wanted_(wanted), stop_(std::move(stop)), state_(state), pool_(pool), tools_(tools) {
  for (std::size_t i = 0; i < slots_max; ++i) {
    free_.push_back(std::make_unique<slot>());
  }
}

result<void> block_queue::fill() {
  for (;;) {
    SPILLWAY_TRY_ASSIGN(const step made, read_next());
    if (made != step::read) {
      return {};
    }
  }
}

result<block_queue::step> block_queue::read_next() {
  if (free_.empty() || text_bytes_ >= text_bytes_max) {
    return step::full;
  }
  if (!current_) {
    SPILLWAY_TRY_ASSIGN(const bool opened, open_next());
    return opened ? step::read : step::ended;
  }
  std::unique_ptr<slot> filled = std::move(free_.back());
  free_.pop_back();
  filled->owner = &inputs_.back();
  const auto more = current_->read(filled->block);
  if (!more) {
    filled->what = slot::content::failed;
    filled->trouble = trouble_of(filled->owner->row.name, more.error());
  } else {
    if (std::exchange(is_unread_, false)) {
      SPILLWAY_TRY_ASSIGN(filled->owner->identity, identities_.take(state_, filled->owner->row));
    }
    const intake::input_mark& end = filled->block.end;
    filled->owner->row.progress = {end.raw_bytes, end.raw_hash, end.text_bytes, end.lines};
    filled->what = *more ? slot::content::lines : slot::content::end_of_input;
  }
  if (filled->what != slot::content::lines) {
    filled->owner->row.end = more ? store::input_end::finished : store::input_end::open;
    current_.reset();
  }
  post(std::move(filled));
  return step::read;
}

// By earlier runs: nothing of what this run has come to before, under another name. What has no id yet is such.
std::int64_t block_queue::rejected_before(const store::input_row& known) const {
  const auto is_known = [&known](const input_run& each) {
    const bool is_same_text = each.row.head_hash == known.head_hash && each.row.head_bytes == known.head_bytes &&
                              each.row.progress.raw_hash == known.progress.raw_hash;
    return each.row.id == 0 ? is_same_text : each.row.id == known.id;
  };
  return known.counts.rejected == 0 || std::ranges::any_of(inputs_, is_known) ? 0 : known.counts.rejected;
}

void block_queue::post_failure(failure trouble) {
  std::unique_ptr<slot> failed = std::move(free_.back());
  free_.pop_back();
  failed->owner = &inputs_.back();
  failed->what = slot::content::failed;
  failed->trouble = std::move(trouble);
  post(std::move(failed));
}

result<bool> block_queue::open_next() {
  if (next_input_ >= wanted_.inputs.size() || waits_for_commit_) {
    return false;
  }
  const std::string& name = wanted_.inputs[next_input_];
  auto known = resume(state_, under_way_, name);
  if (known && known->waits_for_commit) {
    waits_for_commit_ = true;
    return false;
  }
  ++next_input_;
  const std::int64_t rejected = known ? rejected_before(known->row) : 0;
  bytes_before_ = raw_bytes();
  inputs_.emplace_back();
  input_run& run = inputs_.back();
  run.summary.name = name;
  run.row.name = name;
  if (!known) {
    if (known.error().code == errc::state) {
      return known.error();
    }
    post_failure(known.error());
    return true;
  }
  run.row = known->row;
  run.summary.what = known->what;
  run.rejects = known->row.counts.rejected;
  run.summary.rejected_before = rejected;
  run.rejects_kept = std::min(run.rejects, wanted_.rejects_max);
  run.rejects_wanted = wanted_.rejects_max - run.rejects_kept;
  run.start_bytes = known->row.progress.raw_bytes;
  if (known->what == freshness::taken) {
    return true;
  }
  under_way_.add(run.row);
  if (run.rejects > wanted_.rejects_max && wanted_.trouble == on_trouble::stop) {
    post_failure(too_many_rejects(run));  // a run before has ended there
    return true;
  }
  auto opened = intake::input::open(name, wanted_.open_zip, wanted_.limits, known_part_of(run.row), stop_);
  if (!opened) {
    post_failure(trouble_of(name, opened.error()));
    return true;
  }
  current_ = std::move(*opened);
  is_unread_ = true;
  return true;
}

void block_queue::post(std::unique_ptr<slot> filled) {
  filled->done = {};
  slot* const work = filled.get();
  text_bytes_ += work->block.text.size();
  queue_.push_back(std::move(filled));
  if (work->what != slot::content::lines) {
    work->parsed.clear();
    work->done.set_value();
    return;
  }
  pool_.post([this, work](std::size_t worker) {
    try {
      const input_run& owner = *work->owner;
      parse_block(work->block, {owner.identity, owner.rejects_wanted}, tools_[worker]->reader, work->parsed);
      work->done.set_value();
    } catch (...) {
      work->done.set_exception(std::current_exception());
    }
  });
}

std::unique_ptr<slot> block_queue::take() {
  if (queue_.empty()) {
    return nullptr;
  }
  std::unique_ptr<slot> oldest = std::move(queue_.front());
  queue_.pop_front();
  oldest->done.get_future().get();
  oldest->owner->rejects_wanted -= oldest->parsed.rejected;
  return oldest;
}

void block_queue::give_back(std::unique_ptr<slot> used) {
  text_bytes_ -= used->block.text.size();
  if (used->block.text.size() > 2 * intake::block_bytes) {
    used = std::make_unique<slot>();
  }
  used->block.text.clear();
  free_.push_back(std::move(used));
}

std::uint64_t block_queue::raw_bytes() const {
  return bytes_before_ + (inputs_.empty() ? 0 : inputs_.back().raw_bytes());
}

}  // namespace spillway::ingest
