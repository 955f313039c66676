#include "server/store/open_store.h"

#include <unistd.h>

#include <filesystem>
#include <functional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/file.h"
#include "common/status.h"
#include "server/store/leadership.h"
#include "server/store/migrations.h"
#include "server/store/postgres_database.h"
#include "server/store/postgres_uri.h"
#include "server/store/process_mark.h"
#include "server/store/sql_blobs.h"
#include "server/store/sqlite_database.h"

namespace probesweep::server {
namespace {

constexpr char kSqliteScheme[] = "sqlite://";

using OpenDatabase = std::function<absl::StatusOr<std::unique_ptr<Database>>()>;

absl::Status NotWritable(const std::string& path, const absl::Status& why) {
  return absl::FailedPreconditionError(absl::StrCat(
      "cannot keep the store in ", path, ": ", why.message(),
      "; give the coordinator's user write access, or choose another place with --data or --store"));
}

// Who leads, for people: "host:process".
std::string Holder() {
  char host[256] = "";
  if (::gethostname(host, sizeof host - 1) != 0) host[0] = '\0';
  return absl::StrCat(host, ":", ::getpid());
}

// `name` is how messages call it.
absl::StatusOr<std::unique_ptr<SqlStore>> Open(const OpenDatabase& open_database, const std::string& name,
                                               std::unique_ptr<FileLock> lock, Clock* clock) {
  SqlStore::Parts parts;
  parts.lock = std::move(lock);
  PS_ASSIGN_OR_RETURN(parts.writer, open_database());
  PS_RETURN_IF_ERROR(Annotate(Migrate(*parts.writer), absl::StrCat("opening the store ", name)));
  PS_ASSIGN_OR_RETURN(parts.identity, ReadOrMakeIdentity(*parts.writer, *RandomSource::System()));
  PS_ASSIGN_OR_RETURN(parts.reader, open_database());
  PS_ASSIGN_OR_RETURN(std::unique_ptr<Database> election, open_database());
  LeadershipOptions options;
  options.process = ThisProcessMark();
  options.has_ended = HasEnded;
  parts.leadership = std::make_unique<Leadership>(std::move(election), Holder(), clock, options);
  return std::make_unique<SqlStore>(std::move(parts), clock);
}

absl::StatusOr<std::unique_ptr<SqlStore>> OpenFile(const std::string& path, Clock* clock) {
  const absl::Status made = MakeFolders(std::filesystem::path(path).parent_path().string());
  if (!made.ok()) return NotWritable(path, made);
  absl::StatusOr<std::unique_ptr<FileLock>> lock = FileLock::Acquire(path + ".lock");
  if (absl::IsFailedPrecondition(lock.status())) return lock.status();
  if (!lock.ok()) return NotWritable(path, lock.status());
  PS_ASSIGN_OR_RETURN(std::unique_ptr<SqlStore> store,
                      Open([&path] { return OpenSqlite(path); }, path, *std::move(lock), clock));
  // The file's lock keeps others away: who led before is gone.
  PS_RETURN_IF_ERROR(Annotate(store->leadership().Lead(), absl::StrCat("opening the store ", path)));
  return store;
}

}  // namespace

absl::StatusOr<std::unique_ptr<SqlStore>> OpenStore(const std::string& uri, Clock* clock) {
  if (IsPostgresUri(uri)) return Open([&uri] { return OpenPostgres(uri); }, RedactUri(uri), nullptr, clock);
  const std::string path = absl::StartsWith(uri, kSqliteScheme) ? uri.substr(sizeof kSqliteScheme - 1) : "";
  if (path.empty() || path.front() != '/' || path.back() == '/') {
    return absl::InvalidArgumentError(
        absl::StrCat("--store '", RedactUri(uri),
                     "' is not understood; write sqlite:///absolute/path/to/probesweep.db or "
                     "postgresql://USER@HOST:PORT/DATABASE"));
  }
  return OpenFile(path, clock);
}

}  // namespace probesweep::server
