#include "server/scheduling/training_position.h"

#include <gtest/gtest.h>

namespace probesweep::server {
namespace {

constexpr int64_t kNone = -1;

TEST(TrainingPosition, IsReadFromTheNamesThatPublishedCheckpointsHave) {
  const struct {
    const char* name;
    int64_t step;
    int64_t tokens;
  } cases[] = {
      {"step1000", 1000, kNone},
      {"step0", 0, kNone},
      {"Step143000", 143000, kNone},
      {"global_step1000", 1000, kNone},
      {"global_step_1000_hf", 1000, kNone},
      {"checkpoint-500", 500, kNone},
      {"ckpt_358", 358, kNone},
      {"ckpt_000", 0, kNone},
      {"iter_0001000", 1000, kNone},
      {"iteration=7", 7, kNone},
      {"steps_20", 20, kNone},
      {"1000", 1000, kNone},
      {"0001000", 1000, kNone},
      {"step1000-tokens4B", 1000, 4'000'000'000},
      {"step1000-tokens4b", 1000, 4'000'000'000},
      {"stage1-step2k-tokens4.2B", 2000, 4'200'000'000},
      {"stage2-ingredient1-step9000-tokens19B", 9000, 19'000'000'000},
      {"tokens_100M", kNone, 100'000'000},
      {"tokens-1.5T", kNone, 1'500'000'000'000},
      {"pythia-70m-step512", 512, kNone},
      {"step10tokens", 10, kNone},  // the unit is a letter of its own
      {"step12.safetensors", 12, kNone},
  };
  for (const auto& c : cases) {
    const TrainingPosition position = ReadTrainingPosition(c.name);
    EXPECT_EQ(position.step.value_or(kNone), c.step) << c.name;
    EXPECT_EQ(position.tokens.value_or(kNone), c.tokens) << c.name;
  }
}

TEST(TrainingPosition, UnknownNamesGiveNothing) {
  for (const char* name : {"", "main", "final", "pythia-70m", "stepfather", "ministep5", "step", "step-x",
                           "v1.5", "step1.2.3", "step99999999999999999999", "1000x"}) {
    const TrainingPosition position = ReadTrainingPosition(name);
    EXPECT_FALSE(position.step.has_value()) << name;
    EXPECT_FALSE(position.tokens.has_value()) << name;
  }
}

TEST(TrainingPosition, TheLastOfSeveralCountsIsTheOneMeant) {
  EXPECT_EQ(ReadTrainingPosition("step1-of-step30").step, 30);
}

}  // namespace
}  // namespace probesweep::server
