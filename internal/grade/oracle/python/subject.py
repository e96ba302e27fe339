# The subject: holds the candidate's code and answers requests. It keeps its
# imports to a minimum, since it is started afresh for every sample. Nothing in
# here is a secret or a defence: the candidate can change all of it, and then
# gives other answers, which is all that it could do anyway.
from posix import dup as _dup, dup2 as _dup2, open as _open, getcwd as _getcwd, set_inheritable as _inherit

_ITERS = (range, type({}.keys()), type({}.values()), type({}.items()), type(reversed([])))
_METHODS = (type(Codec.encode.__get__(Codec)), type([].append), type([].__len__))
_PLAIN = (str, int, float, list, tuple, dict, set, frozenset, bytes, complex)


class _Callback:
    """A function of the judge's."""

    def __init__(self, server, n):
        self._server = server
        self._n = n

    def __call__(self, *args, **kw):
        return self._server.callback(self._n, args, kw)


class _Server:
    def __init__(self, channel):
        self.ch = channel
        self.codec = Codec(self.other, self.untag)
        self.objs = {}    # handle -> object
        self.ids = {}     # id of object -> handle
        self.whole = False  # modules of a workspace: iterators and own containers stay here
        self.lock = None

    # values

    def untag(self, d):
        if "cb" in d:
            return _Callback(self, d["cb"])
        return self.objs[d["h"] if "h" in d else d["E"]]

    def number(self, v):
        n = self.ids.get(id(v))
        if n is None:
            n = len(self.objs) + 1
            self.objs[n] = v
            self.ids[id(v)] = n
        return n

    def mark(self, v, extra=""):
        return '{"h":%d,"k":%s%s}' % (self.number(v), _quote(_name(type(v))), extra)

    def other(self, v, depth):
        t = type(v)
        mro = type.__dict__["__mro__"].__get__(t)
        if _among(type, mro) and _among(BaseException, type.__dict__["__mro__"].__get__(v)):
            return '{"E":%d,"k":%s,"m":%s}' % (self.number(v), _quote(_name(v)), _mro(v))
        for base in _PLAIN:
            if _among(base, mro):
                return self.derived(v, t, base, depth)
        if t in _ITERS:
            return self.drained(v, depth)
        if not self.whole and any("__next__" in c.__dict__ for c in mro):
            return self.drained(v, depth)
        return self.mark(v)

    def derived(self, v, t, base, depth):
        """An instance of a class derived from a plain one goes as the plain value
        that it holds, whatever its own methods would say."""
        own = t.__module__ in sys.modules and getattr(sys.modules[t.__module__], "__file__", None) is not None
        if base is tuple:
            plain = self.codec.encode(tuple(tuple.__iter__(v)), depth)
            if self.whole and isinstance(t.__dict__.get("_fields"), tuple):
                return self.mark(v, ',"v":' + plain)
            return plain
        if base in (list, dict, set, frozenset):
            if self.whole and own and not t.__module__.startswith("collections"):
                return self.mark(v)
            if base is dict:
                return self.codec.encode(dict(dict.items(v)), depth)
            return self.codec.encode(base(base.__iter__(v)), depth)
        if self.whole and hasattr(t, "__members__"):  # an enumeration's member
            return self.mark(v)
        if base is str:
            return self.codec.encode("".join(str.__iter__(v)), depth)
        if base is float:
            return self.codec.encode(float.__neg__(float.__neg__(v)), depth)
        if base is bytes:
            return self.codec.encode(bytes.__add__(v, b""), depth)
        return self.codec.encode(base.__pos__(v), depth)

    def drained(self, v, depth):
        out = []
        for x in v:
            out.append(x)
            if len(out) > MAX_ITEMS:
                raise Uncrossable("an iterator of more than %d items" % MAX_ITEMS)
        return '{"I":%s}' % self.codec.items(out, depth)

    def answer(self, v):
        try:
            return self.codec.encode(v)
        except Uncrossable:
            return self.mark(v)
        except RecursionError:
            return self.mark(v)

    # requests

    def serve(self, until_return=False):
        """Answers requests to the end of the stream, or returns the frame that
        ends a callback."""
        while True:
            text = self.ch.recv()
            if text is None:
                from os import _exit
                _exit(0)
            req, _ = self.codec.decode(text, 0)
            op = req["op"]
            if until_return and op in ("return", "raise"):
                return req
            try:
                reply = self.OPS[op](self, req)
            except BaseException as e:
                reply = self.failure(e)
            try:
                self.ch.send(reply)
            except Uncrossable as e:
                self.ch.send(self.failure(e))

    def failure(self, e):
        t = type(e)
        try:
            msg = str(e)
            if t is KeyError or type(msg) is not str:
                msg = str.__str__(msg)
        except BaseException:
            msg = "(no message)"
        msg = msg[:16000].encode("utf-8", "replace").decode()
        args = ""
        try:
            args = ',"args":%s' % self.codec.items(e.args, 0)
            if len(args) > 65536 or '"h":' in args:
                args = ""
        except BaseException:
            pass
        h = ',"h":%d' % self.number(e) if self.whole else ""
        return '{"err":{"class":%s,"mro":%s,"msg":%s%s%s}}' % (_quote(_name(t)), _mro(t), _quote(msg), args, h)

    def ok(self, v):
        return '{"ok":%s}' % self.answer(v)

    def callback(self, n, args, kw):
        if self.lock is None:
            from _thread import RLock
            self.lock = RLock()
        with self.lock:
            kw = ',"kw":[%s]' % ",".join(["[%s,%s]" % (_quote(k), self.answer(v)) for k, v in kw.items()]) if kw else ""
            self.ch.send('{"cb":%d,"args":[%s]%s}' % (n, ",".join([self.answer(v) for v in args]), kw))
            req = self.serve(True)
        if req["op"] == "return":
            return req["val"]
        import builtins
        c = getattr(builtins, req["class"], None)
        if not (isinstance(c, type) and issubclass(c, BaseException)):
            c = type(req["class"], (Exception,), {})
        raise c(req["msg"])

    def op_exec(self, req):
        m = type(sys)("solution")
        m.__file__ = req.get("file", "solution.py")
        sys.modules["solution"] = m
        if "code" in req:
            from marshal import loads
            code = loads(_unb64(req["code"]))
        else:
            code = compile(req["src"], m.__file__, "exec", dont_inherit=True)
        exec(code, m.__dict__)
        return '{"ok":%s}' % self.mark(m)

    def op_load(self, req):
        if not self.whole:
            self.whole = True
            sys.path.insert(0, _getcwd())
        __import__(req["name"])
        return '{"ok":%s}' % self.mark(sys.modules[req["name"]])

    def op_get(self, req):
        obj = self.objs[req["obj"]]
        v = getattr(obj, req["name"])
        if type(v) in _METHODS and type(obj) is not type(sys):
            return '{"ok":{"h":0,"k":"method"}}'
        return self.ok(v)

    def op_set(self, req):
        setattr(self.objs[req["obj"]], req["name"], req["val"])
        return '{"ok":null}'

    def op_call(self, req):
        f = self.objs[req["obj"]]
        if req.get("name") is not None:
            f = getattr(f, req["name"])
        args = req["args"]
        kw = dict(req["kw"]) if req.get("kw") else {}
        copy = req.get("copy")
        before = self.codec.items(args, 0) if copy else ""
        v = f(*args, **kw)
        if hasattr(v, "__await__") and type(v).__name__ == "coroutine":
            import asyncio
            v = asyncio.run(v)
        sums = digest(v) if req.get("digest") else None
        ok = self.answer(v) if sums is None else '{"#":%s}' % self.codec.items(sums, 0)
        if copy:
            try:
                after = self.codec.items(args, 0)
            except Uncrossable:
                after = before
            if after != before:
                return '{"ok":%s,"args":%s}' % (ok, after)
        return '{"ok":%s}' % ok

    def op_item(self, req):
        return self.ok(self.objs[req["obj"]][req["key"]])

    def op_setitem(self, req):
        self.objs[req["obj"]][req["key"]] = req["val"]
        return '{"ok":null}'

    def op_delitem(self, req):
        del self.objs[req["obj"]][req["key"]]
        return '{"ok":null}'

    def op_len(self, req):
        return self.ok(len(self.objs[req["obj"]]))

    def op_contains(self, req):
        return self.ok(req["key"] in self.objs[req["obj"]])

    def op_iter(self, req):
        it = iter(self.objs[req["obj"]])
        if req.get("lazy"):
            return '{"ok":%s}' % self.mark(it)
        return '{"ok":%s}' % self.drained(it, 0)

    def op_str(self, req):
        return self.ok(str(self.objs[req["obj"]]))

    def op_repr(self, req):
        return self.ok(repr(self.objs[req["obj"]]))

    def op_bool(self, req):
        return self.ok(bool(self.objs[req["obj"]]))

    def op_isinstance(self, req):
        return self.ok(isinstance(req["val"], self.objs[req["obj"]]))

    OPS = {k[3:]: v for k, v in list(locals().items()) if k[:3] == "op_"}


