// What hidden tests import as "metr": the candidate's code, seen from the
// judge. Objects of the candidate stay where they are; here they are proxies
// whose every operation is a synchronous question to the subject.
import { inspect } from "node:util";
import inspector from "node:inspector";
import { Channel, encode, decode } from "./codec.mjs";

const channel = new Channel(3, 4);
const meta = new WeakMap(); // proxy -> Ref
const callbacks = [null, null]; // by id; even: called synchronously, odd: async functions

/** Shared with the judge's own files, not with tests. */
export const judge = {
  loading: true, // test files are being imported
  failed: "", // why a module could not be loaded while they were
  channel,
  send: (frame) => channel.write(JSON.stringify(frame)),
};

/** Thrown where the subject ended. The next test gets a new one. */
export class Gone extends Error {
  name = "Gone";
}

class Subject {
  constructor(to) {
    this.to = to;
    this.epoch = 0;
    this.gone = "";
    this.proxies = new Map();
  }

  ask(request) {
    if (this.gone !== "") throw new Gone(this.gone);
    request.to = this.to;
    channel.write(json(request));
    for (;;) {
      const m = channel.read();
      if (m === null) process.exit(1);
      if (m.gone !== undefined) {
        this.gone = m.gone;
        throw new Gone(`the code under test cannot be asked any more: ${m.gone}`);
      }
      if (m.err !== undefined) throw this.error(m.err);
      if (m.cb === undefined) return m;
      this.callback(m);
    }
  }

  value(v, from) {
    return decode(v, (tag, ref) => {
      if (tag === "cb") throw new Error("metr: a callback cannot come back as a value");
      return this.proxy(tag === "h" ? ref.h : ref.E, ref.k, tag === "E" ? ref.m : null, from);
    });
  }

  /** The error that a test sees for one of the subject's. */
  error(e) {
    if (e.class === "thrown") {
      const pair = (e.args ?? [])[0];
      return pair === undefined ? e.msg : this.value(pair[1]);
    }
    const builtin = { Error, TypeError, RangeError, SyntaxError, ReferenceError, EvalError, URIError, AggregateError };
    const name = [e.class, ...e.mro].find((n) => Object.hasOwn(builtin, n)) ?? "Error";
    const err = name === "AggregateError" ? new AggregateError([], e.msg) : new builtin[name](e.msg);
    const props = {};
    for (const [k, v] of (e.args ?? [])) Object.defineProperty(props, k, { value: this.value(v), enumerable: true, writable: true, configurable: true });
    for (const [k, v] of Object.entries(props)) {
      if (!(k in err)) Object.defineProperty(err, k, { value: v, enumerable: true, writable: true, configurable: true });
    }
    Object.defineProperties(err, {
      name: { value: e.class, writable: true, configurable: true },
      mro: { value: e.mro },
      props: { value: props },
    });
    return err;
  }

  callback(m) {
    const f = callbacks[m.cb];
    let frame;
    try {
      if (typeof f !== "function") throw new Error(`metr: the subject called function ${m.cb}, which it was never given`);
      let v = f(...m.args.map((a) => this.value(a)));
      if (v instanceof Promise) v = settled(v);
      frame = { op: "return", to: this.to, val: this.raw(v) };
    } catch (e) {
      if (e instanceof Gone) throw e;
      frame = { op: "raise", to: this.to, class: String(e?.name ?? "Error"), msg: String(e?.message ?? e) };
    }
    channel.write(json(frame));
  }

  /** An argument as it goes out. */
  raw(v) {
    return new Raw(encode(v, (x) => {
      const ref = typeof x === "function" || typeof x === "object" ? meta.get(x) : undefined;
      if (ref !== undefined) {
        if (ref.subject !== this) throw new TypeError("metr: an object of one subject was given to another");
        return `{"h":${ref.id()},"k":""}`;
      }
      if (typeof x === "function") return `{"cb":${register(x)}}`;
      throw new TypeError(`metr: ${inspect(x, { depth: 0 })} cannot be sent to the code under test; make it there with subject.exec`);
    }));
  }

  proxy(id, kind, mro, from) {
    const known = this.proxies.get(id);
    if (known !== undefined) return known;
    const ref = new Ref(this, id, kind, mro, from);
    const p = new Proxy(ref.callable() ? function () {} : {}, new Handler(ref));
    meta.set(p, ref);
    this.proxies.set(id, p);
    return p;
  }

  call(ref, name, args, copy, self) {
    const q = { op: "call", obj: ref.id(), name, args: args.map((a) => this.raw(a)) };
    if (copy) q.copy = true;
    if (self !== undefined) q.kw = { this: this.raw(self) };
    return this.ask(q);
  }

  restart() {
    this.gone = "";
    this.epoch++;
    this.proxies.clear();
    this.ask({ op: "restart" });
  }
}

/** JSON text that is ready to be sent. */
class Raw {
  constructor(text) {
    this.text = text;
  }
}

