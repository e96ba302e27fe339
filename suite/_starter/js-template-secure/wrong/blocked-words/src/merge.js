const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * A new object with the contents of both. Where both have a key, extra's value counts; where both
 * values are objects they are merged likewise. Arrays are replaced as a whole. Neither argument
 * is changed. A key `__proto__` in extra is left out, and nothing inherited is merged into.
 */
export function merge(base, extra) {
  return mergeInto(structuredClone(base), extra);
}

function merged(old, value) {
  if (Array.isArray(value)) return value.map((item) => merged(undefined, item));
  return isObject(value) ? mergeInto(isObject(old) ? old : {}, value) : value;
}

function mergeInto(target, extra) {
  for (const [key, value] of Object.entries(extra)) {
    if (["__proto__", "constructor", "prototype"].includes(key)) continue;
    target[key] = merged(Object.hasOwn(target, key) ? target[key] : undefined, value);
  }
  return target;
}
