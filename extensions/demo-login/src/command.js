import { Fault } from "./errors.js";

/** Runs a command with this process's arguments; a fault ends it with its sentence alone and exit code 1. */
export async function runCommand(command) {
  process.umask(0o077);
  try {
    await command(process.argv.slice(2));
  } catch (error) {
    const isForTheReader = error instanceof Fault || error.code?.startsWith?.("ERR_PARSE_ARGS");
    console.error(isForTheReader ? error.message : error);
    process.exitCode = 1;
  }
}