/** The JSON text of a request: plain fields, ready text, and lists and objects of ready text. */
function json(v) {
  if (v instanceof Raw) return v.text;
  if (Array.isArray(v)) return `[${v.map(json).join(",")}]`;
  if (typeof v !== "object" || v === null) return JSON.stringify(v);
  return `{${Object.entries(v).filter(([, x]) => x !== undefined).map(([k, x]) => `${JSON.stringify(k)}:${json(x)}`).join(",")}}`;
}

function register(f) {
  const found = callbacks.indexOf(f);
  if (found >= 0) return found;
  const async = Object.prototype.toString.call(f) === "[object AsyncFunction]";
  if (callbacks.length % 2 !== (async ? 1 : 0)) callbacks.push(null);
  return callbacks.push(f) - 1;
}

/** What a promise that is settled already holds. Nothing can be awaited while the subject waits for its answer. */
function settled(p) {
  const session = new inspector.Session();
  session.connect();
  const key = "__metr_settled";
  const post = (method, params) => {
    let out;
    session.post(method, params, (e, r) => {
      if (e) throw new Error(`metr: ${e.message}`);
      out = r;
    });
    return out;
  };
  try {
    p.catch(() => {});
    globalThis[key] = { p };
    const { result } = post("Runtime.evaluate", { expression: `globalThis.${key}.p` });
    const { internalProperties } = post("Runtime.getProperties", { objectId: result.objectId, ownProperties: true });
    const field = (n) => internalProperties.find((x) => x.name === n).value;
    const state = field("[[PromiseState]]").value;
    if (state === "pending") throw new Error("metr: an async callback must not wait for anything outside of it (timers, other calls)");
    const r = field("[[PromiseResult]]");
    const arg = r.objectId !== undefined ? { objectId: r.objectId }
      : r.unserializableValue !== undefined ? { unserializableValue: r.unserializableValue } : { value: r.value };
    post("Runtime.callFunctionOn", { objectId: result.objectId, functionDeclaration: `function (v) { globalThis.${key}.v = v; }`, arguments: [arg] });
    const { v } = globalThis[key];
    if (state === "rejected") throw v;
    return v;
  } finally {
    delete globalThis[key];
    session.disconnect();
  }
}

/** Where a proxy's object lives, and how to find it again in a fresh subject. */
class Ref {
  #id;
  constructor(subject, id, kind, mro, from) {
    this.subject = subject;
    this.#id = id;
    this.kind = kind;
    this.mro = mro;
    this.from = from; // { load } or { parent, name }: how it was reached from a module
    this.epoch = subject.epoch;
  }

  callable() {
    return this.kind === "Function" || this.mro !== null;
  }

  id() {
    if (this.epoch === this.subject.epoch) return this.#id;
    if (this.from === undefined) throw new Error("metr: this object belongs to a process that was ended; make it anew after a restart");
    const q = this.from.request ?? { op: "get", obj: this.from.parent.id(), name: this.from.name };
    const v = this.subject.ask({ ...q }).ok;
    const id = v?.h ?? v?.E;
    if (id === undefined) throw new Error("metr: the fresh process has another value in this object's place");
    this.#id = id;
    this.epoch = this.subject.epoch;
    return id;
  }
}

const conversion = () => {
  throw new TypeError("metr: an object of the candidate's is not converted by itself; call its toString() or valueOf()");
};

/** Operations on a proxy, as questions to the subject. */
class Handler {
  constructor(ref) {
    this.ref = ref;
  }

  get(target, name, receiver) {
    const { ref } = this;
    if (typeof name === "symbol") {
      switch (name) {
        case Symbol.toPrimitive: return conversion;
        case Symbol.iterator: return () => iterate(ref);
        case Symbol.asyncIterator: return () => iterateAsync(ref);
        case Symbol.hasInstance: return (v) => instance(ref, v);
      }
      return undefined;
    }
    if (name === "then") return undefined; // promises were awaited over there
    if (ref.callable() && (name === "call" || name === "apply" || name === "bind")) return Function.prototype[name];
    if (ref.callable() && name === "prototype") return target.prototype;
    const { ok } = ref.subject.ask({ op: "get", obj: ref.id(), name });
    const rooted = ref.from !== undefined ? { parent: ref, name } : undefined;
    const v = ref.subject.value(ok, rooted);
    const m = typeof v === "function" ? meta.get(v) : undefined;
    if (m !== undefined) m.method = { of: receiver, name };
    return v;
  }

  set(target, name, value) {
    const { ref } = this;
    ref.subject.ask({ op: "set", obj: ref.id(), name: String(name), val: ref.subject.raw(value) });
    return true;
  }

  has(target, name) {
    const { ref } = this;
    if (typeof name === "symbol") return false;
    return ref.subject.ask({ op: "contains", obj: ref.id(), key: ref.subject.raw(name) }).ok;
  }

  deleteProperty(target, name) {
    const { ref } = this;
    ref.subject.ask({ op: "delitem", obj: ref.id(), key: ref.subject.raw(String(name)) });
    return true;
  }

