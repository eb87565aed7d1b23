#include "ingest/ingest.hpp"

#include "base/shortage.hpp"
#include "ingest/commit.hpp"
#include "ingest/pipeline.hpp"
#include "intake/input_names.hpp"
#include "store/background_checkpoint.hpp"

#include <algorithm>

namespace spillway::ingest {
namespace {

// So much text at a time goes from the parsers to the hours, a third of what there are slots for: while it is still in
// a cache. A batch is more: its segments are compressed and small by the time of the commit.
constexpr std::size_t gather_bytes_max = std::size_t{2} << 20;

// Lines of one hour that stand end to end in the text of a block: they go to the hour together.
struct line_run {
  store::hour_key key;
  model::compression engine;
  std::size_t begin = 0;  // in parsed_block::text
  std::size_t end = 0;
  std::vector<std::size_t> line_bytes;  // empty: none is open

  bool goes_on_with(const store::hour_key& next_key, const parsed_event& next) const {
    return !line_bytes.empty() && key == next_key && end == next.begin;
  }
  void start(const store::hour_key& first_key, model::compression wanted, const parsed_event& first) {
    key = first_key;
    engine = wanted;
    begin = end = first.begin;
    line_bytes.clear();
  }
  void add(const parsed_event& next) {
    end += next.bytes;
    line_bytes.push_back(next.bytes);
  }
};

class run {
public:
  run(db::database& state, db::database& reads, db::database copies, const settings& wanted, const base::clock& clock,
      std::stop_token stop, project_table projects, store::duplicate_index duplicates)
      : state_(state),
        wanted_(wanted),
        clock_(clock),
        stop_(std::move(stop)),
        projects_(std::move(projects)),
        duplicates_(std::move(duplicates)),
        hours_(reads, [this] { return settle(); }),
        queue_(wanted, stop_, reads, pool_, tools_),
        checkpoint_(state, std::move(copies)),
        committer_(state, checkpoint_),
        pool_(std::max<std::size_t>(wanted.threads, 1)) {
    for (std::size_t i = 0; i < pool_.threads(); ++i) {
      tools_.push_back(std::make_unique<worker_tools>(rules_here(), projects_.forms()));
    }
  }

  result<summary> take_in(const progress_sink& report) {
    for (;;) {
      if (stop_.stop_requested()) {
        interrupted_ = true;
        queue_.stop();
      }
      SPILLWAY_TRY(queue_.fill());
      std::unique_ptr<slot> next = queue_.take();
      if (!next && queue_.waits_for_commit()) {
        SPILLWAY_TRY(settle());
        continue;
      }
      if (!next) {
        break;
      }
      gathered_bytes_ += next->what == slot::content::lines ? next->block.text.size() : 0;
      const bool failed = next->what == slot::content::failed;
      gathered_.push_back(std::move(next));
      if (gathered_bytes_ >= gather_bytes() || queue_.is_empty() || (failed && wanted_.trouble == on_trouble::stop)) {
        SPILLWAY_TRY(gather());
        tell(report);
      }
      if (trouble_) {
        break;
      }
    }
    SPILLWAY_TRY(settle());
    tell(report);
    if (trouble_) {
      return *trouble_;
    }
    if (interrupted_) {
      return failure{errc::interrupted, "taking in events", "asked to stop", std::string(hint_to_finish())};
    }
    return finish();
  }

private:
  record::intake_rules rules_here() const {
    record::intake_rules rules = wanted_.rules;
    rules.portfolios = projects_.portfolios();
    return rules;
  }

  void tell(const progress_sink& report) const {
    if (report) {
      report({total_.received, queue_.raw_bytes()});
    }
  }

  std::string_view hint_to_finish() const {
    return std::ranges::all_of(wanted_.inputs, intake::is_known_again)
               ? base::hint_to_go_on
               : "give the same input again: events with an $insert_id or a uuid are taken once, and others twice";
  }

  std::size_t gather_bytes() const { return std::min(gather_bytes_max, wanted_.batch_bytes); }

  // Adds the blocks that were parsed to the batch; the events of failed or limited inputs up to where they failed.
  // Commits it when it is large enough, or when nothing is there to be read.
  result<void> gather() {
    cut_at_trouble();
    if (batch_bytes_ == 0) {
      SPILLWAY_TRY(merge_duplicates());
    }
    SPILLWAY_TRY_ASSIGN(const std::vector<store::novelty> verdicts, admit());
    std::size_t next_key = 0;
    for (std::unique_ptr<slot>& each : gathered_) {
      SPILLWAY_TRY(apply(*each, verdicts, next_key));
      queue_.give_back(std::move(each));
    }
    gathered_.clear();
    batch_bytes_ += std::exchange(gathered_bytes_, 0);
    compress_cuts();
    SPILLWAY_TRY(queue_.fill());  // so that there is work while the batch before is waited for
    const bool due = batch_bytes_ >= wanted_.batch_bytes || queue_.is_empty() || trouble_;
    return due ? commit_batch() : result<void>();
  }

