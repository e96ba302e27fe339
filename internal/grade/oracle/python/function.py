# Function-level jobs: HumanEval and MBXP (a check function), MBPP (single
# asserts), EvalPlus (inputs whose outputs the reference computes).
import ast
import copy
import math


class Program:
    """The candidate's program, executed as a module in subject 0."""

    def __init__(self, link, job):
        self.link = link
        self.src = job["program"]
        self.module = None

    def start(self):
        """Executes it; the reason why it could not be, or None."""
        try:
            self.module = self.link.exec(self.src)
            return None
        except (Gone, Exception, SystemExit) as e:
            return reason(e)

    def function(self, name):
        link, n, to = self.link, self.module._id, 0

        def call(*args, **kw):
            return link.call(to, n, name, args, kw)
        call.__name__ = name
        return call


def reason(e):
    if isinstance(e, Gone):
        return cut(str(e))
    return cut("%s: %s" % (type(e).__name__, e))


def helpers(prompt, entry):
    """The names that the prompt itself completes: imports, constants and whole
    functions, without the one to be written."""
    env = {"__name__": "judge", "__builtins__": builtins}
    if not prompt:
        return env
    try:
        tree = ast.parse(prompt)
    except SyntaxError:
        try:
            tree = ast.parse(prompt + "\n    pass\n")
        except SyntaxError:
            return env
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == entry:
            continue
        try:
            exec(compile(ast.Module([node], []), "prompt", "exec"), env)
        except Exception:
            pass
    return env


def first_line(node, source):
    return cut((ast.get_source_segment(source, node) or "").split("\n")[0].strip(), 110)


def run_statements(link, body, source, env):
    """Executes statements one by one; each that asserts is a test of its own. A
    failed assert does not stop the others, any other failure does."""
    n = 0
    for node in body:
        asserts = any(isinstance(x, ast.Assert) for x in ast.walk(node))
        n += asserts
        link.lost = link.weak = ""
        link.last = None
        message = ""
        try:
            exec(compile(ast.Module([node], []), "test", "exec"), env)
        except AssertionError as e:
            message = "%s: %s" % (first_line(node, source), link.describe())
            if str(e) and isinstance(node, ast.Assert) and type(e) is AssertionError and len(link.describe()) == 0:
                message += str(e)
        except (Gone, Exception, SystemExit) as e:
            message = reason(e) if isinstance(e, Gone) else "%s: %s" % (first_line(node, source), reason(e))
        if link.lost:
            message = link.lost
        elif message and link.weak:
            message = "%s: %s" % (link.weak, message)
        if message:
            link.result("assert %d" % max(n, 1), False, message)
            if link.weak:
                link.tell_weak(link.weak)
            if link.lost or not asserts:
                break
        elif asserts:
            link.result("assert %d" % n, True)
    return n


def job_check(link, job):
    p = Program(link, job)
    env = helpers(job["prompt"], job["entry"])
    tree = ast.parse(job["test"])
    check = [x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == "check"]
    why = p.start()
    if why is None:
        try:
            if p.link.ask(0, '"op":"get","obj":%d,"name":%s' % (p.module._id, _quote(job["entry"])))[0] is None:
                pass
        except (Gone, Exception, SystemExit) as e:
            why = reason(e)
    if why is not None:
        link.result("program", False, why)
        return
    env[job["entry"]] = candidate = p.function(job["entry"])
    simple = len(check) == 1 and not any(
        isinstance(x, (ast.Return, ast.Global, ast.Nonlocal, ast.Yield)) for x in ast.walk(check[0]))
    rest = [x for x in tree.body if x not in check]
    exec(compile(ast.Module(rest, []), "test", "exec"), env)
    if simple:
        env[check[0].args.args[0].arg] = candidate
        n = run_statements(link, check[0].body, job["test"], env)
    else:
        exec(compile(ast.Module(check, []), "test", "exec"), env)
        env["candidate"] = candidate
        n = run_statements(link, ast.parse("check(candidate)\nassert True").body, "check(candidate)", env)
    if n == 0 and link.tests == 0:
        link.result("check", True)


def top_names(src):
    """What a program defines at its top, and the modules that it imports there."""
    defined, modules = set(), {}
    try:
        tree = ast.parse(src)
    except SyntaxError:
        return defined, modules
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.ClassDef, ast.AsyncFunctionDef)):
            defined.add(node.name)
        elif isinstance(node, ast.Import):
            for a in node.names:
                modules[(a.asname or a.name).split(".")[0]] = node
        elif isinstance(node, ast.ImportFrom):
            for a in node.names:
                modules[a.asname or a.name] = node
        else:
            defined.update(x.id for x in ast.walk(node) if isinstance(x, ast.Name) and isinstance(x.ctx, ast.Store))
    return defined, modules


def job_asserts(link, job):
    env = {"__name__": "judge", "__builtins__": builtins}
    for line in job["imports"]:
        exec(line, env)
    # As the harnesses do whose figures are published, the set-up runs before the
    # program and knows nothing of it; MBPP/367 and 927 can therefore not pass.
    try:
        exec(compile(job["setup"], "setup", "exec"), env)
    except Exception as e:
        link.result("setup", False, reason(e))
        return
    p = Program(link, job)
    why = p.start()
    if why is None:
        why = bind_names(p, job, env)
    if why is not None:
        link.result("program", False, why)
        return
    source = "\n".join(job["asserts"])
    run_statements(link, ast.parse(source).body, source, env)


def bind_names(p, job, env):
    """Binds the names that the asserts use: to the candidate's functions where
    the reference defines them, to the judge's own modules where the program must
    import them. Returns why the candidate could not be asked, or None."""
    link = p.link
    defined, modules = top_names(job["reference"])
    uses = [x for x in ast.walk(ast.parse("\n".join(job["asserts"]))) if isinstance(x, ast.Name)]
    inner = {x.id for x in uses if isinstance(x.ctx, ast.Store)}
    for name in sorted({x.id for x in uses} - inner):
        if name in env or hasattr(builtins, name) and name not in defined:
            continue
        try:
            v = link.ask(0, '"op":"get","obj":%d,"name":%s' % (p.module._id, _quote(name)))[0]
        except AttributeError:
            continue  # a NameError in the published program, and so in the test
        except (Gone, Exception, SystemExit) as e:
            return reason(e)
        if name in modules and name not in defined:
            exec(compile(ast.Module([modules[name]], []), "imports", "exec"), env)
        else:
            env[name] = p.function(name) if isinstance(v, Handle) else v
    return None


def job_inprocess(link, job):
    """The published way, for values that cannot cross: program and tests share
    the subject, and a secret that is set last tells that it came to its end."""
    try:
        module = link.exec(job["program"])
        got = link.ask(0, '"op":"get","obj":%d,"name":"_metr_end"' % module._id)[0]
        link.result("program", type(got) is str and got == job["secret"],
                    "" if got == job["secret"] else "the program did not come to its end")
    except (Gone, Exception, SystemExit) as e:
        link.result("program", False, reason(e))