  apply(target, self, args) {
    const { ref } = this;
    const s = ref.subject;
    // As a method of the object that it was read from, else as a plain function.
    const m = ref.method;
    if (self !== undefined && m !== undefined && m.of === self) return s.value(s.call(meta.get(self), m.name, args).ok);
    return s.value(s.call(ref, null, args, false, self).ok);
  }

  construct(target, args) {
    const { ref } = this;
    const s = ref.subject;
    return s.value(s.ask({ op: "new", obj: ref.id(), args: args.map((a) => s.raw(a)) }).ok);
  }

  ownKeys() {
    throw new TypeError(`metr: a ${this.ref.kind} stays in the code under test and cannot be compared or listed as a whole; read its properties`);
  }
  getOwnPropertyDescriptor(target, name) {
    return this.ref.callable() && name === "prototype" ? Reflect.getOwnPropertyDescriptor(target, name) : this.ownKeys();
  }
  getPrototypeOf(target) {
    return Reflect.getPrototypeOf(target);
  }
  setPrototypeOf() {
    return false;
  }
  defineProperty() {
    return false;
  }
}

function* iterate(ref) {
  const s = ref.subject;
  const it = meta.get(s.value(s.ask({ op: "iter", obj: ref.id() }).ok));
  let over = false;
  try {
    for (;;) {
      const step = s.value(s.call(it, "next", []).ok);
      if (step.done) {
        over = true;
        return;
      }
      yield step.value;
    }
  } catch (e) {
    over = true;
    throw e;
  } finally {
    // As for...of does when the loop is left early.
    if (!over && s.ask({ op: "contains", obj: it.id(), key: "return" }).ok) s.call(it, "return", []);
  }
}

async function* iterateAsync(ref) {
  yield* iterate(ref);
}

function instance(ref, v) {
  const m = (typeof v === "object" && v !== null) || typeof v === "function" ? meta.get(v) : undefined;
  if (m !== undefined) return ref.subject.ask({ op: "contains", obj: ref.id(), key: ref.subject.raw(v) }).ok === true;
  return ref.mro !== null && v instanceof Error && Array.isArray(v.mro) && v.mro.includes(ref.kind);
}

/** Stands for a module that could not be loaded while test files were imported: every use throws. */
function poison(error) {
  const fail = () => {
    throw error;
  };
  const p = new Proxy(function () {}, {
    get: (t, name) => (judge.loading && typeof name === "string" ? p : fail()),
    apply: fail, construct: fail, set: fail, has: fail, ownKeys: fail, getOwnPropertyDescriptor: fail,
  });
  return p;
}

/** The face of a subject for tests. */
function face(s) {
  const root = (request) => {
    try {
      return s.value(s.ask({ ...request }).ok, { request });
    } catch (e) {
      if (!judge.loading) throw e;
      judge.failed ||= `${request.name ?? "exec"} could not be loaded: ${e?.name ?? "thrown"}: ${e?.message ?? e}`;
      return poison(e);
    }
  };
  return {
    load: (name) => root({ op: "load", name }),
    exec: (src, file = "helper.cjs") => root({ op: "exec", src, file }),
    restart: () => s.restart(),
    cpu: () => s.ask({ op: "cpu" }).ok,
    /** Calls fn; args are the arguments as the call left them. */
    inplace: (fn, ...args) => {
      const ref = meta.get(fn);
      if (ref === undefined) throw new TypeError("metr: inplace expects a function of the code under test");
      const m = ref.method;
      const [of, name] = m === undefined ? [ref, null] : [meta.get(m.of), m.name];
      const reply = ref.subject.call(of, name, args, true);
      return { value: ref.subject.value(reply.ok), args: reply.args.map((a) => ref.subject.value(a)) };
    },
    className: (obj) => meta.get(obj)?.kind ?? "",
    /** Measures run on the code before the patch, that once more, and the candidate's, interleaved. */
    measure: (name, { sizes, rounds = 6, prepare, run }) => {
      const order = [1, 2, 0];
      const rows = [];
      for (const n of sizes) {
        for (let i = 0; i < rounds + 1; i++) {
          const row = [n, 0, 0, 0];
          for (let k = 0; k < 3; k++) {
            const to = order[(i + k) % 3];
            const args = prepare(faces[to], n);
            const before = all[to].ask({ op: "cpu" }).ok;
            run(faces[to], args);
            row[[3, 1, 2][to]] = all[to].ask({ op: "cpu" }).ok - before;
          }
          if (i > 0) rows.push(row); // the first round warms up
        }
      }
      judge.send({ op: "pairs", name, rows });
    },
  };
}

const all = [0, 1, 2].map((n) => new Subject(n));
const faces = all.map(face);
faces[0].start = faces[1];
faces[0].start2 = faces[2];

/** The code under test. */
export const subject = faces[0];

/** Gives subjects that ended a new process. For the judge, before each test. */
export function revive() {
  for (const s of all) if (s.gone !== "") s.restart();
}
