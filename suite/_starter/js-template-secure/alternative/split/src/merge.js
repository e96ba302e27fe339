const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A new object with the contents of both. Where both have a key, extra's value counts; where both
 * values are objects they are merged likewise. Arrays are replaced as a whole. Neither argument
 * is changed.
 */
export function merge(base, extra) {
  if (Array.isArray(extra)) return extra.map((value) => merge(undefined, value));
  if (!isObject(extra)) return extra;
  const old = new Map(isObject(base) ? Object.entries(base) : []);
  const result = structuredClone(isObject(base) ? base : {});
  for (const key of Object.keys(extra)) {
    if (key !== "__proto__") result[key] = merge(old.get(key), extra[key]);
  }
  return result;
}
