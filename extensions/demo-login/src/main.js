import { parseArgs } from "node:util";

import { runCommand } from "./command.js";
import { Fault } from "./errors.js";
import { startServer } from "./server.js";
import { loadSettings } from "./settings.js";

runCommand(async (args) => {
  const { values } = parseArgs({ args, options: { settings: { type: "string" } } });
  if (!values.settings) throw new Fault("Use: node src/main.js --settings FILE");
  const settings = loadSettings(values.settings);
  const stop = await startServer(settings);
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, stop);
  console.log(`ready ${settings.issuer}`);
});
