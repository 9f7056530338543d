// The process that is ClickHouse: loads the shared library and runs clickhouse-local with the given arguments until it
// is ended by a signal. Its own entry, so that it runs the same from source and beside the bundle.
// Arguments: the library's path, then the file with ClickHouse's arguments as a JSON array of strings.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
const { DataType, isNullPointer, load, open } = require("ffi-rs");

const [libraryPath, argumentsFile] = process.argv.slice(2);
const argv = JSON.parse(readFileSync(argumentsFile, "utf8"));

open({ library: "chdb", path: libraryPath });

const call = (funcName, retType, paramsType, paramsValue) =>
  load({ library: "chdb", funcName, retType, paramsType, paramsValue });

// Blocks this thread for as long as ClickHouse runs; a return is a failure.
const result = call("chdb_query_cmdline", DataType.External, [DataType.I32, DataType.StringArray], [argv.length, argv]);
const error = call("chdb_result_error", DataType.External, [DataType.External], [result]);
/** @type {string} */
const message = isNullPointer(error)
  ? "ClickHouse ended by itself"
  : call("chdb_result_error", DataType.String, [DataType.External], [result]);
process.stderr.write(`${String(message)}\n`);
process.exit(1);
