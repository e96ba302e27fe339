import assert from "node:assert/strict";
import test from "node:test";
import { merge } from "../src/merge.js";
import { renderPage } from "../src/page.js";
import { render, TemplateError } from "../src/render.js";

test("merge goes into objects and replaces arrays", () => {
  const base = { shop: { name: "Corner", tags: ["a", "b"] }, size: 1 };
  const extra = { shop: { tags: ["c"] }, size: 2 };
  assert.deepEqual(merge(base, extra), { shop: { name: "Corner", tags: ["c"] }, size: 2 });
  assert.deepEqual(base.shop.tags, ["a", "b"]);
});

test("render fills fields and sections", () => {
  const template = "<h1>{{name}}</h1>{{#tags}}<i>{{item.text}}</i>{{/tags}}{{none}}";
  const data = { name: "Corner", tags: [{ text: "new" }, { text: "old" }] };
  assert.equal(render(template, data), "<h1>Corner</h1><i>new</i><i>old</i>");
});

test("render reports what is wrong with the template", () => {
  assert.throws(() => render("{{name|loud}}", { name: "x" }), TemplateError);
  assert.throws(() => render("{{#name}}x{{/name}}", { name: "x" }), TemplateError);
});

test("renderPage lays the settings over the defaults", () => {
  const template = '<a href="{{link|url}}">{{shop.name}}</a>';
  const defaults = { link: "/start", shop: { name: "Your shop" } };
  const page = renderPage(template, defaults, '{"shop":{"name":"A <b>"}}');
  assert.equal(page, '<a href="/start">A &lt;b&gt;</a>');
});
