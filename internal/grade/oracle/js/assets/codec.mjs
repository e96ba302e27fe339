// The protocol's frames and values for node. Loaded before any foreign code:
// every builtin that the channel needs is captured here, so that patched
// prototypes and globals cannot break it. Written without method calls on
// values that foreign code could have patched.
import fs from "node:fs";
import { types } from "node:util";

const { bind, call } = Function.prototype;
const uncurry = bind.bind(call); // uncurry(f)(self, ...args) is f.apply(self, args) as f was at start

const { readSync, writeSync, read } = fs;
const { parse, stringify } = JSON;
const { isArray } = Array;
const { isSafeInteger, isFinite } = Number;
const { is, keys, getPrototypeOf, getOwnPropertyDescriptor, defineProperty, hasOwn } = Object;
const ObjectProto = Object.prototype, ArrayProto = Array.prototype, MapProto = Map.prototype;
const SetProto = Set.prototype, DateProto = Date.prototype;
const ErrorProto = Error.prototype;
const NewMap = Map, NewSet = Set, NewDate = Date, NewBigInt = BigInt, NewNumber = Number, NewUint8 = Uint8Array;
const alloc = Buffer.alloc, from = Buffer.from, allocUnsafe = Buffer.allocUnsafeSlow;
const toText = uncurry(Buffer.prototype.toString);
const setU32 = uncurry(Buffer.prototype.writeUInt32BE), getU32 = uncurry(Buffer.prototype.readUInt32BE);
const utf8Length = Buffer.byteLength, utf8Write = uncurry(Buffer.prototype.write);
const mapForEach = uncurry(Map.prototype.forEach), mapGet = uncurry(Map.prototype.get), mapSet = uncurry(Map.prototype.set);
const setForEach = uncurry(Set.prototype.forEach), setAdd = uncurry(Set.prototype.add);
const setHas = uncurry(Set.prototype.has), setDelete = uncurry(Set.prototype.delete);
const getTime = uncurry(Date.prototype.getTime), bigText = uncurry(BigInt.prototype.toString);
const charCode = uncurry(String.prototype.charCodeAt), slice = uncurry(String.prototype.slice), numText = uncurry(Number.prototype.toString);
const join = uncurry(Array.prototype.join);
const { wait } = Atomics;
const NewPromise = Promise, later = setTimeout;
const nap = new Int32Array(new SharedArrayBuffer(4));
const { isProxy, isMap, isSet, isDate, isUint8Array, isAnyArrayBuffer, isTypedArray } = types;

/** The largest frame body in bytes. */
export const MaxFrame = 16 << 20;
const MaxDepth = 190; // the protocol allows 200; replies wrap values
const MaxNodes = 2_000_000;

/** Thrown for frames and values that break the protocol. */
export class ProtocolError extends Error {
  name = "ProtocolError";
}

/** Frames over two descriptors, in blocking reads and writes. */
export class Channel {
  constructor(input, output) {
    this.input = input;
    this.output = output;
  }

  /** Writes one frame whose body is the JSON text given. */
  write(text) {
    const n = utf8Length(text);
    if (n > MaxFrame) throw new ProtocolError(`a message of ${n} bytes is over the limit of ${MaxFrame}`);
    const buf = allocUnsafe(n + 4);
    setU32(buf, n, 0);
    utf8Write(buf, text, 4, n, "utf8");
    for (let at = 0; at < buf.length; ) {
      try {
        at += writeSync(this.output, buf, at, buf.length - at);
      } catch (e) {
        if (e.code !== "EAGAIN") throw e;
        wait(nap, 0, 0, 1);
      }
    }
  }

