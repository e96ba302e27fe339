// Deep equality as the published JavaScript test programs expect it of their
// helper library: NaN equals NaN, 0 equals -0, holes equal undefined, objects
// compare own enumerable properties and their constructors. Only values that
// cross the channel occur; anything else is equal by identity alone.

/** Whether a and b are deeply equal. */
export function isEqual(a, b) {
  if (a === b) return true;
  if (typeof a === "number" && typeof b === "number") return a !== a && b !== b;
  if (typeof a !== "object" || typeof b !== "object" || a === null || b === null) return false;
  const proto = Object.getPrototypeOf(a);
  if (proto !== Object.getPrototypeOf(b)) return false;
  if (Array.isArray(a)) return a.length === b.length && [...a.keys()].every((i) => isEqual(a[i], b[i]));
  if (a instanceof Date) return isEqual(a.getTime(), b.getTime());
  if (a instanceof Uint8Array) return a.length === b.length && a.every((x, i) => x === b[i]);
  if (a instanceof Map) return a.size === b.size && [...a].every(([k, v]) => lookup(b, k, v));
  if (a instanceof Set) return a.size === b.size && [...a].every((x) => b.has(x) || [...b].some((y) => isEqual(x, y)));
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((k) => Object.hasOwn(b, k) && isEqual(a[k], b[k]));
}

function lookup(map, key, value) {
  if (map.has(key)) return isEqual(map.get(key), value);
  return [...map].some(([k, v]) => isEqual(k, key) && isEqual(v, value));
}
