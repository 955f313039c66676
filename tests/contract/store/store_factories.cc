#include "common/status.h"
#include "server/store/open_store.h"
#include "tests/contract/store/postgres_fixture.h"
#include "tests/contract/store/store_contract.h"
#include "tests/support/memory_store.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

class SqlitePlace : public StorePlace {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    return OpenStore("sqlite://" + folder_.File("store.db"), clock);
  }

 private:
  testing::TempDir folder_;
};

class PostgresPlace : public StorePlace {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock* clock) override {
    PS_ASSIGN_OR_RETURN(std::unique_ptr<SqlStore> store, OpenStore(uri_, clock));
    PS_RETURN_IF_ERROR(store->leadership().Lead());
    return store;
  }

 private:
  const std::string uri_ = SharedPostgres().MakeDatabase();
};

// Hands out handles on one store that stays.
class MemoryPlace : public StorePlace {
 public:
  absl::StatusOr<std::unique_ptr<Store>> Open(Clock*) override { return std::make_unique<Handle>(&store_); }

 private:
  class Handle : public Store {
   public:
    explicit Handle(Store* store) : store_(store) {}
    absl::StatusOr<StoredState> Load() override { return store_->Load(); }
    absl::Status Commit(const ChangeSet& changes) override { return store_->Commit(changes); }
    absl::Status CheckWritable() override { return store_->CheckWritable(); }
    absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
        const std::vector<std::string>& keys) override {
      return store_->ExistingOutcomes(keys);
    }
    absl::StatusOr<Outcome> ReadOutcome(const std::string& key) override { return store_->ReadOutcome(key); }
    absl::StatusOr<std::vector<std::string>> ReferencedBlobs(BlobCursor& cursor) override {
      return store_->ReferencedBlobs(cursor);
    }

   private:
    Store* const store_;
  };

  testing::MemoryStore store_;
};

}  // namespace

const std::vector<StoreFactory>& StoreFactories() {
  static const auto* const factories = new std::vector<StoreFactory>{
      {"Sqlite", [] { return std::make_unique<SqlitePlace>(); }},
      {"Postgres", [] { return std::make_unique<PostgresPlace>(); }},
      // The tests' own: it stands in for the others only as long as it behaves like them.
      {"Memory", [] { return std::make_unique<MemoryPlace>(); }},
  };
  return *factories;
}

}  // namespace probesweep::server
