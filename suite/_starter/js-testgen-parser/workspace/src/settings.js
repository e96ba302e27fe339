import { parseEnv } from "./env-file.js";

/** The settings of the file, each replaced by the one of the same name in the environment. */
export function readSettings(text, environment = {}) {
  const settings = parseEnv(text);
  for (const name of settings.keys()) {
    if (Object.hasOwn(environment, name)) settings.set(name, environment[name]);
  }
  return settings;
}
