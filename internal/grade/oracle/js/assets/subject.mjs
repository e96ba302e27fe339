// The candidate's side of the oracle: answers the judge's questions about the
// code in a workspace. Started as
//   node subject.mjs WORKSPACE [BUNDLES]
// with the channel on descriptors 3 (in) and 4 (out); 0 is empty and 1 goes to
// standard error, so that prints stay out of the channel. BUNDLES is the folder
// where TypeScript was bundled to, by source path plus ".mjs".
//
// Whatever the candidate does here can only change its own answers.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { types } from "node:util";
import vm from "node:vm";
import path from "node:path";
import { Channel, ProtocolError, decode, encode, quoteName, uncurry, mapGet, mapSet, ErrorProto } from "./codec.mjs";

const { apply, construct, has, deleteProperty } = Reflect;
const { getPrototypeOf, getOwnPropertyDescriptor, hasOwn, keys } = Object;
const { isPromise } = types;
const Text = String, NewError = Error, Iterator = Symbol.iterator, AsyncIterator = Symbol.asyncIterator;
const isPrototypeOf = uncurry(Object.prototype.isPrototypeOf);
const exit = process.reallyExit.bind(process);
const resolve = path.resolve, { runInThisContext } = vm;
const endsWith = uncurry(String.prototype.endsWith), test = uncurry(RegExp.prototype.test);
const join = uncurry(Array.prototype.join);

const [workspace, bundles] = process.argv.slice(2).map((p) => path.resolve(p));
process.argv.length = 2;
process.argv[1] = path.join(workspace, "main.js");
process.chdir(workspace);

const channel = new Channel(3, 4);
const objects = new Map(); // handle -> object
const ids = new Map(); // object -> handle
const modules = new Map(); // exec'd module -> lookup of its top-level names
let under = 0; // calls under way

/** The class name of an object without trusting it to have one. */
function className(v) {
  if (typeof v === "function") return "Function";
  if (typeof v === "symbol") return "Symbol";
  if (types.isProxy(v)) return "Proxy";
  if (isPrototypeOf(ErrorProto, v)) return errorNames(v)[0];
  if (types.isGeneratorObject(v)) return "Generator";
  for (let p = getPrototypeOf(v); p !== null && !types.isProxy(p); p = getPrototypeOf(p)) {
    const d = getOwnPropertyDescriptor(p, "constructor");
    if (d !== undefined && typeof d.value === "function") return functionName(d.value) || "Object";
  }
  return "Object";
}

function functionName(f) {
  const d = getOwnPropertyDescriptor(f, "name");
  return d !== undefined && typeof d.value === "string" ? d.value : "";
}

/** The names of an error's class and its parents; a more telling own name comes first. */
function errorNames(e) {
  const names = [];
  const add = (n) => {
    if (typeof n !== "string" || n === "" || n.length > 100 || names.length > 60) return;
    for (let i = 0; i < names.length; i++) if (names[i] === n) return;
    names[names.length] = n;
  };
  for (let p = getPrototypeOf(e); p !== null && !types.isProxy(p); p = getPrototypeOf(p)) {
    const d = getOwnPropertyDescriptor(p, "constructor");
    if (d !== undefined && typeof d.value === "function" && d.value !== Object) add(functionName(d.value));
  }
  let own;
  try {
    own = e.name;
  } catch {
    own = undefined;
  }
  // class CapacityError extends Error {} that leaves name alone is still a CapacityError.
  if (typeof own === "string" && own !== "" && own.length <= 100 && own !== "Error" && own !== names[0]) names.splice(0, 0, own);
  return names.length > 0 ? names : ["Error"];
}

