# The values and frames of PROTOCOL.md. Judge and subject each begin with this
# file. It imports only modules built into the interpreter or written in C: a
# plain `import json` costs more than the interpreter's own start.
import sys
from posix import read as _read, write as _write
from _json import encode_basestring as _quote, make_scanner as _make_scanner

MAX_FRAME = 64 << 20
MAX_DEPTH = 200
MAX_VALUES = 4000000
MAX_ITEMS = 1000000
_SAFE = 1 << 53


class Uncrossable(Exception):
    """A value that has no form in the protocol, with the reason."""


class Codec:
    """Turns values into text and back. other(v, depth) gives the text of what is
    not plain; handle(d) makes a value of {"h":...}, {"E":...} or {"cb":...}."""

    def __init__(self, other, handle):
        self.other = other
        self.handle = handle
        self.strict = True
        self.object_pairs_hook = None
        self.object_hook = self._untag
        self.parse_float = self.parse_constant = self._refuse
        self.parse_int = int
        self.decode = _make_scanner(self)

    def _refuse(self, text):
        raise Uncrossable("the number " + text[:40])

    def _untag(self, d):
        n = len(d)
        if n == 1:
            for k in d:
                f = _UNTAG.get(k)
                if f is not None:
                    return f(d[k])
                if k == "cb":
                    return self.handle(d)
        elif "k" in d and ("h" in d or "E" in d):
            return self.handle(d)
        return d

    def encode(self, v, depth=0):
        t = type(v)
        if t is str:
            if not v.isascii():
                try:
                    v.encode()
                except UnicodeEncodeError:
                    return '{"s":"%s"}' % _b64(v.encode("utf-16-le", "surrogatepass"))
            return _quote(v)
        if t is int:
            return str(v) if -_SAFE <= v <= _SAFE else '{"i":"%s"}' % hex(v)
        if v is None:
            return "null"
        if v is True:
            return "true"
        if v is False:
            return "false"
        if t is float:
            return '{"f":"%r"}' % v
        if depth > MAX_DEPTH:
            raise Uncrossable("values nested deeper than %d" % MAX_DEPTH)
        if t is list:
            return self.items(v, depth)
        if t is tuple:
            return '{"T":%s}' % self.items(v, depth)
        if t is dict:
            return '{"D":[%s]}' % ",".join(
                ["[%s,%s]" % (self.encode(k, depth + 1), self.encode(x, depth + 1)) for k, x in v.items()])
        if t is set:
            return '{"S":%s}' % self.items(v, depth)
        if t is frozenset:
            return '{"F":%s}' % self.items(v, depth)
        if t is bytes or t is bytearray:
            return '{"b":"%s"}' % _b64(v)
        if t is complex:
            return '{"c":["%r","%r"]}' % (v.real, v.imag)
        if t is type and _TYPES.get(v.__name__) is v:
            return '{"t":"%s"}' % v.__name__
        return self.other(v, depth)

    def items(self, v, depth):
        if len(v) > 8:  # many of one kind: no call for each
            kinds = set(map(type, v))
            if len(kinds) == 1:
                kind = kinds.pop()
                if kind is int and -_SAFE <= min(v) and max(v) <= _SAFE:
                    return "[%s]" % ",".join(map(str, v))
                if kind is float:
                    return '[{"f":"%s"}]' % '"},{"f":"'.join(map(repr, v))
                if kind is str:
                    text = ",".join(map(_quote, v))
                    if text.isascii():
                        return "[%s]" % text
        encode = self.encode
        depth += 1
        return "[%s]" % ",".join([encode(x, depth) for x in v])


class Digest:
    """Stands for a list or tuple too large to cross: its size and checksums. The
    subject has to know the right values to know theirs. Unlike ==, it tells 1
    from 1.0 and True."""

    def __init__(self, sums):
        self.sums = sums


def digest(v):
    """The numbers of v's Digest, or None where v can cross as it is."""
    if type(v) not in (list, tuple) or len(v) < 1000:
        return None
    n = len(v) + sum([len(x) for x in v if type(x) in (list, tuple)])
    if n <= MAX_VALUES:
        return None
    from marshal import dumps
    from zlib import crc32
    try:
        return [n, len(v), int(type(v) is list)] + [crc32(dumps(v[i:i + 1000], 2)) for i in range(0, len(v), 1000)]
    except ValueError:
        return None


def _b64(b):
    from binascii import b2a_base64
    return b2a_base64(b, newline=False).decode()


def _unb64(s):
    from binascii import a2b_base64
    return a2b_base64(s)


# Classes of the language itself cross by name.
_TYPES = {t.__name__: t for t in (
    object, int, float, bool, str, bytes, complex, list, tuple, dict, set, frozenset, type(None))}


_UNTAG = {
    "i": lambda s: int(s, 16),
    "f": float,
    "c": lambda p: complex(float(p[0]), float(p[1])),
    "b": _unb64,
    "s": lambda s: _unb64(s).decode("utf-16-le", "surrogatepass"),
    # A set's order follows from how it was made; this way is a literal's.
    "T": tuple, "S": lambda v: set(frozenset(v)), "F": frozenset, "D": dict,
    "t": _TYPES.__getitem__, "#": Digest, "O": dict, "u": lambda _: None, "d": float, "I": iter,
}


class Channel:
    """Frames over two descriptors, one at a time in each direction."""

    def __init__(self, fd_in, fd_out):
        self.fd_in = fd_in
        self.fd_out = fd_out

    def recv(self):
        """The next frame's body, or None at the end."""
        fd = self.fd_in
        buf = _read(fd, 65536)
        while len(buf) < 4:
            more = _read(fd, 65536)
            if not more:
                return None
            buf += more
        need = 4 + int.from_bytes(buf[:4], "big")
        if len(buf) < need:
            parts = [buf]
            have = len(buf)
            while have < need:
                more = _read(fd, min(need - have, 1 << 20))
                if not more:
                    return None
                parts.append(more)
                have += len(more)
            buf = b"".join(parts)
        return buf[4:].decode()

    def send(self, text):
        body = text.encode()
        if len(body) > MAX_FRAME:
            raise Uncrossable("an answer of %d bytes; at most %d can cross" % (len(body), MAX_FRAME))
        body = len(body).to_bytes(4, "big") + body
        n = _write(self.fd_out, body)
        while n < len(body):
            body = body[n:]
            n = _write(self.fd_out, body)
