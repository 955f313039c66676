#include "tests/simulation/operator_process.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "tests/support/sample_sweeps.h"

namespace probesweep::simulation {
namespace {

constexpr absl::Duration kCallTimeout = absl::Seconds(10);

}  // namespace

OperatorProcess::OperatorProcess(Timeline* timeline, SimRandom* random, Network* network, int sweeps)
    : Process("operator", timeline), random_(random), network_(network) {
  for (int i = 0; i < sweeps; ++i) {
    Job job;
    job.request_id = absl::StrCat("request-", i);
    job.spec = testing::SampleSpec();
    job.spec.model = absl::StrCat("model-", random_->Below(2));
    job.spec.priority = static_cast<server::Priority>(1 + random_->Below(3));
    job.spec.weight = 1 + static_cast<double>(random_->Below(3));
    // Sweeps of one model share their first checkpoints, so that results are reused while they run.
    job.plan = testing::SamplePlan(1 + static_cast<int>(random_->Below(15)));
    job.cancel = random_->Chance(0.15);
    jobs_.push_back(job);
    if (random_->Chance(0.3)) jobs_.push_back(job);  // submitted twice: must be one sweep
  }
}

void OperatorProcess::OnStart() {
  for (size_t job = 0; job < jobs_.size(); ++job) {
    After(random_->Between(absl::ZeroDuration(), absl::Minutes(8)), [this, job] { Submit(job); });
  }
}

bool OperatorProcess::finished() const {
  return std::all_of(jobs_.begin(), jobs_.end(), [](const Job& job) { return job.ended; });
}

void OperatorProcess::Submit(size_t job) {
  const Job& asked = jobs_[job];
  network_->Call<server::SweepView>(
      this, kCallTimeout,
      [asked](server::CoordinatorCore& core, server::Reply<server::SweepView> reply) {
        core.CreateSweep(asked.request_id, asked.spec, asked.plan, std::move(reply));
      },
      [this, job](const absl::StatusOr<server::SweepView>& view) {
        if (!view.ok()) return After(absl::Seconds(2), [this, job] { Submit(job); });
        jobs_[job].sweep_id = view->sweep->id;
        if (jobs_[job].cancel) {
          After(random_->Between(absl::Seconds(1), absl::Minutes(3)),
                [this, job] { Ask(job, &server::CoordinatorCore::CancelSweep); });
        } else {
          Look(job);
        }
      });
}

void OperatorProcess::Look(size_t job) { Ask(job, &server::CoordinatorCore::GetSweep); }

void OperatorProcess::Ask(size_t job, Request request) {
  network_->Call<server::SweepView>(
      this, kCallTimeout,
      [id = jobs_[job].sweep_id, request](server::CoordinatorCore& core,
                                          server::Reply<server::SweepView> reply) {
        (core.*request)(id, std::move(reply));
      },
      [this, job](const absl::StatusOr<server::SweepView>& view) { OnView(job, view); });
}

void OperatorProcess::OnView(size_t job, const absl::StatusOr<server::SweepView>& view) {
  if (view.ok() && view->state() == server::SweepState::kFailed) {
    return After(absl::Minutes(1), [this, job] { Ask(job, &server::CoordinatorCore::RetrySweep); });
  }
  const bool running = !view.ok() || view->state() == server::SweepState::kRunning;
  if (running) return After(absl::Seconds(20), [this, job] { Look(job); });
  jobs_[job].ended = true;
}

}  // namespace probesweep::simulation
