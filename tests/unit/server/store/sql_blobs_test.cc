#include "server/store/sql_blobs.h"

#include <gtest/gtest.h>

#include "common/digest.h"
#include "server/store/sqlite_database.h"
#include "server/store/sweep_json.h"
#include "tests/support/sample_sweeps.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_data.h"

namespace probesweep::server {
namespace {

// Whoever asks again after an error misses nothing, and nothing that is read for the error is skipped.
TEST(ReferencedBlobs, APageThatBreaksOffIsReadAgainFromWhereItBegan) {
  const testing::TempDir folder;
  ASSERT_OK_AND_ASSIGN(const auto database, OpenSqlite(folder.File("store.db")));
  ASSERT_OK(database->Execute("CREATE TABLE sweeps (sequence INTEGER PRIMARY KEY, spec TEXT)"));
  ASSERT_OK(database->Execute("CREATE TABLE artifacts (reuse_key TEXT, position INTEGER, digest TEXT)"));
  const std::string insert = "INSERT INTO sweeps (sequence, spec) VALUES ($1, $2)";
  ASSERT_OK(database->Execute(insert, {int64_t{1}, SpecToJson(testing::SampleSpec({"truth"}))}));
  ASSERT_OK(database->Execute(insert, {int64_t{2}, std::string("damaged")}));
  BlobCursor cursor;
  EXPECT_STATUS(ReadReferencedBlobs(*database, cursor), kDataLoss, "sweep");
  ASSERT_OK(database->Execute("UPDATE sweeps SET spec = $1 WHERE sequence = 2",
                              {SpecToJson(testing::SampleSpec({"privacy"}))}));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> page, ReadReferencedBlobs(*database, cursor));
  EXPECT_EQ(page, (std::vector<std::string>{Sha256Hex("truth"), Sha256Hex("privacy")}));
  ASSERT_OK_AND_ASSIGN(const std::vector<std::string> end, ReadReferencedBlobs(*database, cursor));
  EXPECT_TRUE(end.empty());
}

}  // namespace
}  // namespace probesweep::server
