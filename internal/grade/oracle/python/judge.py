# The judge's side: what hidden tests see of the candidate. It runs in a sandbox
# of its own, as a server that forks a process for each job, so that a judging
# pays neither the interpreter's start nor the imports. Everything that comes
# back from a subject is data that the relay has checked; nothing is unpickled,
# and nothing that the candidate defines runs in here.
import builtins
import itertools
import os


class Gone(BaseException):
    """The subject cannot be asked any more: it died, or broke a limit. Not an
    Exception, so that a test's own except does not swallow it."""


class Link:
    """The line to the subjects, and what has come of it so far."""

    def __init__(self, channel, plain):
        self.ch = channel
        self.plain = plain        # function-level: an object where a value is expected decides nothing
        self.codec = None
        self.codecs = [Codec(self.other, _Reader(self, n)) for n in range(3)]
        self.sides = [0, 0, 0]    # how often each subject was started
        self.used = [False] * 3
        self.lost = ""            # why a subject was lost, since last cleared
        self.weak = ""            # what could not be compared, since last cleared
        self.last = None          # function, arguments and outcome of the last call, for messages
        self.functions = {}
        self.numbers = {}
        self.classes = {}
        self.tests = 0

    # values

    def other(self, v, depth):
        if isinstance(v, (Handle, LazyModule)):
            return '{"h":%d,"k":""}' % _number(v)
        if isinstance(v, type) and v in self.classes.values():
            n = v.__dict__.get("_metr_handle")
            if n:
                return '{"h":%d,"k":""}' % n
        if isinstance(v, _View):
            return '{"h":%d,"k":""}' % v._metr[1]
        if callable(v) and not isinstance(v, type):
            n = self.numbers.get(id(v))
            if n is None:
                n = self.numbers[id(v)] = len(self.functions) + 1
                self.functions[n] = v
            return '{"cb":%d}' % n
        for base in (bool, int, float, str, tuple, list, dict, set, frozenset):
            if isinstance(v, base):
                return self.codec.encode(base(v), depth)
        if hasattr(v, "__next__") or isinstance(v, (range, type({}.keys()), type({}.values()), type({}.items()))):
            return '{"I":%s}' % self.codec.items(list(v), depth)
        raise TypeError("a %s cannot be passed to the candidate" % type(v).__name__)

    # requests

    def ask(self, to, body, call=None):
        """One request, callbacks served meanwhile; returns value and arguments."""
        codec = self.codec = self.codecs[to]
        self.used[to] = True
        self.ch.send('{"to":%d,%s}' % (to, body))
        while True:
            text = self.ch.recv()
            if text is None:
                os._exit(4)
            try:
                reply, _ = codec.decode(text, 0)
            except (TypeError, ValueError, RecursionError, Uncrossable) as e:
                self.lost = "broken reply: %s" % e
                raise Gone(self.lost) from None
            if "ok" in reply:
                return reply["ok"], reply.get("args")
            if "err" in reply:
                raise self.exception(to, reply["err"])
            if "gone" in reply:
                self.lost = self.lost or reply["gone"]
                raise Gone(reply["gone"])
            self.callback(to, reply)
            codec = self.codec = self.codecs[to]

    def callback(self, to, reply):
        try:
            f = self.functions.get(reply["cb"])
            if f is None:
                raise LookupError("no such callback")
            v = f(*reply["args"], **{k: x for k, x in reply.get("kw", [])})
            self.codec = self.codecs[to]
            text = '{"op":"return","to":%d,"val":%s}' % (to, self.codec.encode(v))
        except Exception as e:
            text = '{"op":"raise","to":%d,"class":%s,"msg":%s}' % (to, _quote(type(e).__name__), _quote(str(e)))
        self.ch.send(text)

    def call(self, to, obj, name, args, kw, limit_ms=0, copies=True):
        codec = self.codec = self.codecs[to]
        copy = copies and any(type(a) in (list, dict, set) for a in args)
        body = '"op":"call","obj":%d,"name":%s,"args":%s' % (
            obj, "null" if name is None else _quote(name), codec.items(args, 0))
        if kw:
            body += ',"kw":[%s]' % ",".join(["[%s,%s]" % (_quote(k), codec.encode(v)) for k, v in kw.items()])
        if copy:
            body += ',"copy":true'
        if limit_ms:
            body += ',"limit_ms":%d,"digest":true' % limit_ms
        self.last = (name, args, None)
        try:
            v, changed = self.ask(to, body)
        except BaseException as e:
            self.last = (name, args, e)
            raise
        if type(v) is Handle and v._k == "NotImplementedType":
            v = NotImplemented
        self.last = (name, args, v)
        if changed is not None:
            for old, new in zip(args, changed):
                _assign(old, new)
        return v

    def exec(self, src, code=None, to=0):
        if code is not None:
            return self.ask(to, '"op":"exec","code":"%s","file":"solution.py"' % _b64(code))[0]
        return self.ask(to, '"op":"exec","src":%s,"file":"solution.py"' % self.codecs[to].encode(src))[0]

    def restart(self, to=0):
        if self.used[to]:
            self.sides[to] += 1
            self.used[to] = False
            self.ch.send('{"op":"restart","to":%d}' % to)
            self.ch.recv()

    def cpu(self, to):
        self.used[to] = True
        self.ch.send('{"op":"cpu","to":%d}' % to)
        reply, _ = self.codecs[to].decode(self.ch.recv(), 0)
        if "gone" in reply:
            self.lost = self.lost or reply["gone"]
            raise Gone(reply["gone"])
        return reply["ok"]

    # exceptions

    def exception(self, to, err):
        cls = self.exception_class(err["class"], err["mro"])
        args = err.get("args")
        try:
            e = cls(*args) if args is not None else cls(err["msg"])
        except Exception:
            e = cls.__new__(cls)
            e.args = (err["msg"],)
        if err.get("h"):
            e._metr = Handle(self, to, err["h"], err["class"])
        e._metr_msg = err["msg"]
        return e

    def exception_class(self, name, mro, handle=0):
        """The class of that name: the real one if it is built in, else a class of
        ours that stands for the candidate's."""
        for entry in reversed(mro or ["Exception"]):
            full, _, bases = entry.partition("(")
            cls = self.class_named(full, bases.rstrip(")").split(","))
        if handle and full in self.classes:
            cls._metr_handle = handle
        return cls

    def class_named(self, full, bases=()):
        cls = getattr(builtins, full, None)
        if isinstance(cls, type) and issubclass(cls, BaseException) and cls not in (KeyboardInterrupt, GeneratorExit):
            return cls
        cls = self.classes.get(full)
        if cls is None:
            bases = [self.class_named(b) for b in bases if b and b != "object"]
            body = {"__str__": _exception_text, "__getattr__": _exception_attr}
            name = full.rpartition(".")[2]
            try:
                # The ground is Exception at least: a BaseException would leave a
                # test that catches all errors.
                cls = type(name, tuple(b for b in bases if b is not BaseException) or (Exception,), body)
            except TypeError:
                cls = type(name, (Exception,), body)
            self.classes[full] = cls
        return cls

    # verdicts

    def result(self, name, ok, message="", label="typical"):
        self.tests += 1
        self.ch.send('{"op":"result","name":%s,"label":%s,"status":"%s","message":%s}' % (
            _safe(name), _quote(label), "pass" if ok else "fail", _safe(message)))

    def tell_weak(self, why):
        self.ch.send('{"op":"weak","why":%s}' % _safe(why))

    def done(self):
        self.ch.send('{"op":"done","tests":%d}' % self.tests)

    def describe(self):
        """What the last call was and what it gave, for the message of a failed test."""
        if self.last is None:
            return ""
        name, args, v = self.last
        what = "raised %s: %s" % (type(v).__name__, v) if isinstance(v, BaseException) else "gave " + cut(v, 90)
        return "%s(%s) %s" % (name or "call", cut(args, 90)[1:-1].rstrip(","), what)


