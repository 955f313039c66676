#include "worker/engine/probing_pass.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "common/status.h"
#include "common/version.h"
#include "worker/engine/process_memory.h"
#include "worker/engine/tokenizer_digest.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {

class ProbingPass::Stage {
 public:
  Stage(Clock& clock, absl::Duration& total) : clock_(clock), total_(total), start_(clock.Steady()) {}
  ~Stage() { total_ += clock_.Steady() - start_; }
  Stage(const Stage&) = delete;
  Stage& operator=(const Stage&) = delete;

 private:
  Clock& clock_;
  absl::Duration& total_;
  const absl::Duration start_;
};

absl::StatusOr<PassStatistics> ProbingPass::Run() {
  PS_RETURN_IF_ERROR(Open());
  PS_RETURN_IF_ERROR(Prepare());
  if (!tasks_.empty()) {
    const int64_t layers = checkpoint_.model->layers();
    for (int64_t layer = 0; layer < layers; ++layer) {
      // Layers may be quicker than the questions asked within one.
      if (Poll()) return absl::CancelledError("the pass was cancelled");
      PS_RETURN_IF_ERROR(RunLayer(layer));
      observer_.OnProgress(static_cast<int>(layer) + 1, static_cast<int>(layers));
    }
    PS_RETURN_IF_ERROR(AwaitAnalysis(0));
    PS_RETURN_IF_ERROR(Report());
    statistics_.forward = executor_->busy();
    statistics_.read = executor_->reading();
  }
  statistics_.bytes_read = checkpoint_.weights->bytes_read();
  return statistics_;
}

bool ProbingPass::Poll() {
  const int64_t steps = steps_.load(std::memory_order_relaxed);
  if (std::exchange(steps_told_, steps) != steps) observer_.OnStep();
  if (observer_.Cancelled()) cancelled_.store(true, std::memory_order_relaxed);
  return cancelled_.load(std::memory_order_relaxed);
}

absl::Status ProbingPass::Step() {
  CountStep();
  if (cancelled_.load(std::memory_order_relaxed)) return absl::CancelledError("the pass was cancelled");
  return absl::OkStatus();
}

absl::Status ProbingPass::Open() {
  const Stage stage(clock_, statistics_.load);
  PS_ASSIGN_OR_RETURN(checkpoint_, OpenCheckpoint(request_.checkpoint_path));
  observer_.OnProgress(0, static_cast<int>(checkpoint_.model->layers()));
  return absl::OkStatus();
}

absl::Status ProbingPass::Prepare() {
  const Model& model = *checkpoint_.model;
  const PackOptions pack_options = PackOptionsFor(model);
  std::vector<Pack> packs;
  {
    const Stage stage(clock_, statistics_.tokenize);
    PS_ASSIGN_OR_RETURN(const std::unique_ptr<Tokenizer> tokenizer,
                        Tokenizer::Open(request_.checkpoint_path));
    PS_ASSIGN_OR_RETURN(tokenizer_digest_, TokenizerDigest(request_.checkpoint_path));
    for (int index = 0; index < static_cast<int>(request_.dimensions.size()); ++index) {
      if (Poll()) return absl::CancelledError("the pass was cancelled");
      auto task = DimensionTask::Create(request_, index, surfaces_, [this] {
        Poll();
        return Step();
      });
      CountStep();
      if (absl::IsCancelled(task.status())) return task.status();
      if (!task.ok()) {
        observer_.OnDimension(index, task.status());
        continue;
      }
      if (const absl::Status expected = (*task)->Expect(model); !expected.ok()) {
        observer_.OnDimension(index, expected);
        continue;
      }
      const auto ids = (*task)->Tokenize(*tokenizer, model, pool_.threads(), [this] {
        CountStep();
        return Poll();
      });
      if (absl::IsCancelled(ids.status())) return ids.status();
      if (!ids.ok()) {
        observer_.OnDimension(index, ids.status());
        continue;
      }
      packs.push_back(BuildPack(*ids, pack_options));
      planned_.push_back(
          DescribeDimension(request_.dimensions[static_cast<size_t>(index)].name, *ids, packs.back()));
      statistics_.statements += (*task)->statements();
      statistics_.tokens += packs.back().rows();
      tasks_.push_back(*std::move(task));
    }
  }
  if (packs.empty()) return absl::OkStatus();
  Plan();
  const Stage stage(clock_, statistics_.load);
  PS_ASSIGN_OR_RETURN(executor_,
                      LayerwiseExecutor::Start(model, *checkpoint_.weights, std::move(packs),
                                               {LastBlockRows::kLastTokens, LoadAhead::kOne}, &pool_));
  CountStep();
  return absl::OkStatus();
}