  void compress_cuts() {
    std::deque<store::cut_segment>& cuts = next_.hours.cuts;
    const std::size_t first = cuts.size();
    for (store::cut_segment& each : hours_.take_cuts()) {
      cuts.push_back(std::move(each));
    }
    const auto compress = [this](std::size_t worker, model::compression engine, std::string_view text) {
      return tools_[worker]->compressor_of(engine).compress(text);
    };
    for (std::future<result<void>>& each : store::start_compressing(cuts, pool_, compress, first)) {
      next_.compressing.push_back(std::move(each));
    }
  }

  // Everything of a batch in one transaction, which is written while the next batch is gathered.
  result<void> commit_batch() {
    batch_bytes_ = 0;
    next_.hours.hours = hours_.take_changes().hours;
    SPILLWAY_TRY(settle());
    hours_.forget_written();
    next_.projects = projects_.take_changes();
    next_.keys = duplicates_.take_unsaved();
    add_input_changes();
    committer_.start(std::exchange(next_, {}), clock_.now());
    return {};
  }

  // Waits until everything that was handed over is in the file.
  result<void> settle() {
    SPILLWAY_TRY_ASSIGN(const std::optional<batch_changes> written, committer_.settle());
    if (written) {
      for (std::size_t i = 0; i < written->inputs.size(); ++i) {
        const input_change& change = written->inputs[i];
        under_way_[i]->row.id = change.row.id;
        under_way_[i]->summary.counts += change.added;
        total_ += change.added;
      }
      summary_.merges += written->new_merges;
    }
    queue_.committed();
    return {};
  }

  result<void> merge_duplicates() {
    for (int step = 0; step < store::merge_steps_per_commit && duplicates_.needs_merge(); ++step) {
      SPILLWAY_TRY(settle());
      SPILLWAY_TRY_ASSIGN(db::transaction merged, db::transaction::begin(state_));
      SPILLWAY_TRY(duplicates_.merge(state_));
      SPILLWAY_TRY(merged.commit());
    }
    return {};
  }

  // What stands behind a trouble that ends the run is left out before anything of it is counted.
  void cut_at_trouble() {
    for (auto each = gathered_.begin(); each != gathered_.end(); ++each) {
      note_trouble(**each);
      if (trouble_) {
        gathered_.erase(std::next(each), gathered_.end());
        return;
      }
    }
  }

  void note_trouble(slot& from) {
    if (from.what == slot::content::failed) {
      summary_.troubles.push_back(from.trouble);
      trouble_ = wanted_.trouble == on_trouble::stop ? std::optional(from.trouble) : std::nullopt;
      return;
    }
    input_run& owner = *from.owner;
    owner.rejects += from.parsed.rejected;
    if (owner.rejects > wanted_.rejects_max && wanted_.trouble == on_trouble::stop) {
      trouble_ = too_many_rejects(owner);
    }
  }

  result<std::vector<store::novelty>> admit() {
    std::vector<store::seen_key> keys;
    for (const std::unique_ptr<slot>& each : gathered_) {
      for (const parsed_event& event : each->parsed.events) {
        if (event.facts.key) {
          keys.push_back({store::key_hash_of(event.facts.key->hash), base::to_us(event.facts.uploaded_at)});
        }
      }
    }
    return duplicates_.admit(keys);
  }

  result<void> apply(slot& from, const std::vector<store::novelty>& verdicts, std::size_t& next_key) {
    input_run& owner = *from.owner;
    if (from.what == slot::content::failed) {
      return {};
    }
    const intake::input_mark& end = from.block.end;
    owner.reached = {end.raw_bytes, end.raw_hash, end.text_bytes, end.lines};
    owner.ended = from.what == slot::content::end_of_input;
    if (touched_.empty() || touched_.back() != &owner) {
      touched_.push_back(&owner);  // blocks of an input come together
    }
    owner.added.received += from.parsed.received;
    auto next_merge = from.parsed.merges.begin();
    for (const parsed_event& event : from.parsed.events) {
      const store::novelty verdict = event.facts.key ? verdicts[next_key++] : store::novelty::kept;
      if (event.facts.kind != record::event_kind::merge) {
        SPILLWAY_TRY(apply_event(from, event, verdict));
      }
      if (event.facts.has_merge) {
        SPILLWAY_TRY(keep_merge(event, verdict, *next_merge++));
      }
    }
    SPILLWAY_TRY(append_lines(from.parsed));
    keep_rejects(owner, from);
    return {};
  }

  // Nothing of an event that is a duplicate. Whether the merge itself is one comes out at the commit.
  result<void> keep_merge(const parsed_event& event, store::novelty verdict, model::merge& record) {
    if (verdict == store::novelty::duplicate) {
      return {};
    }
    auto from = taken_merge::source::line;
    if (event.facts.kind == record::event_kind::merge) {
      projects_.meet(record.organization);
    } else {
      SPILLWAY_TRY_ASSIGN(const model::project* project, projects_.find(event.facts.project));
      record.organization = project->organization;
      from = taken_merge::source::event;
    }
    next_.merges.push_back({from, touched_.size() - 1, record});
    return {};
  }

