// Every command of `probesweep`. Each Add… puts one command into its group and, when the command line names
// it, sets the action to run. One file defines each.
#ifndef PROBESWEEP_CLIENT_CLI_COMMANDS_H_
#define PROBESWEEP_CLIENT_CLI_COMMANDS_H_

#include <CLI/CLI.hpp>

#include "client/cli/session.h"

namespace probesweep::client {

void AddSweepSubmit(CLI::App& group, Action& action);
void AddSweepList(CLI::App& group, Action& action);
void AddSweepGet(CLI::App& group, Action& action);
void AddSweepWatch(CLI::App& group, Action& action);
void AddSweepCancel(CLI::App& group, Action& action);
void AddSweepRetry(CLI::App& group, Action& action);
void AddSweepDelete(CLI::App& group, Action& action);
void AddResultsShow(CLI::App& group, Action& action);
void AddResultsExport(CLI::App& group, Action& action);
void AddResultsPlot(CLI::App& group, Action& action);
void AddResultsCompare(CLI::App& group, Action& action);
void AddResultsVerify(CLI::App& group, Action& action);
void AddResultsTransfer(CLI::App& group, Action& action);
void AddResultsCosines(CLI::App& group, Action& action);
void AddResultsSeparability(CLI::App& group, Action& action);
void AddArtifactsList(CLI::App& group, Action& action);
void AddArtifactsFetch(CLI::App& group, Action& action);
void AddDimensionImport(CLI::App& group, Action& action);
void AddDimensionValidate(CLI::App& group, Action& action);
void AddWorkerList(CLI::App& group, Action& action);
void AddWorkerDrain(CLI::App& group, Action& action);
void AddUp(CLI::App& group, Action& action);

}  // namespace probesweep::client

#endif  // PROBESWEEP_CLIENT_CLI_COMMANDS_H_