void ProbingPass::Plan() {
  // Without the checkpoint's part there is no plan, and the pass goes on: it is for the log alone.
  absl::StatusOr<PlanInput> input = DescribeCheckpoint(checkpoint_, request_.checkpoint_path);
  if (!input.ok()) return;
  input->dimensions = std::move(planned_);
  input->analysis = request_.analysis;
  input->threads = pool_.threads();
  input->process_bytes = ResidentBytes();
  statistics_.plan = PlanPass(*input);
}

absl::Status ProbingPass::RunLayer(int64_t layer) {
  {
    const Stage stage(clock_, statistics_.load);
    PS_RETURN_IF_ERROR(executor_->LoadNextBlock());
    CountStep();
  }
  if (Poll()) return absl::CancelledError("the pass was cancelled");
  PS_RETURN_IF_ERROR(executor_->RunBlock([this] { return Poll(); }));
  // Layer 0 is what the others are compared with, so they wait for it. Two layers under way keep all cores
  // busy while one of them works on the largest dataset.
  PS_RETURN_IF_ERROR(AwaitAnalysis(layer == 1 ? 0 : 1));
  StartAnalysis(layer);
  return absl::OkStatus();
}

void ProbingPass::StartAnalysis(int64_t layer) {
  // The longest first: nobody then waits for one job at the end.
  std::vector<size_t> places(tasks_.size());
  std::iota(places.begin(), places.end(), 0);
  std::stable_sort(places.begin(), places.end(),
                   [this](size_t a, size_t b) { return tasks_[a]->statements() > tasks_[b]->statements(); });
  auto jobs = std::make_unique<JobGroup>(&pool_);
  for (const size_t place : places) {
    jobs->Run([this, task = tasks_[place].get(), layer, representations = executor_->Representations(place)] {
      task->AnalyseLayer(layer, representations, [this] { return Step(); });
      return absl::OkStatus();
    });
  }
  analyses_.push_back(std::move(jobs));
}

absl::Status ProbingPass::AwaitAnalysis(size_t layers) {
  while (analyses_.size() > layers) {
    PS_RETURN_IF_ERROR(analyses_.front()->Wait([this] { return Poll(); }));
    statistics_.analyse += analyses_.front()->busy();
    analyses_.pop_front();
  }
  return absl::OkStatus();
}

absl::Status ProbingPass::Report() {
  const std::string digest = checkpoint_.weights->ContentDigest();
  for (const std::unique_ptr<DimensionTask>& task : tasks_) {
    if (Poll()) return absl::CancelledError("the pass was cancelled");
    observer_.OnDimension(task->index(), task->Finish(digest, ProvenanceOf(*task)));
  }
  return absl::OkStatus();
}

Provenance ProbingPass::ProvenanceOf(const DimensionTask& task) const {
  Provenance provenance;
  provenance.tokenizer_digest = tokenizer_digest_;
  provenance.dataset_digest = request_.dimensions[static_cast<size_t>(task.index())].dataset_digest;
  provenance.configuration = request_.analysis.Canonical();
  provenance.engine_version = EngineVersion();
  provenance.device = device_;
  provenance.dtype = dtype_;
  return provenance;
}

}  // namespace probesweep::worker