  result<void> apply_event(slot& from, const parsed_event& event, store::novelty verdict) {
    input_run& owner = *from.owner;
    const store::hour_key key{event.facts.project, model::hour_of(event.facts.uploaded_at)};
    SPILLWAY_TRY_ASSIGN(model::project* project, projects_.find(event.facts.project));
    if (verdict == store::novelty::duplicate) {
      ++owner.added.duplicates;
      ++summary_.hours[key].duplicates;
      return hours_.count_duplicate(key);
    }
    if (event.facts.kind == record::event_kind::applied) {
      ++owner.added.applied;
      next_.applied.push_back(
          {event.facts.project, event.facts.uploaded_at, from.parsed.text.substr(event.begin, event.bytes)});
      return {};
    }
    ++owner.added.stored;
    ++summary_.hours[key].stored;
    projects_.count_event(*project);
    if (!lines_.goes_on_with(key, event)) {
      SPILLWAY_TRY(append_lines(from.parsed));
      lines_.start(key, project->engine, event);
    }
    lines_.add(event);
    return {};
  }

  // Closes the run of lines that is open, if one is.
  result<void> append_lines(const parsed_block& from) {
    if (lines_.line_bytes.empty()) {
      return {};
    }
    const auto text = std::string_view(from.text).substr(lines_.begin, lines_.end - lines_.begin);
    SPILLWAY_TRY(hours_.append(lines_.key, lines_.engine, text, lines_.line_bytes));
    lines_.line_bytes.clear();
    return {};
  }

  void keep_rejects(input_run& owner, slot& from) {
    owner.added.rejected += from.parsed.rejected;
    for (store::reject_row& row : from.parsed.rejects) {
      if (owner.rejects_kept < wanted_.rejects_max) {
        ++owner.rejects_kept;
        row.place = row.place.empty() ? owner.row.name : owner.row.name + "/" + row.place;
        next_.rejects.push_back({touched_.size() - 1, std::move(row)});
      }
    }
  }

  void add_input_changes() {
    for (input_run* each : touched_) {
      next_.inputs.push_back(
          {each->row, each->added, each->reached, each->ended ? store::input_end::finished : store::input_end::open});
      each->added = {};
    }
    under_way_ = std::exchange(touched_, {});
  }

  result<summary> finish() {
    for (input_run& each : queue_.inputs()) {
      each.summary.raw_bytes = each.raw_bytes();
      summary_.inputs.push_back(each.summary);
    }
    for (const std::unique_ptr<worker_tools>& each : tools_) {
      summary_.dropped.add_from(each->reader.dropped());
    }
    summary_.total = total_;
    SPILLWAY_TRY_ASSIGN(summary_.rejects_kept, store::count_rejects(state_));
    return std::move(summary_);
  }

  db::database& state_;
  const settings& wanted_;
  const base::clock& clock_;
  const std::stop_token stop_;
  project_table projects_;
  store::duplicate_index duplicates_;
  store::hour_writer hours_;
  std::vector<std::unique_ptr<worker_tools>> tools_;
  std::vector<std::unique_ptr<slot>> gathered_;  // not in the batch yet
  std::size_t gathered_bytes_ = 0;               // of text
  line_run lines_;                               // of the block that is applied
  batch_changes next_;                           // of the batch, so far
  std::size_t batch_bytes_ = 0;                  // of text in it
  std::vector<input_run*> touched_;              // by it
  std::vector<input_run*> under_way_;            // whose changes are being written
  store::input_counts total_;
  summary summary_;
  std::optional<failure> trouble_;
  bool interrupted_ = false;
  block_queue queue_;
  store::background_checkpoint checkpoint_;
  committer committer_;
  base::thread_pool pool_;  // behind everything that its tasks use: it ends first
};

}  // namespace

result<summary> take_in(store::state_file& state, const settings& wanted, const base::clock& clock,
                        std::stop_token stop, const progress_sink& report) {
  // A connection of its own: the other one is written to by another thread meanwhile.
  SPILLWAY_TRY_ASSIGN(db::database reads, state.open_reader());
  SPILLWAY_TRY_ASSIGN(db::database copies, state.open_copier());
  SPILLWAY_TRY_ASSIGN(project_table projects, project_table::load(reads, wanted.projects));
  SPILLWAY_TRY_ASSIGN(store::duplicate_index duplicates, store::duplicate_index::open(reads, wanted.index));
  run working(state.database(), reads, std::move(copies), wanted, clock, std::move(stop), std::move(projects),
              std::move(duplicates));
  return working.take_in(report);
}

}  // namespace spillway::ingest