def _exception_text(self):
    return self.__dict__.get("_metr_msg") or str(self.args[0] if self.args else "")


def _exception_attr(self, name):
    h = self.__dict__.get("_metr")
    if h is None or name.startswith("__"):
        raise AttributeError(name)
    return getattr(h, name)


def cut(v, n=200):
    try:
        s = v if type(v) is str and n == 200 else repr(v)
    except ValueError:  # an integer of thousands of digits
        s = "<%s too large to print>" % type(v).__name__
    return s if len(s) <= n else s[:n - 3] + "..."


def _safe(s):
    return _quote(cut(str(s)).encode("utf-8", "backslashreplace").decode())


def _assign(old, new):
    """Makes a list, dict or set that was passed what the call left of it."""
    if type(old) is not type(new) or old == new:
        return
    if type(old) is list:
        old[:] = new
    elif type(old) in (dict, set):
        old.clear()
        old.update(new)


class _Reader:
    """Makes handles of one subject from what the decoder finds."""

    def __init__(self, link, to):
        self.link = link
        self.to = to

    def __call__(self, d):
        if "E" in d:
            return self.link.exception_class(d["k"], d["m"], d["E"])
        h = Handle(self.link, self.to, d["h"], d["k"])
        return _view(h, d["v"]) if "v" in d else h