/** The text of the handle of a function, a symbol or an object that stays here. */
function reference(v) {
  let id = mapGet(ids, v);
  if (id === undefined) {
    id = objects.size + 1;
    mapSet(ids, v, id);
    mapSet(objects, id, v);
  }
  if (typeof v === "function" && !types.isProxy(v) && v.prototype !== undefined && isErrorClass(v)) {
    const names = [];
    for (let f = v; typeof f === "function" && functionName(f) !== "" && names.length < 60; f = getPrototypeOf(f)) names[names.length] = quoteName(functionName(f), 100);
    return `{"E":${id},"k":${names[0] ?? '"Error"'},"m":[${join(names, ",")}]}`;
  }
  return `{"h":${id},"k":${quoteName(className(v), 100)}}`;
}

function isErrorClass(f) {
  const d = getOwnPropertyDescriptor(f, "prototype");
  return d !== undefined && typeof d.value === "object" && d.value !== null && (d.value === ErrorProto || isPrototypeOf(ErrorProto, d.value));
}

function out(v) {
  return encode(v, reference);
}

function into(v) {
  return decode(v, (tag, ref) => {
    if (tag === "cb") return callback(ref.cb);
    return object(tag === "h" ? ref.h : ref.E);
  });
}

function object(id) {
  const v = mapGet(objects, id);
  if (v === undefined) throw new ProtocolError(`there is no object ${id} here`);
  return v;
}

/** A function that asks the judge. Odd ids stand for the judge's async functions. */
function callback(id) {
  const ask = (args) => {
    if (under === 0) throw new NewError("a callback of the caller's was called after the call was over");
    channel.write(`{"cb":${id},"args":${out(args)}}`);
    for (;;) {
      const m = channel.read();
      if (m === null) exit(0);
      if (m.op === "return") return into(m.val);
      if (m.op === "raise") throw raised(m);
      answer(m, true);
    }
  };
  return id % 2 === 1 ? async (...args) => ask(args) : (...args) => ask(args);
}

function raised(m) {
  const builtin = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError }[m.class];
  const e = new (builtin ?? NewError)(Text(m.msg));
  if (builtin === undefined) e.name = Text(m.class);
  return e;
}

/** The reply for something thrown: args are pairs of name and value of its own properties. */
function failure(e) {
  if (typeof e !== "object" || e === null || types.isProxy(e) || !(isPrototypeOf(ErrorProto, e) || types.isNativeError(e))) {
    let msg;
    try {
      msg = typeof e === "string" ? e : typeof e === "object" || typeof e === "function" ? className(e) : Text(e);
    } catch {
      msg = "?";
    }
    return `{"err":{"class":"thrown","mro":["thrown"],"msg":${quoteName(msg)},"args":[["value",${value(e)}]]}}`;
  }
  const names = errorNames(e);
  let msg;
  try {
    msg = Text(e.message);
  } catch {
    msg = "";
  }
  const mro = [];
  for (let i = 0; i < names.length; i++) mro[i] = quoteName(names[i]);
  const props = [];
  const own = keys(e);
  for (let i = 0; i < own.length && i < 50; i++) {
    const d = getOwnPropertyDescriptor(e, own[i]);
    if (hasOwn(d, "value") && own[i] !== "stack") props[props.length] = `[${quoteName(own[i])},${value(d.value)}]`;
  }
  return `{"err":{"class":${mro[0]},"mro":[${join(mro, ",")}],"msg":${quoteName(msg)},"args":[${join(props, ",")}]}}`;
}

function value(v) {
  try {
    return out(v);
  } catch {
    return '{"u":0}';
  }
}

/** Whether a value is to be awaited before it is replied. */
function pending(v) {
  if (typeof v !== "object" || v === null || types.isProxy(v)) return false;
  return isPromise(v) || typeof v.then === "function";
}

const identifier = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

/** Property of an object; of a module given to exec, any top-level name. */
function property(obj, name) {
  const lookup = mapGet(modules, obj);
  if (lookup !== undefined && !has(obj, name)) return test(identifier, name) ? lookup(name) : undefined;
  return obj === null || obj === undefined ? undefined : obj[name];
}

