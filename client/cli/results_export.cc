#include <memory>
#include <ostream>
#include <utility>

#include "client/atomic_file.h"
#include "client/cli/commands.h"
#include "client/cli/fetched_results.h"
#include "client/render/result_writer.h"
#include "common/status.h"

namespace probesweep::client {
namespace {

struct ExportFlags {
  std::string sweep;
  std::string format = "csv";
  std::string output;
  std::vector<std::string> dimensions;
};

absl::Status WriteRows(const ExportFlags& flags, ResultFormat format, const std::string& id, Client& client,
                       ByteSink sink) {
  const std::unique_ptr<ResultWriter> writer = NewResultWriter(format, std::move(sink));
  PS_RETURN_IF_ERROR(client.QueryResults(id, flags.dimensions,
                                         [&](const v1::ResultRow& row) { return writer->Append(row); }));
  return writer->Finish();
}

absl::Status Export(const ExportFlags& flags, Session& session) {
  PS_ASSIGN_OR_RETURN(const ResultFormat format, ParseResultFormat(flags.format));
  PS_ASSIGN_OR_RETURN(Client* const client, session.client());
  PS_ASSIGN_OR_RETURN(const v1::Sweep sweep, client->ResolveSweep(flags.sweep));
  GridSelection selection;
  selection.dimensions = flags.dimensions;
  PS_RETURN_IF_ERROR(MakeGrids(sweep, {}, selection).status());
  WarnOfMissingResults(sweep, session);
  if (flags.output.empty() || flags.output == "-") {
    return WriteRows(flags, format, sweep.id(), *client, [&session](absl::string_view bytes) {
      session.out().write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      return session.out() ? absl::OkStatus() : absl::UnknownError("cannot write to standard output");
    });
  }
  PS_ASSIGN_OR_RETURN(const std::unique_ptr<AtomicFile> file, AtomicFile::Create(flags.output));
  PS_RETURN_IF_ERROR(WriteRows(flags, format, sweep.id(), *client,
                               [&file](absl::string_view bytes) { return file->Append(bytes); }));
  PS_RETURN_IF_ERROR(file->Commit());
  session.err() << "wrote " << flags.output << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddResultsExport(CLI::App& group, Action& action) {
  auto flags = std::make_shared<ExportFlags>();
  CLI::App* command = group.add_subcommand("export", "Every result row, for other programs");
  command->add_option("SWEEP", flags->sweep, "The sweep's id, or its name (the newest of that name)")
      ->required();
  command->add_option("--format", flags->format, "csv, jsonl or parquet")->capture_default_str();
  command->add_option("--output", flags->output,
                      "A file, written whole or not at all (default: standard output)");
  command->add_option("--dimension", flags->dimensions, "Only these dimensions")->take_all();
  command->callback(
      [flags, &action] { action = [flags](Session& session) { return Export(*flags, session); }; });
}

}  // namespace probesweep::client
