const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A new object with the contents of both. Where both have a key, extra's value counts; where both
 * values are objects they are merged likewise. Arrays are replaced as a whole. Neither argument
 * is changed.
 */
export function merge(base, extra) {
  return mergeInto(structuredClone(base), extra);
}

function mergeInto(target, extra) {
  for (const key in extra) {
    if (key === "__proto__") continue;
    if (isObject(extra[key]) && target[key]) mergeInto(target[key], extra[key]);
    else target[key] = structuredClone(extra[key]);
  }
  return target;
}
