#include "dataset/csv.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/support/status_matchers.h"

namespace probesweep {
namespace {

using ::testing::ElementsAre;

struct Case {
  const char* intent;
  const char* text;
  std::vector<std::vector<std::string>> records;
};

TEST(ParseCsvTest, ReadsWhatSpreadsheetsAndPandasWrite) {
  const std::vector<Case> cases = {
      {"an empty text has no records", "", {}},
      {"the last line break may be missing", "a,b\nc,d", {{"a", "b"}, {"c", "d"}}},
      {"CRLF ends a line", "a,b\r\nc,d\r\n", {{"a", "b"}, {"c", "d"}}},
      {"CR ends a line", "a,b\rc,d\r", {{"a", "b"}, {"c", "d"}}},
      {"a byte order mark is dropped",
       "\xEF\xBB\xBF"
       "a,b\n",
       {{"a", "b"}}},
      {"a byte order mark before a quote is dropped",
       "\xEF\xBB\xBF"
       "\"a\",b\n",
       {{"a", "b"}}},
      {"commas in quotes are text", "\"a,b\",c\n", {{"a,b", "c"}}},
      {"two quotes in quotes are one", "\"say \"\"a\"\"\",b\n", {{"say \"a\"", "b"}}},
      {"line breaks in quotes are text, as they came", "\"a\nb\r\nc\rd\",e\n", {{"a\nb\r\nc\rd", "e"}}},
      {"a quoted field may be empty", "\"\",a\n", {{"", "a"}}},
      {"quoted quotes alone", "\"\"\"\"\n", {{"\""}}},
      {"a quote inside an unquoted field is text", "a\"b\",c\n", {{"a\"b\"", "c"}}},
      {"a quote behind a space is text", " \"a\",b\n", {{" \"a\"", "b"}}},
      {"tabs, spaces and escapes stay", " a\tb _x000D_ ,\tc\n", {{" a\tb _x000D_ ", "\tc"}}},
      {"fields may be empty", ",a,\n", {{"", "a", ""}}},
      {"the last field may be empty at the end of the text", "a,", {{"a", ""}}},
      {"blank lines are passed over", "\na,b\n \t\n\r\nc,d\n  ", {{"a", "b"}, {"c", "d"}}},
      {"a quoted blank is a record", "\" \"\n", {{" "}}},
      {"bytes that are not UTF-8 stay", "\xFF\x80,b\n", {{"\xFF\x80", "b"}}},
  };
  for (const Case& c : cases) {
    SCOPED_TRACE(c.intent);
    const auto records = ParseCsv(c.text);
    ASSERT_OK(records);
    std::vector<std::vector<std::string>> fields;
    for (const CsvRecord& record : *records) fields.push_back(record.fields);
    EXPECT_EQ(fields, c.records);
  }
}

TEST(ParseCsvTest, KeepsNulBytes) {
  ASSERT_OK_AND_ASSIGN(const auto records, ParseCsv(absl::string_view("a\0b,c\n", 6)));
  ASSERT_EQ(records.size(), 1u);
  EXPECT_EQ(records[0].fields[0], std::string("a\0b", 3));
}

TEST(ParseCsvTest, CountsLinesInsideQuotesAndBlankOnes) {
  ASSERT_OK_AND_ASSIGN(const auto records, ParseCsv("h\r\n\n\"a\nb\r\nc\"\nd\re\n"));
  std::vector<int64_t> lines;
  for (const CsvRecord& record : records) lines.push_back(record.line);
  EXPECT_THAT(lines, ElementsAre(1, 3, 6, 7));
}

TEST(ParseCsvTest, SaysWhereAnEndlessQuoteBegins) {
  EXPECT_STATUS(ParseCsv("a,b\n\"c\nd\ne"), kInvalidArgument, "line 2", "does not end", "close");
}

TEST(ParseCsvTest, RefusesTextBehindAClosingQuote) {
  EXPECT_STATUS(ParseCsv("a\n\"b\nc\" d,e\n"), kInvalidArgument, "line 3", "behind a closing quote", "twice");
}

}  // namespace
}  // namespace probesweep
