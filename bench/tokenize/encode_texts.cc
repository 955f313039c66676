// How fast texts become ids: seconds of the best of several rounds over a file of {"text":…} lines.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <chrono>
#include <fstream>
#include <iostream>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "common/status.h"
#include "worker/text/tokenizer.h"

namespace probesweep::worker {
namespace {

using Json = nlohmann::json;

std::vector<std::string> ReadTexts(const std::string& path) {
  std::ifstream file(path);
  std::vector<std::string> texts;
  for (std::string line; std::getline(file, line);) texts.push_back(Json::parse(line)["text"]);
  return texts;
}

int Run(const std::string& checkpoint, const std::string& path, int threads, int rounds) {
  const auto tokenizer = Tokenizer::Open(checkpoint);
  if (!tokenizer.ok()) {
    std::cerr << tokenizer.status().message() << std::endl;
    return ExitCodeFor(tokenizer.status());
  }
  const std::vector<std::string> texts = ReadTexts(path);
  double best = std::numeric_limits<double>::infinity();
  size_t tokens = 0;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    const auto results = (*tokenizer)->EncodeBatch(texts, threads);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    best = std::min(best, took.count());
    tokens = 0;
    for (const auto& ids : results) tokens += ids.value().size();
  }
  std::cout << Json{{"tokens", tokens}, {"seconds", best}} << std::endl;
  return kExitDone;
}

int Main(int argc, char** argv) {
  CLI::App app("Seconds to encode texts");
  std::string checkpoint, texts;
  int threads = 1, rounds = 5;
  app.add_option("--checkpoint", checkpoint, "Folder of the tokenizer")->required();
  app.add_option("--texts", texts, "File of {\"text\":…} lines")->required();
  app.add_option("--threads", threads)->capture_default_str();
  app.add_option("--rounds", rounds)->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return Run(checkpoint, texts, threads, rounds);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