  /** Reads one frame; null at the end of the input. */
  read() {
    const head = this.#fill(4);
    if (head === null) return null;
    const n = frameLength(head);
    return parse(toText(this.#fill(n) ?? cut(), "utf8"));
  }

  /** Reads one frame without blocking the event loop, so that timers run meanwhile. */
  async readAsync() {
    const head = await this.#fillAsync(4);
    if (head === null) return null;
    const n = frameLength(head);
    return parse(toText((await this.#fillAsync(n)) ?? cut(), "utf8"));
  }

  #fill(n) {
    const buf = alloc(n);
    for (let at = 0; at < n; ) {
      let got;
      try {
        got = readSync(this.input, buf, at, n - at, null);
      } catch (e) {
        if (e.code === "EAGAIN") {
          wait(nap, 0, 0, 1);
          continue;
        }
        if (e.code !== "EOF") throw e;
        got = 0;
      }
      if (got === 0) return at === 0 ? null : cut();
      at += got;
    }
    return buf;
  }

  async #fillAsync(n) {
    const buf = alloc(n);
    for (let at = 0; at < n; ) {
      const got = await new NewPromise((ok, bad) =>
        read(this.input, buf, at, n - at, null, (e, k) => (e ? (e.code === "EAGAIN" ? ok(-1) : bad(e)) : ok(k))));
      if (got < 0) {
        await new NewPromise((ok) => later(ok, 1));
        continue;
      }
      if (got === 0) return at === 0 ? null : cut();
      at += got;
    }
    return buf;
  }
}

function frameLength(head) {
  const n = getU32(head, 0);
  if (n > MaxFrame) throw new ProtocolError(`a frame of ${n} bytes is over the limit of ${MaxFrame}`);
  return n;
}

function cut() {
  throw new ProtocolError("the channel ended within a frame");
}

/** Quotes a string as a protocol value. */
function quote(s) {
  for (let i = 0; i < s.length; i++) {
    const c = charCode(s, i);
    if (c < 0xd800 || c > 0xdfff) continue;
    if (c < 0xdc00 && i + 1 < s.length && (charCode(s, i + 1) & 0xfc00) === 0xdc00) i++;
    else return `{"s":"${toText(from(s, "utf16le"), "base64")}"}`;
  }
  return stringify(s);
}

/** Quotes a key, a name or a message, cut at limit units; lone surrogates become U+FFFD. */
export function quoteName(s, limit = 10_000) {
  return stringify(toText(from(slice(`${s}`, 0, limit), "utf8"), "utf8"));
}

/** The JSON text of a number. */
function number(v) {
  if (isSafeInteger(v) && !is(v, -0)) return numText(v);
  if (v !== v) return '{"f":"nan"}';
  if (!isFinite(v)) return v > 0 ? '{"f":"inf"}' : '{"f":"-inf"}';
  return is(v, -0) ? '{"f":"-0.0"}' : `{"f":"${numText(v)}"}`;
}

/**
 * Encodes v as JSON text. reference(v) gives the text for functions, symbols and
 * objects that are not values; it may throw. Cycles and nesting too deep are
 * references at the place where they are met.
 */
export function encode(v, reference) {
  const path = new NewSet();
  let nodes = 0;
  const list = (n, at) => {
    const out = [];
    for (let i = 0; i < n; i++) put(out, at(i));
    return `[${join(out, ",")}]`;
  };
  const walk = (v) => {
    if (++nodes > MaxNodes) throw new ProtocolError(`a value of more than ${MaxNodes} parts cannot cross`);
    switch (typeof v) {
      case "undefined": return '{"u":0}';
      case "boolean": return v ? "true" : "false";
      case "number": return number(v);
      case "string": return quote(v);
      case "bigint": return `{"i":"${v < 0n ? `-0x${bigText(-v, 16)}` : `0x${bigText(v, 16)}`}"}`;
      case "object": break;
      default: return reference(v);
    }
    if (v === null) return "null";
    if (isProxy(v) || path.size >= MaxDepth || setHas(path, v)) return reference(v);
    const proto = getPrototypeOf(v);
    setAdd(path, v);
    try {
      if (isArray(v)) return proto === ArrayProto ? list(v.length, (i) => walk(v[i])) : reference(v);
      if (proto === ObjectProto || proto === null) return object(v) ?? reference(v);
      if (proto === MapProto && isMap(v)) {
        const out = [];
        mapForEach(v, (x, k) => put(out, `[${walk(k)},${walk(x)}]`));
        return `{"D":[${join(out, ",")}]}`;
      }
      if (proto === SetProto && isSet(v)) {
        // The protocol has no lists, sets and maps in sets: such a set stays a reference.
        const out = [];
        let flat = true;
        setForEach(v, (x) => {
          const text = walk(x);
          if (text[0] === "[" || text[2] === "S" || text[2] === "D") flat = false;
          put(out, text);
        });
        return flat ? `{"S":[${join(out, ",")}]}` : reference(v);
      }
      if (proto === DateProto && isDate(v)) {
        const t = getTime(v);
        return t === t ? `{"d":${t}}` : '{"d":"nan"}';
      }
      if (isUint8Array(v)) return `{"b":"${toText(from(v.buffer, v.byteOffset, v.byteLength), "base64")}"}`;
      if (isAnyArrayBuffer(v)) return `{"b":"${toText(from(v), "base64")}"}`;
      if (isTypedArray(v)) return list(v.length, (i) => walk(v[i]));
      return reference(v);
    } finally {
      setDelete(path, v);
    }
  };
  // A plain object is a value unless it has methods or accessors: those need
  // their own "this", so that the object stays where it is.
  const object = (v) => {
    const names = keys(v);
    const out = [];
    for (let i = 0; i < names.length; i++) {
      const d = getOwnPropertyDescriptor(v, names[i]);
      if (d === undefined || !hasOwn(d, "value") || typeof d.value === "function") return null;
    }
    for (let i = 0; i < names.length; i++) {
      put(out, `[${quoteName(names[i])},${walk(getOwnPropertyDescriptor(v, names[i]).value)}]`);
    }
    return `{"O":[${join(out, ",")}]}`;
  };
  return walk(v);
}

/** Appends without Array.prototype.push and without setters planted on prototypes. */
function put(list, v) {
  defineProperty(list, list.length, { __proto__: null, value: v, writable: true, enumerable: true, configurable: true });
}

/** Decodes a parsed JSON value. refer(tag, object) gives what stands for h, E and cb. */
export function decode(v, refer, depth = 0) {
  if (depth > 210) throw new ProtocolError("a value is nested too deep");
  if (v === null || typeof v === "string" || typeof v === "boolean") return v;
  if (typeof v === "number") {
    if (!isSafeInteger(v)) throw new ProtocolError(`the bare number ${v} is not a safe integer`);
    return v;
  }
  if (isArray(v)) return list(v, refer, depth);
  const names = keys(v);
  const tag = names[0];
  if (hasOwn(v, "h") || hasOwn(v, "E") || hasOwn(v, "cb")) return refer(hasOwn(v, "h") ? "h" : hasOwn(v, "E") ? "E" : "cb", v);
  if (names.length !== 1) throw new ProtocolError(`a value object has ${names.length} keys, expected one tag`);
  const x = v[tag];
  switch (tag) {
    case "u": return undefined;
    case "i": return big(text(x, tag));
    case "f": return float(text(x, tag));
    case "s": return toText(from(text(x, tag), "base64"), "utf16le");
    case "b": return new NewUint8(from(text(x, tag), "base64"));
    case "d":
      return new NewDate(typeof x === "number" ? x : float(text(x, tag)));
    case "T": case "I": return list(array(x, tag), refer, depth);
    case "S": case "F": {
      const out = new NewSet();
      for (let i = 0; i < array(x, tag).length; i++) setAdd(out, decode(x[i], refer, depth + 1));
      return out;
    }
    case "D": {
      const out = new NewMap();
      for (let i = 0; i < array(x, tag).length; i++) mapSet(out, decode(pair(x[i])[0], refer, depth + 1), decode(x[i][1], refer, depth + 1));
      return out;
    }
    case "O": {
      const out = {};
      for (let i = 0; i < array(x, tag).length; i++) {
        const value = decode(pair(x[i])[1], refer, depth + 1);
        defineProperty(out, text(x[i][0], tag), { __proto__: null, value, writable: true, enumerable: true, configurable: true });
      }
      return out;
    }
    case "c": throw new ProtocolError("a complex number has no JavaScript counterpart");
  }
  throw new ProtocolError(`value tag ${stringify(tag)} is unknown or malformed`);
}

function list(v, refer, depth) {
  const out = [];
  for (let i = 0; i < v.length; i++) put(out, decode(v[i], refer, depth + 1));
  return out;
}

function text(x, tag) {
  if (typeof x !== "string") throw new ProtocolError(`value tag ${tag} expects a string`);
  return x;
}

function array(x, tag) {
  if (!isArray(x)) throw new ProtocolError(`value tag ${tag} expects a list`);
  return x;
}

function pair(x) {
  if (!isArray(x) || x.length !== 2) throw new ProtocolError("an entry must be a pair");
  return x;
}

function big(s) {
  const minus = s[0] === "-";
  const digits = minus ? slice(s, 1) : s;
  let n;
  try {
    n = NewBigInt(digits);
  } catch {
    throw new ProtocolError("value tag i expects an integer");
  }
  return minus ? -n : n;
}

function float(s) {
  switch (s) {
    case "nan": return NaN;
    case "inf": return Infinity;
    case "-inf": return -Infinity;
  }
  const n = NewNumber(s);
  if (n !== n || s === "") throw new ProtocolError(`value tag f expects a number, not ${stringify(s)}`);
  return n;
}

export { uncurry, mapGet, mapSet, quote, ErrorProto };
