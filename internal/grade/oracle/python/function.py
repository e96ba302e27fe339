# Function-level jobs: HumanEval and MBXP (a check function), MBPP (single
# asserts), EvalPlus (inputs whose outputs the reference computes).
import ast
import copy
import marshal
import math


class Program:
    """The candidate's program, executed as a module in subject 0."""

    def __init__(self, link, job):
        self.link = link
        self.src = job["program"]
        self.code = job.get("code")
        self.module = None

    def start(self):
        """Executes it; the reason why it could not be, or None."""
        try:
            self.module = self.link.exec(self.src, self.code)
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
    """The code of what the prompt itself completes: imports, constants and whole
    functions, without the one to be written."""
    if not prompt:
        return []
    try:
        tree = ast.parse(prompt)
    except SyntaxError:
        try:
            tree = ast.parse(prompt + "\n    pass\n")
        except SyntaxError:
            return []
    return [compile(ast.Module([node], []), "prompt", "exec", dont_inherit=True) for node in tree.body
            if not (isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == entry)]


def run_all(codes, env):
    """Executes what the prompt completes, as far as it can be."""
    for code in codes:
        try:
            exec(code, env)
        except Exception:
            pass


def first_line(node, source):
    return cut((ast.get_source_segment(source, node) or "").split("\n")[0].strip(), 110)


class Statement:
    """One statement of a test, compiled."""

    def __init__(self, node, source):
        self.code = compile(ast.Module([node], []), "test", "exec", dont_inherit=True)
        self.asserts = any(isinstance(x, ast.Assert) for x in ast.walk(node))
        self.alone = isinstance(node, ast.Assert)
        self.node, self.source = node, source

    def line(self):
        return first_line(self.node, self.source)


def run_statements(link, statements, env):
    """Executes statements one by one; each that asserts is a test of its own. A
    failed assert does not stop the others, any other failure does."""
    n = 0
    for s in statements:
        n += s.asserts
        link.lost = link.weak = ""
        link.last = None
        message = ""
        try:
            exec(s.code, env)
        except AssertionError as e:
            message = "%s: %s" % (s.line(), link.describe())
            if str(e) and s.alone and type(e) is AssertionError and len(link.describe()) == 0:
                message += str(e)
        except (Gone, Exception, SystemExit) as e:
            message = reason(e) if isinstance(e, Gone) else "%s: %s" % (s.line(), reason(e))
        if link.lost:
            message = link.lost
        elif message and link.weak:
            message = "%s: %s" % (link.weak, message)
        if message:
            link.result("assert %d" % max(n, 1), False, message)
            if link.weak:
                link.tell_weak(link.weak)
            if link.lost or not s.asserts:
                break
        elif s.asserts:
            link.result("assert %d" % n, True)
    return n


class CheckPlan:
    """A check function taken apart, which serves every answer to its task."""

    def __init__(self, job):
        self.helpers = helpers(job["prompt"], job["entry"])
        tree = ast.parse(job["test"])
        check = [x for x in tree.body if isinstance(x, ast.FunctionDef) and x.name == "check"]
        rest = [x for x in tree.body if x not in check]
        self.rest = compile(ast.Module(rest, []), "test", "exec", dont_inherit=True)
        self.whole, self.name = None, "candidate"
        if len(check) == 1 and not any(
                isinstance(x, (ast.Return, ast.Global, ast.Nonlocal, ast.Yield)) for x in ast.walk(check[0])):
            self.name = check[0].args.args[0].arg
            self.statements = [Statement(x, job["test"]) for x in check[0].body]
        else:
            self.whole = compile(ast.Module(check, []), "test", "exec", dont_inherit=True)
            source = "check(candidate)\nassert True"
            self.statements = [Statement(x, source) for x in ast.parse(source).body]


def job_check(link, job):
    plan = plan_of(job)
    p = Program(link, job)
    why = p.start()
    if why is None:
        try:
            link.ask(0, '"op":"get","obj":%d,"name":%s' % (p.module._id, _quote(job["entry"])))
        except (Gone, Exception, SystemExit) as e:
            why = reason(e)
    if why is not None:
        link.result("program", False, why)
        return
    env = {"__name__": "judge", "__builtins__": builtins}
    run_all(plan.helpers, env)
    env[job["entry"]] = candidate = p.function(job["entry"])
    exec(plan.rest, env)
    if plan.whole is not None:
        exec(plan.whole, env)
    env[plan.name] = candidate
    if run_statements(link, plan.statements, env) == 0 and link.tests == 0:
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


class AssertsPlan:
    """A list of asserts taken apart, which serves every answer to its task."""

    def __init__(self, job):
        source = "\n".join(job["asserts"])
        tree = ast.parse(source)
        self.statements = [Statement(x, source) for x in tree.body]
        uses = [x for x in ast.walk(tree) if isinstance(x, ast.Name)]
        inner = {x.id for x in uses if isinstance(x.ctx, ast.Store)}
        self.names = sorted({x.id for x in uses} - inner)
        self.defined, self.modules = top_names(job["reference"])


PLANS = {}  # the text of a task's tests -> its plan, the latest last
MAX_PLANS = 1024


def plan_of(job):
    """The plan of a job's tests, made once for all answers to a task."""
    key = (job["kind"], job["prompt"], job["entry"], job["test"], "\n".join(job["asserts"]), job["reference"])
    plan = PLANS.pop(key, None)
    if plan is None:
        plan = CheckPlan(job) if job["kind"] == "check" else AssertsPlan(job)
    PLANS[key] = plan
    if len(PLANS) > MAX_PLANS:
        del PLANS[next(iter(PLANS))]
    return plan


def prepare(job):
    """What the server does before it forks, since an interpreter that is warm does
    it in a tenth of the time: it compiles the tests and the program. What goes
    wrong here goes wrong again in the fork, or in the subject, and is told there."""
    try:
        if job["kind"] in ("check", "asserts"):
            plan_of(job)
        program = job.get("program")
        if program is not None and len(program) <= 65536 and not job.get("careful"):
            job["code"] = marshal.dumps(compile(program, "solution.py", "exec", dont_inherit=True))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        pass


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
    run_statements(link, plan_of(job).statements, env)


def bind_names(p, job, env):
    """Binds the names that the asserts use: to the candidate's functions where
    the reference defines them, to the judge's own modules where the program must
    import them. Returns why the candidate could not be asked, or None."""
    link, plan = p.link, plan_of(job)
    defined, modules = plan.defined, plan.modules
    for name in plan.names:
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
        module = link.exec(job["program"], job.get("code"))
        got = link.ask(0, '"op":"get","obj":%d,"name":"_metr_end"' % module._id)[0]
        link.result("program", type(got) is str and got == job["secret"],
                    "" if got == job["secret"] else "the program did not come to its end")
    except (Gone, Exception, SystemExit) as e:
        link.result("program", False, reason(e))
