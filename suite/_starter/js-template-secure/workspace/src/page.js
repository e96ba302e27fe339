import { merge } from "./merge.js";
import { render } from "./render.js";

/**
 * A customer's page: the template filled with the defaults and, over them, the customer's
 * settings, which come as JSON. Throws a SyntaxError for settings that are no JSON and a
 * TypeError for settings that are no object.
 */
export function renderPage(template, defaults, settingsJson) {
  const settings = JSON.parse(settingsJson);
  if (typeof settings !== "object" || settings === null || Array.isArray(settings)) {
    throw new TypeError("settings must be an object");
  }
  return render(template, merge(defaults, settings));
}