def _among(c, mro):
    """Whether class c is in mro, without asking a metaclass what equals what."""
    for x in mro:
        if x is c:
            return True
    return False


def _name(t):
    n = type.__dict__["__name__"].__get__(t)
    return n[:200].encode("utf-8", "replace").decode()


def _mro(t):
    """The ancestry of an exception class: a class of the language by its name, any
    other as module.Name(bases), so that the judge can build the like of it."""
    out = []
    for c in type.__dict__["__mro__"].__get__(t)[:-1][:60]:
        n = _full(c)
        if "." in n:
            n += "(%s)" % ",".join([_full(b) for b in type.__dict__["__bases__"].__get__(c)])
        out.append(_quote(n[:500]))
    return "[%s]" % ",".join(out)


def _full(c):
    m = type.__dict__["__module__"].__get__(c)
    return _name(c) if m == "builtins" else "%s.%s" % (str(m)[:200].encode("utf-8", "replace").decode(), _name(c))


def main():
    fd_in, fd_out = _dup(0), _dup(1)  # not inherited by programs that the candidate starts
    null = _open("/dev/null", 0)
    _dup2(null, 0)
    _dup2(2, 1)
    if sys.path and sys.path[0] in ("", "."):
        del sys.path[0]
    sys.dont_write_bytecode = True
    sys.argv = ["solution.py"]
    _Server(Channel(fd_in, fd_out)).serve()