def _number(h):
    if isinstance(h, LazyModule):
        return h._module()._id
    link, to = h._link, h._to
    if h._gen != link.sides[to]:
        raise Gone("an object of a program that was started afresh since")
    return h._id


class Handle:
    """An object that stays in the subject. It equals itself and nothing else."""

    __slots__ = ("_link", "_to", "_id", "_k", "_gen")

    def __init__(self, link, to, n, k):
        put = object.__setattr__
        put(self, "_link", link)
        put(self, "_to", to)
        put(self, "_id", n)
        put(self, "_k", k)
        put(self, "_gen", link.sides[to])

    def _ask(self, op, more=""):
        return self._link.ask(self._to, '"op":"%s","obj":%d%s' % (op, _number(self), more))[0]

    def _text(self, v):
        link = self._link
        link.codec = link.codecs[self._to]
        return link.codec.encode(v)

    def _only_whole(self, what):
        """In function-level tests an object may be passed on, called and asked for
        attributes; whatever would let it play the expected value is refused."""
        if self._link.plain:
            self._link.weak = "a value of class %s came back, which cannot be %s here" % (self._k, what)
            raise TypeError(self._link.weak)

    def __call__(self, *args, **kw):
        return self._link.call(self._to, _number(self), None, args, kw)

    def __getattr__(self, name):
        if name.startswith("__") and name.endswith("__") and name not in ("__name__", "__doc__", "__dict__", "__next__", "__wrapped__", "__call__", "__mul__", "__module__"):
            raise AttributeError(name)
        v = self._ask("get", ',"name":%s' % _quote(name))
        if type(v) is Handle and v._id == 0:
            return Bound(self, name)
        return v

    def __setattr__(self, name, val):
        self._ask("set", ',"name":%s,"val":%s' % (_quote(name), self._text(val)))

    def __getitem__(self, key):
        self._only_whole("indexed")
        return self._ask("item", ',"key":' + self._text(key))

    def __setitem__(self, key, val):
        self._ask("setitem", ',"key":%s,"val":%s' % (self._text(key), self._text(val)))

    def __delitem__(self, key):
        self._ask("delitem", ',"key":' + self._text(key))

    def __len__(self):
        self._only_whole("measured")
        return self._ask("len")

    def __contains__(self, key):
        self._only_whole("searched")
        return self._ask("contains", ',"key":' + self._text(key)) is True

    def __iter__(self):
        self._only_whole("iterated over")
        it = self._ask("iter", ',"lazy":true')
        while True:
            try:
                v = it.__next__()
            except StopIteration:
                return
            yield v

    def __next__(self):
        return self._link.call(self._to, _number(self), "__next__", (), {})

    def __bool__(self):
        return self._ask("bool") is True

    def __str__(self):
        self._only_whole("read as text")
        return str(self._ask("str"))

    def __repr__(self):
        if self._link.plain:
            return "<%s object>" % self._k
        try:
            return str(self._ask("repr"))
        except (Gone, Exception):
            return "<%s object>" % self._k

    def __enter__(self):
        return self._link.call(self._to, _number(self), "__enter__", (), {})

    def __exit__(self, t, e, tb):
        args = (None, None, None)
        if t is not None:
            args = (None, None, None)
            self._link.call(self._to, _number(self), "__exit__", args, {})
            return False
        return self._link.call(self._to, _number(self), "__exit__", args, {}) is True

    def __instancecheck__(self, v):
        return isinstance(v, Handle) and self._ask("isinstance", ',"val":' + self._text(v)) is True

    def __eq__(self, other):
        same = isinstance(other, Handle) and (self._to, self._gen, self._id) == (other._to, other._gen, other._id)
        if not same and self._link.plain:
            self._link.weak = "a value of class %s came back, which cannot be compared here" % self._k
        return same

    def __ne__(self, other):
        # In function-level tests an object is never "not equal" either: an
        # unknown value must not satisfy a test.
        return not self == other and not self._link.plain

    def __hash__(self):
        return hash((self._to, self._gen, self._id))


