// The page as a static host gives it out: from a sub-path, under its content-security policy.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertQuiet, complete, eventually, open, says, setUp } from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

test("the page opens from a sub-path without a complaint", async () => {
  const page = await open(stage);
  assert.equal(await page.title(), "consensus playground");
  await says(page.locator("h1").first(), /consensus playground/i);
  assertQuiet(page);
  await page.context().close();
});

test("the policy holds: neither inline scripts nor other hosts", async () => {
  const page = await open(stage);
  const ran = await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.inlineScriptRan = true";
    document.head.append(script);
    return window.inlineScriptRan === true;
  });
  assert.equal(ran, false);
  const reached = await page.evaluate(() => fetch("http://localhost:9/").then(() => true, (error) => error.message));
  assert.equal(reached, "Failed to fetch");
  const refused = (rule) =>
    eventually(() => assert(page.complaints.some((text) => text.includes(rule)), `refused by ${rule}`));
  await refused("script-src");
  await refused("connect-src");
  await page.context().close();
});

test("every request stays under the page's own address", async () => {
  const page = await open(stage);
  await complete(page);
  const base = new URL(stage.host.url).pathname;
  assert.deepEqual(stage.host.requests.filter((path) => !path.startsWith(base)), []);
  await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing, ${colorScheme}`, async () => {
    const page = await open(stage, { colorScheme });
    await assertAccessible(page);
    assertQuiet(page);
    await page.context().close();
  });
}

test("a page whose program is lost on the way says so", async () => {
  const context = await stage.browser.newContext();
  const page = await context.newPage();
  await page.route("**/*.wasm", (route) => route.abort());
  await page.goto(stage.host.url);
  await says(page.getByRole("alert"), /could not start/);
  await context.close();
});
