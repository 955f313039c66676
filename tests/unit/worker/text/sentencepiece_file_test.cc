#include "worker/text/sentencepiece_file.h"

#include <gtest/gtest.h>

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tests/support/status_matchers.h"
#include "worker/text/sentencepiece_tokenizer.h"

namespace probesweep::worker {
namespace {

// A length-delimited field. Lengths here have one byte, or two.
std::string Bytes(char number, const std::string& value) {
  std::string field(1, static_cast<char>(number << 3 | 2));
  if (value.size() >= 128) field += static_cast<char>(0x80 | (value.size() & 0x7F));
  field += static_cast<char>(value.size() >= 128 ? value.size() >> 7 : value.size());
  return field + value;
}

std::string Number(char number, char value) { return {static_cast<char>(number << 3), value}; }

std::string Piece(const std::string& text, const std::string& more = "") {
  return Bytes(1, Bytes(1, text) + more);
}

const char kBpe = 2;
std::string Trainer(char model_type = kBpe) { return Bytes(2, Number(3, model_type)); }
std::string Normalizer() { return Bytes(3, Number(3, 1) + Number(4, 0)); }

TEST(SentencePieceFileTest, ReadsWhatDecidesIds) {
  const std::string score("\x15\x00\x00\x80\xBF", 5);  // −1
  const std::string bytes = Piece("<unk>", Number(3, 2)) + Piece("ab", score) + Trainer() +
                            Bytes(3, Bytes(2, "map") + Number(3, 0) + Number(5, 0));
  ASSERT_OK_AND_ASSIGN(const SentencePieceFile file, ParseSentencePiece(bytes, "t"));
  ASSERT_EQ(file.pieces.size(), 2u);
  EXPECT_EQ(file.pieces[0].type, SentencePieceFile::kUnknown);
  EXPECT_EQ(file.pieces[1].text, "ab");
  EXPECT_EQ(file.pieces[1].score, -1.0f);
  EXPECT_EQ(file.pieces[1].type, SentencePieceFile::kNormal);
  EXPECT_EQ(file.model_type, SentencePieceFile::kBpe);
  EXPECT_TRUE(file.has_character_map);
  EXPECT_FALSE(file.add_dummy_prefix);
  EXPECT_TRUE(file.remove_extra_whitespaces) << "the default";
  EXPECT_FALSE(file.escape_whitespaces);
}

TEST(SentencePieceFileTest, DamagedFilesAreRefused) {
  const std::string nan("\x15\x00\x00\xC0\x7F", 5);
  const std::vector<std::pair<std::string, const char*>> cases = {
      {"", "no pieces"},
      {Trainer(), "no pieces"},
      {"text, not a model", "cut off"},
      {std::string("PK\x03\x04\x00\x00", 6), "cut off"},
      {Piece("a").substr(0, 4), "cut off"},
      {"\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\x7F", "cut off"},
      {std::string(20, '\xFF'), "cut off"},
      {Piece("a") + Piece(""), "piece 1 is empty"},
      {Piece("a") + Piece("a"), "piece 1 (\"a\") is there twice"},
      {Piece("\xFF"), "piece 0 is not UTF-8"},
      {Piece("a", nan), "no finite score"},
      {Piece(std::string(600, 'a')), "more than 512 bytes"}};
  for (const auto& [bytes, reason] : cases) {
    EXPECT_STATUS(ParseSentencePiece(bytes, "dir/tokenizer.model"), kInvalidArgument, "dir/tokenizer.model",
                  reason, "copy it again");
  }
}

TEST(SentencePieceFileTest, ChangedBytesNeverCrash) {
  const std::string good = Piece("<unk>", Number(3, 2)) + Piece("<s>", Number(3, 3)) + Piece("a") +
                           Piece("b") + Piece("ab") + Trainer() + Normalizer();
  std::mt19937 random(3);
  int read = 0;
  constexpr int kRounds = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    std::string bytes = good;
    bytes[random() % bytes.size()] = static_cast<char>(random());
    if (round % 3 == 0) bytes.resize(random() % bytes.size());
    const auto file = ParseSentencePiece(bytes, "t");
    if (!file.ok()) continue;
    ++read;
    SentencePieceTokenizer(*file, TokenizerConfig(), "t").IgnoreError();
  }
  EXPECT_GT(read, 0);
  EXPECT_LT(read, kRounds);
}

TEST(SentencePieceTokenizerTest, NamesWhatIsNotImplemented) {
  const auto make = [](const std::string& rest) {
    const std::string bytes = Piece("<s>", Number(3, 3)) + rest;
    const auto file = ParseSentencePiece(bytes, "t");
    EXPECT_OK(file);
    return SentencePieceTokenizer(*file, TokenizerConfig(), "dir/tokenizer.model").status();
  };
  EXPECT_OK(make(Trainer() + Normalizer()));
  EXPECT_STATUS(make(Trainer(1) + Normalizer()), kUnimplemented, "dir/tokenizer.model", "Unigram");
  EXPECT_STATUS(make(Normalizer()), kUnimplemented, "Unigram");
  EXPECT_STATUS(make(Trainer(4) + Normalizer()), kUnimplemented, "other than BPE");
  EXPECT_STATUS(make(Trainer()), kUnimplemented, "remove_extra_whitespaces");
  EXPECT_STATUS(make(Trainer() + Bytes(3, Number(4, 0) + Bytes(2, "map"))), kUnimplemented, "table");
}

TEST(SentencePieceTokenizerTest, OfTheWaysToMakeAPieceTheLongerLeftSideGoesFirst) {
  const std::string bytes =
      Piece("<s>", Number(3, 3)) + Piece("a") + Piece("aa") + Piece("aaa") + Trainer() + Normalizer();
  ASSERT_OK_AND_ASSIGN(const SentencePieceFile file, ParseSentencePiece(bytes, "t"));
  ASSERT_OK_AND_ASSIGN(const TokenizerSource source, SentencePieceTokenizer(file, TokenizerConfig(), "t"));
  std::vector<std::string> merges;
  ASSERT_OK(source.merges.ForEach([&merges](absl::string_view left, absl::string_view right) {
    merges.push_back(absl::StrCat(left, " ", right));
    return absl::OkStatus();
  }));
  EXPECT_EQ(merges, (std::vector<std::string>{"aa a", "a aa", "a a"}));
}

TEST(SentencePieceTokenizerTest, RefusesWhatWouldTakeManyTimesTheFile) {
  const auto make = [](const std::string& rest) {
    const std::string bytes = Piece("<s>", Number(3, 3)) + rest + Trainer() + Normalizer();
    const auto file = ParseSentencePiece(bytes, "t");
    EXPECT_OK(file);
    return SentencePieceTokenizer(*file, TokenizerConfig(), "dir/tokenizer.model").status();
  };
  std::string some, many;
  for (size_t length = 1; length <= 512; ++length) {
    (length <= 64 ? some : many) += Piece(std::string(length, 'a'));
  }
  EXPECT_OK(make(some));
  EXPECT_STATUS(make(some + many), kUnimplemented, "dir/tokenizer.model", "more than 8 merges");
  std::string controls;
  for (int i = 0; i < 8191; ++i) controls += Piece(absl::StrCat("<", i, ">"), Number(3, 3));
  EXPECT_OK(make(controls));
  EXPECT_STATUS(make(controls + Piece("<x>", Number(3, 3))), kUnimplemented, "more than 8192 control pieces");
}

TEST(SentencePieceFileTest, RefusesMorePiecesThanAnyFileHas) {
  std::string bytes;
  for (int i = 0; i < (1 << 20) + 1; ++i) bytes += Piece(absl::StrCat(i));
  EXPECT_STATUS(ParseSentencePiece(bytes, "t"), kInvalidArgument, "more than 1048576 pieces");
}

}  // namespace
}  // namespace probesweep::worker
