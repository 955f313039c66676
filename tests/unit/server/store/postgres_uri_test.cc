#include "server/store/postgres_uri.h"

#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "server/store/postgres_values.h"
#include "tests/support/status_matchers.h"

namespace probesweep::server {
namespace {

TEST(RedactUri, ShowsEverythingButPasswords) {
  const std::pair<const char*, const char*> cases[] = {
      {"postgresql://host/db", "postgresql://host/db"},
      {"postgresql://user@host:5432/db", "postgresql://user@host:5432/db"},
      {"postgresql://user:pw@host:5432/db", "postgresql://user:***@host:5432/db"},
      {"postgresql://user:p%40w@a:1,b:2/db?target_session_attrs=any",
       "postgresql://user:***@a:1,b:2/db?target_session_attrs=any"},
      {"postgresql://user:p@ss/w?rd@host/db", "postgresql://user:***@host/db"},
      {"postgresql:///db?host=/run/pg&user=me&password=pw&port=1",
       "postgresql:///db?host=/run/pg&user=me&password=***&port=1"},
      {"postgresql:///db?PassWord=pw", "postgresql:///db?PassWord=***"},
      {"postgresql:///db?sslpassword=pw&sslmode=require", "postgresql:///db?sslpassword=***&sslmode=require"},
      {"postgresql://", "postgresql://"},
      {"no uri", "no uri"},
      {"", ""},
  };
  for (const auto& [uri, shown] : cases) EXPECT_EQ(RedactUri(uri), shown);
}

TEST(CheckPostgresUri, TakesWhatLibpqTakes) {
  for (const char* uri :
       {"postgresql://", "postgres://me@host/db", "postgresql://a:1,b:2/db?connect_timeout=3",
        "postgresql:///db?host=/run/postgresql"}) {
    EXPECT_OK(CheckPostgresUri(uri));
  }
}

TEST(CheckPostgresUri, SaysWhatIsWrongAndHowToWriteIt) {
  EXPECT_STATUS(CheckPostgresUri("postgresql://host/db?colour=red"), kInvalidArgument, "colour",
                "postgresql://USER@HOST:PORT/DATABASE");
}

TEST(CheckPostgresUri, NeverShowsAPieceOfAPassword) {
  for (const char* uri : {"postgresql://me:s3cr%zzet@host/db", "postgresql://me:s3c[r@host/db?password=s3c&x",
                          "postgresql://host/db?password=s3c%zz"}) {
    const absl::Status status = CheckPostgresUri(uri);
    EXPECT_STATUS(status, kInvalidArgument, "***");
    EXPECT_FALSE(absl::StrContains(status.message(), "s3c")) << status;
  }
}

TEST(CodeOfSqlState, TellsWhatMayPassFromWhatWillNot) {
  const std::pair<const char*, absl::StatusCode> cases[] = {
      {"40001", absl::StatusCode::kUnavailable},    // serialization_failure
      {"40P01", absl::StatusCode::kUnavailable},    // deadlock_detected
      {"57P01", absl::StatusCode::kUnavailable},    // admin_shutdown
      {"57014", absl::StatusCode::kUnavailable},    // query_canceled
      {"53100", absl::StatusCode::kUnavailable},    // disk_full
      {"08006", absl::StatusCode::kUnavailable},    // connection_failure
      {"25006", absl::StatusCode::kUnavailable},    // read_only_sql_transaction
      {"55P03", absl::StatusCode::kUnavailable},    // lock_not_available
      {"23505", absl::StatusCode::kAlreadyExists},  // unique_violation
      {"23503", absl::StatusCode::kInternal},       // foreign_key_violation
      {"42601", absl::StatusCode::kInternal},       // syntax_error
      {"XX001", absl::StatusCode::kDataLoss},       // data_corrupted
      {"", absl::StatusCode::kInternal},
  };
  for (const auto& [state, code] : cases) EXPECT_EQ(CodeOfSqlState(state), code) << state;
}

}  // namespace
}  // namespace probesweep::server
