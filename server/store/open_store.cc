#include "server/store/open_store.h"

#include <filesystem>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "server/store/sql_store.h"
#include "server/store/sqlite_database.h"

namespace probesweep::server {
namespace {

constexpr char kSqliteScheme[] = "sqlite://";

// A store that also holds what must live as long as it does.
class LockedStore : public Store {
 public:
  LockedStore(std::unique_ptr<FileLock> lock, std::unique_ptr<Store> store)
      : lock_(std::move(lock)), store_(std::move(store)) {}
  absl::StatusOr<StoredState> Load() override { return store_->Load(); }
  absl::Status Commit(const ChangeSet& changes) override { return store_->Commit(changes); }
  absl::Status CheckWritable() override { return store_->CheckWritable(); }
  absl::StatusOr<std::map<std::string, std::string>> ExistingOutcomes(
      const std::vector<std::string>& keys) override {
    return store_->ExistingOutcomes(keys);
  }
  absl::StatusOr<Outcome> ReadOutcome(const std::string& key) override { return store_->ReadOutcome(key); }

 private:
  const std::unique_ptr<FileLock> lock_;  // outlives the store
  const std::unique_ptr<Store> store_;
};

absl::Status NotWritable(const std::string& path, const absl::Status& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot keep the store in ", path, ": ", why.message(),
      "; give the coordinator's user write access, or choose another place with --data or --store"));
}

}  // namespace

absl::StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& uri, Clock* clock) {
  const std::string path = absl::StartsWith(uri, kSqliteScheme) ? uri.substr(sizeof kSqliteScheme - 1) : "";
  if (path.empty() || path.front() != '/' || path.back() == '/') {
    return absl::InvalidArgumentError(absl::StrCat(
        "--store '", uri, "' is not understood; write sqlite:///absolute/path/to/probesweep.db"));
  }
  const absl::Status made = MakeFolders(std::filesystem::path(path).parent_path().string());
  if (!made.ok()) return NotWritable(path, made);
  absl::StatusOr<std::unique_ptr<FileLock>> lock = FileLock::Acquire(path + ".lock");
  if (absl::IsFailedPrecondition(lock.status())) return lock.status();
  if (!lock.ok()) return NotWritable(path, lock.status());
  PS_ASSIGN_OR_RETURN(std::unique_ptr<Database> writer, OpenSqlite(path));
  PS_ASSIGN_OR_RETURN(std::unique_ptr<Database> reader, OpenSqlite(path));
  absl::StatusOr<std::unique_ptr<SqlStore>> store =
      SqlStore::Open(std::move(writer), std::move(reader), clock);
  if (!store.ok()) return Annotate(store.status(), absl::StrCat("opening the store ", path));
  return std::unique_ptr<Store>(std::make_unique<LockedStore>(*std::move(lock), *std::move(store)));
}

}  // namespace probesweep::server
