// SPDX-License-Identifier: Apache-2.0
// The configuration file of a program: lines `name = value` for the spec's `config` values. What
// the command line says wins. Main thread, before anything else.
#pragma once

namespace tina::internal {

/// Reads the file that `--config FILE` or `--config=FILE` names, if there is one, into the flags of
/// the spec. False after one line on stderr that says what is wrong and where.
bool read_config_file(int argc, char** argv);

/// Whether a source file is a generated `main`, whose flags are the spec's `config` values.
bool declares_config(const char* file);

}  // namespace tina::internal
