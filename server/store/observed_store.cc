#include "server/store/observed_store.h"

#include <utility>

namespace probesweep::server {
namespace {

const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

class ObservedStore : public Store {
 public:
  ObservedStore(std::unique_ptr<Store> store, Clock* clock, StoreObserver observer)
      : store_(std::move(store)), clock_(clock), observer_(std::move(observer)) {}

 private:
  template <typename Operation>
  auto Measure(const char* name, Operation operation) {
    const absl::Duration start = clock_->Steady();
    auto result = operation();
    observer_(name, clock_->Steady() - start, StatusOf(result));
    return result;
  }

 public:
  absl::StatusOr<StoredState> Load() override {
    return Measure("load", [&] { return store_->Load(); });
  }
  absl::Status Commit(const ChangeSet& changes) override {
    return Measure("commit", [&] { return store_->Commit(changes); });
  }
  absl::Status CheckWritable() override {
    return Measure("check", [&] { return store_->CheckWritable(); });
  }
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override {
    return Measure("find", [&] { return store_->ExistingOutcomes(keys); });
  }
  absl::StatusOr<Outcome> ReadOutcome(const std::string& key) override {
    return Measure("read", [&] { return store_->ReadOutcome(key); });
  }
  absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) override {
    return Measure("read", [&] { return store_->ReferencedBlobs(cursor); });
  }

 private:
  const std::unique_ptr<Store> store_;
  Clock* const clock_;
  const StoreObserver observer_;
};

}  // namespace

std::unique_ptr<Store> ObserveStore(std::unique_ptr<Store> store, Clock* clock, StoreObserver observer) {
  return std::make_unique<ObservedStore>(std::move(store), clock, std::move(observer));
}

}  // namespace probesweep::server
