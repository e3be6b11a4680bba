// Inside another page: a sandboxed frame has no origin, hence no storage and no worker.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertQuiet, drawn, eventually, moment, open, press, setUp, until } from "./lib.mjs";

const frame = (link) => `<!doctype html><html lang="en"><title>a course</title><link rel="icon" href="data:,">
<iframe title="playground" sandbox="allow-scripts" width="800" height="580"
  src="/some/sub-path/?view=embed${link}"></iframe></html>`;

const pages = { "/course.html": frame("") };
let stage;
before(async () => (stage = await setUp({ pages })));
after(() => stage?.tearDown());

test("in a sandboxed frame without storage the page shows stage, order and clock, and rests", async () => {
  const page = await open(stage, { url: `${stage.host.origin}/course.html` });
  const inside = page.frameLocator("iframe");
  await inside.locator("main").first().waitFor();
  const storage = await page.frames()[1].evaluate(() => {
    try {
      return String(localStorage);
    } catch (error) {
      return error.name;
    }
  });
  assert.equal(storage, "SecurityError");
  assert.equal(await inside.locator("main section").count(), 2);
  assert.equal(await inside.locator("#protocol").count(), 0);
  const frame = page.frames()[1];
  const before = await moment(frame);
  await drawn(frame, 30);
  assert.deepEqual(await moment(frame), before, "it does not play by itself");
  await inside.locator("#play").click();
  await until(frame, (event) => Number(document.querySelector(".page").dataset.event) > event, before.event);
  await eventually(async () => {
    const wide = await frame.evaluate(() => {
      const { scrollWidth, clientWidth, scrollHeight, clientHeight } = document.documentElement;
      return [scrollWidth - clientWidth, scrollHeight - clientHeight];
    });
    assert.deepEqual(wide, [0, 0], "nothing to scroll at 800×580");
  });
  assertQuiet(page);
  await page.context().close();
});

test("a link in a frame opens its run at its event; a node's menu is there", async () => {
  const there = await open(stage, { reducedMotion: "reduce" });
  await press(there, "c");
  await there.getByRole("button", { name: "Share" }).click();
  const link = new URL(await there.locator("#link").inputValue()).hash;
  const { event, hash } = await moment(there);
  await there.context().close();
  pages["/link.html"] = frame(link);
  const page = await open(stage, { url: `${stage.host.origin}/link.html` });
  const inside = page.frameLocator("iframe");
  await inside.locator(`.page[data-event="${event}"]`).waitFor();
  assert.equal(await inside.locator(".page").getAttribute("data-hash"), hash);
  await inside.locator("#node-1").click();
  await inside.getByRole("button", { name: "Crash", exact: true }).click();
  await inside.locator("#node-1.down").waitFor();
  assertQuiet(page);
  await page.context().close();
});

for (const colorScheme of ["light", "dark"]) {
  test(`axe-core finds nothing in the embedded view, ${colorScheme}`, async () => {
    const page = await open(stage, { address: "?view=embed", viewport: { width: 800, height: 580 }, colorScheme });
    await assertAccessible(page);
    assertQuiet(page);
    await page.context().close();
  });
}
