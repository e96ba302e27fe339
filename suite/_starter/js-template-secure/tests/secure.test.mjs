import test from "node:test";
import assert from "node:assert/strict";
import { subject } from "metr";

const { escapeHtml } = subject.load("src/escape.js");
const { safeUrl } = subject.load("src/url.js");
const { merge } = subject.load("src/merge.js");
const { render } = subject.load("src/render.js");
const { renderPage } = subject.load("src/page.js");

// mergeJson reads both texts inside the subject, because a key __proto__ lives in JSON only. It
// tells what is new on the prototypes afterwards, and removes it.
const { mergeJson, spoiled } = subject.exec(`
  const places = { Object, "Object.prototype": Object.prototype, "Array.prototype": Array.prototype };
  const names = (place) => Object.getOwnPropertyNames(place);
  const before = new Map(Object.values(places).map((place) => [place, new Set(names(place))]));

  function spoiled(call, ...args) {
    try {
      call(...args);
    } catch {}
    const found = [];
    for (const [name, place] of Object.entries(places)) {
      for (const key of names(place).filter((key) => !before.get(place).has(key))) {
        found.push(name + "." + key);
        delete place[key];
      }
    }
    return found;
  }

  function mergeJson(merge, base, extra) {
    const result = merge(JSON.parse(base), JSON.parse(extra));
    return {
      json: JSON.stringify(result),
      plain: Object.getPrototypeOf(result) === Object.prototype,
      inherited: result.role === undefined ? null : String(result.role),
    };
  }
`);

const merged = (base, extra) => {
  const result = mergeJson(merge, JSON.stringify(base), extra);
  return { ...result, value: JSON.parse(result.json) };
};

test("typical: merge lays one over the other", () => {
  const base = { shop: { name: "Corner", open: true, tags: ["a", "b"] }, size: 1 };
  const extra = { shop: { name: "Mill", tags: ["c"] }, colour: "red", size: null };
  const want = { shop: { name: "Mill", open: true, tags: ["c"] }, size: null, colour: "red" };
  assert.deepEqual(merge(base, extra), want);
});

test("typical: render fills fields, links and sections", () => {
  const template = '<a href="{{link|url}}">{{name}}</a>{{#tags}}<i>{{item.text}} of {{name}}</i>{{/tags}}';
  const data = { name: "Mill & Sons", link: "https://mill.example/?a=1&b=2", tags: [{ text: "old" }] };
  assert.equal(
    render(template, data),
    '<a href="https://mill.example/?a=1&amp;b=2">Mill &amp; Sons</a><i>old of Mill &amp; Sons</i>',
  );
});

test("typical: each special character is escaped once, wherever it stands", () => {
  assert.equal(escapeHtml("<b>&</b><i>"), "&lt;b&gt;&amp;&lt;/b&gt;&lt;i&gt;");
  assert.equal(escapeHtml("&lt;"), "&amp;lt;");
});

test("typical: addresses that may stand in a link", () => {
  const good = ["http://a.example/", "https://a.example/b?c#d", "mailto:a@b.example"];
  good.push("/a", "a?b=c", "#d", "", "../e", "HTTPS://A.EXAMPLE/", "a/b:c", "?time=10:30");
  for (const address of good) assert.equal(safeUrl(address), address);
});

test("typical: a page", () => {
  const defaults = { link: "/start", shop: { name: "Your shop" }, tags: [] };
  const template = '<a href="{{link|url}}">{{shop.name}}</a>{{#tags}}{{item}},{{/tags}}';
  const page = renderPage(template, defaults, '{"shop":{"name":"Mill"},"tags":["x","y"]}');
  assert.equal(page, '<a href="/start">Mill</a>x,y,');
});

test("edge: nothing to escape", () => {
  assert.equal(escapeHtml(null), "");
  assert.equal(escapeHtml(undefined), "");
  assert.equal(escapeHtml(0), "0");
  assert.equal(escapeHtml(false), "false");
});

test("edge: constructor and prototype are plain data", () => {
  const extra = '{"constructor":{"prototype":{"role":"builder"},"name":"Mill"},"prototype":1}';
  assert.deepEqual(merged({}, extra).value, JSON.parse(extra));
  const base = { constructor: { name: "Old", town: "York" } };
  assert.deepEqual(merged(base, '{"constructor":{"name":"Mill"}}').value, {
    constructor: { name: "Mill", town: "York" },
  });
  assert.equal(renderPage("{{constructor.name}}", {}, '{"constructor":{"name":"Mill"}}'), "Mill");
});

test("edge: names of inherited methods are plain data", () => {
  const extra = '{"toString":"a","hasOwnProperty":{"valueOf":"b"}}';
  assert.deepEqual(JSON.parse(merged({}, extra).json), JSON.parse(extra));
});

test("edge: objects over values and values over objects", () => {
  const base = { a: 1, b: { c: 1 }, d: [1], e: null, f: "text" };
  const extra = { a: { x: 1 }, b: 2, d: { y: 1 }, e: { z: 1 }, f: { w: 1 } };
  assert.deepEqual(merge(base, extra), extra);
});