/** Carries out one request; the result may be a promise. */
function act(m, args) {
  const obj = m.obj === undefined ? undefined : object(m.obj);
  switch (m.op) {
    case "load": return load(m.name);
    case "exec": return exec(m.src, m.file ?? "solution.js");
    case "get": return property(obj, m.name);
    case "set":
      obj[m.name] = into(m.val);
      return null;
    case "call": {
      if (m.name !== null && m.name !== undefined) {
        const f = property(obj, m.name);
        if (typeof f !== "function") throw new TypeError(`${m.name} is not a function`);
        return apply(f, mapGet(modules, obj) === undefined ? obj : undefined, args);
      }
      if (typeof obj !== "function") throw new TypeError("the object is not a function");
      return apply(obj, m.kw !== undefined && hasOwn(m.kw, "this") ? into(m.kw.this) : undefined, args);
    }
    case "new": return construct(obj, args);
    case "item": return obj[into(m.key)];
    case "setitem":
      obj[into(m.key)] = into(m.val);
      return null;
    case "delitem": return deleteProperty(obj, into(m.key));
    case "len": return obj.length ?? obj.size;
    case "contains": {
      const key = into(m.key);
      return typeof obj === "function" ? key instanceof obj : has(obj, key);
    }
    case "iter": {
      const start = obj[Iterator] ?? obj[AsyncIterator];
      if (typeof start !== "function") throw new TypeError("the object is not iterable");
      return apply(start, obj, []);
    }
    case "str": case "repr": return Text(obj);
    case "bool": return !!obj;
  }
  throw new ProtocolError(`unknown operation ${Text(m.op)}`);
}

async function load(name) {
  let file = resolve(workspace, name);
  if (test(/\.[cm]?tsx?$|\.jsx$/, name)) file = resolve(bundles, `${name}.mjs`);
  const url = pathToFileURL(file).href;
  if (endsWith(file, ".mjs")) return { module: await import(url) };
  try {
    return { module: createRequire(file)(file) };
  } catch (e) {
    // An ES module in a .js file: node 18 refuses to require it.
    if (!(e instanceof SyntaxError) && !(typeof e?.code === "string" && test(/^ERR_REQUIRE/, e.code))) throw e;
    return { module: await import(url) };
  }
}

/** Runs src as a CommonJS module whose top-level names can all be asked for. */
function exec(src, file) {
  const module = { exports: {} };
  const run = runInThisContext(
    `(function (exports, require, module, __filename, __dirname, lookup$) { lookup$((n$) => eval(n$)); ${src}\n})`, { filename: file });
  let lookup;
  const full = resolve(workspace, file);
  apply(run, module.exports, [module.exports, createRequire(full), module, full, workspace, (f) => { lookup = f; }]);
  mapSet(modules, module.exports, (n) => {
    try {
      return lookup(n);
    } catch (e) {
      if (e instanceof ReferenceError) return undefined;
      throw e;
    }
  });
  return { module: module.exports };
}

function reply(m, v, args) {
  // Modules are handles whatever they are made of.
  const text = (m.op === "load" || m.op === "exec") && v !== null && (typeof v.module === "object" || typeof v.module === "function") && v.module !== null
    ? reference(v.module) : out(m.op === "load" || m.op === "exec" ? v.module : v);
  channel.write(m.copy === true && args !== undefined ? `{"ok":${text},"args":${out(args)}}` : `{"ok":${text}}`);
}

/** Answers one request. Returns a promise where it must wait, unless nested in a callback. */
function answer(m, nested) {
  under++;
  let args, v;
  try {
    args = m.args === undefined ? [] : into(m.args);
    v = act(m, args);
    if (!pending(v)) {
      reply(m, v, args);
      under--;
      return undefined;
    }
    if (nested) throw new NewError("a promise cannot be awaited while a callback is under way");
  } catch (e) {
    channel.write(failure(e));
    under--;
    return undefined;
  }
  return settle(m, v, args);
}

async function settle(m, v, args) {
  try {
    reply(m, await v, args);
  } catch (e) {
    channel.write(failure(e));
  }
  under--;
}

for (;;) {
  const m = await channel.readAsync();
  if (m === null) exit(0);
  const waiting = answer(m, false);
  if (waiting !== undefined) await waiting;
}
