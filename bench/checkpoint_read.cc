// How fast a checkpoint's weights are read, against `cat` of the same files in the same run.
//
//   checkpoint_read --checkpoint DIR [--rounds N]
//
// Each round reads the files cold (dropped from the page cache as far as the kernel lets a program do that)
// and warm: once by `cat FILES > /dev/null`, once as a pass reads them: found by name, fingerprinted,
// converted to fp32, part by part. The best round of each counts. The ratio is cat's time over ours.
#include <fcntl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <limits>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/clock.h"
#include "common/status.h"
#include "worker/engine/opened_checkpoint.h"

namespace probesweep::worker {
namespace {

// Written pages first: dirty ones stay.
void DropFromCache(const std::vector<std::string>& paths) {
  for (const std::string& path : paths) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) continue;
    ::fsync(fd);
    ::posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
    ::close(fd);
  }
}

absl::Status Cat(const std::vector<std::string>& paths) {
  std::string command = "cat";
  for (const std::string& path : paths) absl::StrAppend(&command, " '", path, "'");
  absl::StrAppend(&command, " > /dev/null");
  return std::system(command.c_str()) == 0 ? absl::OkStatus() : absl::UnknownError("cat failed");
}

absl::Status ReadAll(const std::string& folder) {
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(folder));
  PS_RETURN_IF_ERROR(opened.model->LoadEmbedding(*opened.weights).status());
  for (int64_t layer = 0; layer < opened.model->layers(); ++layer) {
    PS_RETURN_IF_ERROR(opened.model->LoadBlock(*opened.weights, layer).status());
  }
  return opened.model->LoadHead(*opened.weights).status();
}

struct Best {
  double seconds = std::numeric_limits<double>::infinity();
  template <typename Work>
  absl::Status Time(const Work& work) {
    Clock& clock = *Clock::System();
    const absl::Duration start = clock.Steady();
    PS_RETURN_IF_ERROR(work());
    seconds = std::min(seconds, absl::ToDoubleSeconds(clock.Steady() - start));
    return absl::OkStatus();
  }
};

absl::Status Run(const std::string& folder, int rounds) {
  PS_ASSIGN_OR_RETURN(const OpenedCheckpoint opened, OpenCheckpoint(folder));
  const std::vector<std::string> paths = opened.weights->store().Paths();
  int64_t bytes = 0;
  for (const std::string& path : paths) {
    const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    bytes += fd < 0 ? 0 : ::lseek(fd, 0, SEEK_END);
    ::close(fd);
  }
  Best cold_cat, cold_read, warm_cat, warm_read;
  for (int round = 0; round < rounds; ++round) {
    DropFromCache(paths);
    PS_RETURN_IF_ERROR(cold_cat.Time([&] { return Cat(paths); }));
    PS_RETURN_IF_ERROR(warm_cat.Time([&] { return Cat(paths); }));
    DropFromCache(paths);
    PS_RETURN_IF_ERROR(cold_read.Time([&] { return ReadAll(folder); }));
    PS_RETURN_IF_ERROR(warm_read.Time([&] { return ReadAll(folder); }));
  }
  const double gigabytes = static_cast<double>(bytes) / 1e9;
  const auto line = [&](const char* what, const Best& cat, const Best& read) {
    std::printf("%-5s cat %6.2f GB/s   checkpoint %6.2f GB/s   ratio %.2f\n", what, gigabytes / cat.seconds,
                gigabytes / read.seconds, cat.seconds / read.seconds);
  };
  std::printf("%.2f GB in %zu files\n", gigabytes, paths.size());
  line("cold", cold_cat, cold_read);
  line("warm", warm_cat, warm_read);
  return absl::OkStatus();
}

int Main(int argc, char** argv) {
  CLI::App app("Reads a checkpoint's weights, beside cat");
  std::string folder;
  int rounds = 3;
  app.add_option("--checkpoint", folder, "Folder of the checkpoint")->required();
  app.add_option("--rounds", rounds, "Times that each is read")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  const absl::Status status = Run(folder, rounds);
  if (!status.ok()) std::cerr << status.message() << std::endl;
  return ExitCodeFor(status);
}

}  // namespace
}  // namespace probesweep::worker

int main(int argc, char** argv) { return probesweep::worker::Main(argc, argv); }
