# What graders want to know of Python sources: whether they parse, the names they
# declare and use, and their indentation. It parses; it never runs them.
import ast
import io
import tokenize


def _dotted(node):
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    if isinstance(node, ast.Name):
        parts.append(node.id)
        return ".".join(reversed(parts))
    return ".".join(reversed(parts)) if parts else ""


class Inspector(ast.NodeVisitor):
    def __init__(self):
        self.names = []
        self.uses = set()
        self.idents = set()
        self.alias = {}
        self.in_class = [False]

    def name(self, kind, name, node):
        self.names.append({"kind": kind, "name": name, "line": getattr(node, "lineno", 0)})
        self.idents.add(name)

    def use(self, text):
        if not text:
            return
        head, _, rest = text.partition(".")
        self.uses.add(text)
        if head in self.alias:
            self.uses.add(self.alias[head] + ("." + rest if rest else ""))

    def visit_Import(self, node):
        for a in node.names:
            self.alias[a.asname or a.name.split(".")[0]] = a.name if a.asname else a.name.split(".")[0]
            self.uses.add(a.name)
            if a.asname:
                self.idents.add(a.asname)

    def visit_ImportFrom(self, node):
        for a in node.names:
            full = (node.module + "." if node.module else "") + a.name
            self.alias[a.asname or a.name] = full
            self.uses.add(full)
            self.idents.add(a.name)

    def visit_ClassDef(self, node):
        self.name("class", node.name, node)
        self.in_class.append(True)
        self.generic_visit(node)
        self.in_class.pop()

    def function(self, node):
        self.name("method" if self.in_class[-1] else "function", node.name, node)
        a = node.args
        for arg in a.posonlyargs + a.args + a.kwonlyargs + [x for x in (a.vararg, a.kwarg) if x]:
            self.name("parameter", arg.arg, arg)
        self.in_class.append(False)
        self.generic_visit(node)
        self.in_class.pop()

    visit_FunctionDef = function
    visit_AsyncFunctionDef = function

    def visit_Name(self, node):
        self.idents.add(node.id)
        if isinstance(node.ctx, ast.Store):
            top = len(self.in_class) == 1
            self.name("constant" if top else "variable", node.id, node)
        else:
            self.use(node.id)

    def visit_Attribute(self, node):
        self.idents.add(node.attr)
        self.use(_dotted(node))
        if isinstance(node.ctx, ast.Store):
            self.name("attribute", node.attr, node)
        self.generic_visit(node)

    def visit_keyword(self, node):
        if node.arg:
            self.idents.add(node.arg)
        self.generic_visit(node)


def _indents(text):
    """The width of every step of indentation, with its line."""
    out = []
    stack = [0]
    for tok in tokenize.generate_tokens(io.StringIO(text).readline):
        if tok.type == tokenize.INDENT:
            width = len(tok.string)
            out.append([tok.start[0], width - stack[-1]])
            stack.append(width)
        elif tok.type == tokenize.DEDENT:
            stack.pop()
    return out


def job_inspect(channel, job):
    sys.setrecursionlimit(3000)
    out = {}
    for path, text in job["files"].items():
        raw = _unb64(text)
        try:
            tree = ast.parse(raw, path)
            compile(tree, path, "exec", dont_inherit=True)
            if not job["names"]:
                out[path] = {}
                continue
            v = Inspector()
            # Names may be imported below their use, inside functions.
            for node in ast.walk(tree):
                if isinstance(node, ast.Import):
                    v.visit_Import(node)
                elif isinstance(node, ast.ImportFrom):
                    v.visit_ImportFrom(node)
            v.visit(tree)
            enc = tokenize.detect_encoding(io.BytesIO(raw).readline)[0]
            out[path] = {"names": v.names, "uses": sorted(v.uses), "idents": sorted(v.idents), "steps": _indents(raw.decode(enc))}
        except SyntaxError as e:
            out[path] = {"error": "%s:%s: %s" % (e.lineno or 0, e.offset or 0, e.msg)}
        except (ValueError, RecursionError, MemoryError, tokenize.TokenError, UnicodeError) as e:
            out[path] = {"error": "0:0: %s: %s" % (type(e).__name__, e)}
    sys.setrecursionlimit(1000)
    channel.send(json.dumps({"report": out}))
