// SPDX-License-Identifier: Apache-2.0
// Starts `tina-gen lsp` and hands .tina documents to it; everything else is the server's.
"use strict";

const path = require("node:path");
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

/** @type {LanguageClient | undefined} */
let client;

/** Absolute folders of the setting `tina.importPath`. */
function importPath(settings) {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath ?? "";
  return settings.get("importPath", []).map((name) => path.resolve(folder, name));
}

async function activate() {
  const settings = vscode.workspace.getConfiguration("tina");
  const server = { command: settings.get("generator", "tina-gen"), args: ["lsp"] };
  client = new LanguageClient("tina", "tina", server, {
    documentSelector: [{ language: "tina" }],
    initializationOptions: { importPath: importPath(settings) },
    synchronize: { fileEvents: vscode.workspace.createFileSystemWatcher("**/*.tina") },
  });
  await client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
