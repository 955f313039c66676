#include "client/cli/interruption.h"

#include <gtest/gtest.h>
#include <signal.h>

#include "absl/synchronization/notification.h"
#include "absl/time/time.h"

namespace probesweep::client {
namespace {

constexpr absl::Duration kSoon = absl::Seconds(10);

TEST(InterruptionTest, ASignalIsKeptAndAnswered) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    absl::Notification answered;
    Interruption interruption;
    EXPECT_FALSE(interruption.Came());
    interruption.Then([&] { answered.Notify(); });
    ASSERT_EQ(::raise(signal), 0);
    EXPECT_TRUE(interruption.Came());
    EXPECT_TRUE(answered.WaitForNotificationWithTimeout(kSoon)) << signal;
  }
}

TEST(InterruptionTest, ASignalThatCameBeforeIsAnsweredAtOnce) {
  absl::Notification answered;
  Interruption interruption;
  ASSERT_EQ(::raise(SIGINT), 0);
  interruption.Then([&] { answered.Notify(); });
  EXPECT_TRUE(answered.WaitForNotificationWithTimeout(kSoon));
}

TEST(InterruptionTest, WithoutASignalNothingIsRun) {
  bool ran = false;
  {
    Interruption interruption;
    interruption.Then([&] { ran = true; });
  }
  EXPECT_FALSE(ran);
}

TEST(InterruptionTest, AnIgnoredSignalStaysIgnored) {
  const auto before = ::signal(SIGHUP, SIG_IGN);
  {
    const Interruption interruption;
    ASSERT_EQ(::raise(SIGHUP), 0);
    EXPECT_FALSE(interruption.Came());
  }
  ::signal(SIGHUP, before);
}

TEST(InterruptionDeathTest, TheSecondSignalEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto twice = [] {
    const Interruption interruption;
    ::raise(SIGINT);
    ::raise(SIGINT);
  };
  EXPECT_EXIT(twice(), ::testing::KilledBySignal(SIGINT), "");
}

TEST(InterruptionDeathTest, AfterItsLifeASignalEndsTheProcess) {
  ::testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto afterwards = [] {
    { const Interruption interruption; }
    ::raise(SIGTERM);
  };
  EXPECT_EXIT(afterwards(), ::testing::KilledBySignal(SIGTERM), "");
}

}  // namespace
}  // namespace probesweep::client
