// GoogleTest helpers for absl::Status (absl 20220623 ships none).
#ifndef PROBESWEEP_TESTS_SUPPORT_STATUS_MATCHERS_H_
#define PROBESWEEP_TESTS_SUPPORT_STATUS_MATCHERS_H_

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace probesweep::testing {

inline const absl::Status& StatusOf(const absl::Status& status) { return status; }
template <typename T>
const absl::Status& StatusOf(const absl::StatusOr<T>& result) {
  return result.status();
}

// OK when `status` has the code and its message contains every one of `parts`.
::testing::AssertionResult StatusIs(const absl::Status& status, absl::StatusCode code,
                                    const std::vector<std::string>& parts);

}  // namespace probesweep::testing

#define EXPECT_OK(expr) EXPECT_TRUE(::probesweep::testing::StatusOf(expr).ok()) << ::probesweep::testing::StatusOf(expr)
#define ASSERT_OK(expr)                                                           \
  do {                                                                            \
    const auto& ps_checked = (expr);                                              \
    ASSERT_TRUE(::probesweep::testing::StatusOf(ps_checked).ok())                 \
        << ::probesweep::testing::StatusOf(ps_checked);                           \
  } while (false)
// ASSERT_OK_AND_ASSIGN(auto value, Compute());
#define ASSERT_OK_AND_ASSIGN(lhs, expr) \
  ASSERT_OK_AND_ASSIGN_IMPL(PS_TEST_CONCAT(ps_result_, __LINE__), lhs, expr)
#define PS_TEST_CONCAT_INNER(a, b) a##b
#define PS_TEST_CONCAT(a, b) PS_TEST_CONCAT_INNER(a, b)
#define ASSERT_OK_AND_ASSIGN_IMPL(result, lhs, expr) \
  auto result = (expr);                              \
  ASSERT_TRUE(result.ok()) << result.status();       \
  lhs = *std::move(result)
// EXPECT_STATUS(expr, kInvalidArgument, "part", "another part"): the code, and every part in the message.
#define EXPECT_STATUS(expr, code, ...)                                                          \
  EXPECT_TRUE(::probesweep::testing::StatusIs(::probesweep::testing::StatusOf(expr), absl::StatusCode::code, \
                                              {__VA_ARGS__}))

#endif  // PROBESWEEP_TESTS_SUPPORT_STATUS_MATCHERS_H_