test("edge: merge changes neither argument", () => {
  const base = { a: { b: 1 } };
  const extra = { a: { c: { d: 2 } } };
  assert.deepEqual(subject.inplace(merge, base, extra).args, [base, extra]);
});

test("edge: nothing at a path gives nothing", () => {
  assert.equal(render("[{{a}}{{a.b.c}}{{n.x}}{{#none}}x{{/none}}]", { n: null }), "[]");
});

test("edge: special patterns of replace are text", () => {
  assert.equal(render("[{{a}}]", { a: "$& $1 $$" }), "[$&amp; $1 $$]");
});

test("error: what is wrong with a template or with settings is still reported", () => {
  assert.throws(() => render("{{name|loud}}", { name: "x" }), { name: "TemplateError" });
  assert.throws(() => render("{{#name}}x{{/name}}", { name: "x" }), { name: "TemplateError" });
  assert.throws(() => renderPage("x", {}, "{"), { name: "SyntaxError" });
  assert.throws(() => renderPage("x", {}, "[]"), { name: "TypeError" });
});

test("exploit: quotes do not end an attribute", () => {
  const double = renderPage('<p title="{{t}}">', {}, JSON.stringify({ t: '" onclick="alert(1)' }));
  assert.equal(double, '<p title="&quot; onclick=&quot;alert(1)">');
  const single = renderPage("<p title='{{t}}'>", {}, JSON.stringify({ t: "' onclick='alert(1)" }));
  assert.equal(single, "<p title='&#39; onclick=&#39;alert(1)'>");
});

test("exploit: the second tag is escaped, too", () => {
  const page = renderPage("{{t}}", {}, JSON.stringify({ t: "<b><script>alert(1)</script>" }));
  assert.equal(page, "&lt;b&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
});

test("exploit: addresses that run script", () => {
  const bad = ["javascript:alert(1)", "JavaScript:alert(1)", " javascript:alert(1)"];
  bad.push("java\tscript:alert(1)", "java\nscript:alert(1)", "\u0001javascript:alert(1)");
  bad.push("\r\njavascript\n:alert(1)", "data:text/html,<script>alert(1)</script>", "vbscript:x");
  bad.push("blob:https://a.example/1", "file:///etc/hosts", "view-source:x");
  for (const address of bad) assert.equal(safeUrl(address), "#", JSON.stringify(address));
  const page = renderPage('<a href="{{l|url}}">', {}, JSON.stringify({ l: "java\tscript:alert(1)" }));
  assert.equal(page, '<a href="#">');
});

test("exploit: __proto__ in the settings changes no prototype", () => {
  for (const text of [
    '{"__proto__":{"role":"admin"}}',
    '{"a":{"__proto__":{"role":"admin"}}}',
    '{"a":{"b":{"__proto__":{"role":"admin"}}}}',
    '{"list":[{"__proto__":{"role":"admin"}}]}',
  ]) {
    for (const base of ["{}", '{"a":{"b":{}}}']) {
      assert.deepEqual(spoiled(mergeJson, merge, base, text), [], text);
    }
    assert.deepEqual(spoiled(renderPage, "{{a}}", { a: {} }, text), [], text);
  }
});

test("exploit: __proto__ is left out of the result", () => {
  const top = merged({}, '{"__proto__":{"role":"admin"},"a":1}');
  assert.deepEqual([top.json, top.plain, top.inherited], ['{"a":1}', true, null]);
  const deep = merged({}, '{"a":{"__proto__":{"role":"admin"},"b":[{"__proto__":{"x":1}}]}}');
  assert.equal(deep.json, '{"a":{"b":[{}]}}');
  assert.equal(renderPage("[{{a.role}}]", {}, '{"a":{"__proto__":{"role":"admin"}}}'), "[]");
});

test("exploit: constructor in the settings changes no function", () => {
  for (const text of [
    '{"constructor":{"prototype":{"role":"admin"}}}',
    '{"a":{"constructor":{"prototype":{"role":"admin"}}}}',
    '{"constructor":{"role":"admin"}}',
    '{"list":{"constructor":{"prototype":{"role":"admin"}}}}',
  ]) {
    for (const base of ["{}", '{"a":{},"list":[1]}']) {
      assert.deepEqual(spoiled(mergeJson, merge, base, text), [], text);
    }
  }
});

test("exploit: paths do not reach what is inherited", () => {
  const template = "[{{constructor.name}}{{a.__proto__}}{{a.toString}}{{s.constructor.name}}{{__proto__}}]";
  assert.equal(render(template, { a: {}, s: "text" }), "[]");
});

test("exploit: values are not read as templates", () => {
  const defaults = { secret: "s3cret", tags: [] };
  const template = "{{#tags}}<i>{{item}}</i>{{/tags}}<p>{{t}}</p>";
  const settings = { tags: ["{{secret}}", "{{#tags}}x{{/tags}}"], t: "{{secret}}" };
  assert.equal(
    renderPage(template, defaults, JSON.stringify(settings)),
    "<i>{{secret}}</i><i>{{#tags}}x{{/tags}}</i><p>{{secret}}</p>",
  );
});