def _operator(name):
    def method(self, other):
        # Only among objects of the candidate: an object that computes with plain
        # numbers could play any value.
        if self._link.plain or not isinstance(other, Handle):
            self._link.weak = self._link.weak or "a value of class %s came back, which cannot be computed with here" % self._k
            return NotImplemented
        return self._link.call(self._to, _number(self), name, (other,), {})
    return method


for _n in "add sub mul truediv floordiv mod pow matmul and or xor lt le gt ge".split():
    setattr(Handle, "__%s__" % _n, _operator("__%s__" % _n))


class Bound:
    """A method of an object in the subject, called by name."""

    __slots__ = ("_h", "__name__")

    def __init__(self, h, name):
        self._h = h
        self.__name__ = name

    def __call__(self, *args, **kw):
        h = self._h
        return h._link.call(h._to, _number(h), self.__name__, args, kw)


class _View:
    pass


def _view(h, v):
    """A tuple with named fields: equal to the plain tuple, attributes asked for."""
    t = type("tuple", (_View, type(v)), {"__getattr__": lambda self, n: getattr(self._metr[0], n)})
    out = t(v)
    out._metr = (h, h._id)
    return out


class LazyModule:
    """A module of the candidate, loaded on first use and again after a restart."""

    def __init__(self, link, to, name):
        self.__dict__.update(_link=link, _to=to, _name=name, _h=None, _cache={}, __name__=name)

    def _module(self):
        h = self._h
        link = self._link
        if h is None or h._gen != link.sides[self._to]:
            h = link.ask(self._to, '"op":"load","name":%s' % _quote(self._name))[0]
            self.__dict__.update(_h=h, _cache={})
        return h

    def __getattr__(self, name):
        h = self._module()
        v = self._cache.get(name)
        if v is None:
            v = h.__getattr__(name)
            if type(v) is Handle and v._k in ("function", "type", "ABCMeta", "EnumType", "EnumMeta", "builtin_function_or_method"):
                self._cache[name] = v
        return v

    def __setattr__(self, name, val):
        self._cache.pop(name, None)
        setattr(self._module(), name, val)

    def __repr__(self):
        return "<module %s>" % self._name
