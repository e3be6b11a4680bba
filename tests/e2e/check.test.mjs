// The checker, asked from the page: in a worker, with progress and stop; what breaks a property opens as a run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertQuiet, open, setUp } from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

const still = (options = {}) => open(stage, { reducedMotion: "reduce", ...options });
const until = (page, predicate) => page.waitForFunction(predicate, null, { timeout: 60_000 });

test("a broken variant is found out, and the violation opens as a run", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-own-value");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-timeouts").fill("1");
  await page.locator("#check-start").click();
  await until(page, () => /is violated/.test(document.querySelector("#check-verdict")?.textContent ?? ""));
  assert((await page.locator(".steps li").count()) > 3, "the way there is told step by step");
  await assertAccessible(page);
  await page.locator("#check-open").click();
  await page.locator("#alarm").waitFor();
  assert.match(await page.locator("#alarm").innerText(), / is violated/);
  assertQuiet(page);
  await page.context().close();
});

test("a search shows how far it is and is stopped", async () => {
  const page = await still();
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-states").fill("100000000");
  await page.locator("#check-start").click();
  await until(page, () => /^[1-9]\d* states, depth \d+, \d+ a second/.test(document.querySelector("#check-progress")?.textContent ?? ""));
  await page.locator("#check-start").click();
  assert.equal(await page.locator("#check-progress").count(), 0);
  assertQuiet(page);
  await page.context().close();
});

test("what can still be decided is told for the present moment", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-one-value");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-valence").click();
  await until(page, () => /^(Bivalent|Univalent|Not settled)/.test(document.querySelector("#check-verdict")?.textContent ?? ""));
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("an adversary keeps Paxos undecided, as a run that can be walked", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-adversary");
  const event = () => page.evaluate(() => Number(document.querySelector("[data-event]").dataset.event));
  await until(page, () => /The run of the link/.test(document.querySelector(".notice")?.textContent ?? ""));
  for (let i = 0; i < 40; i += 1) await page.keyboard.press("ArrowRight");
  await until(page, () => Number(document.querySelector("[data-event]").dataset.event) >= 40);
  assert((await event()) >= 40, "the adversary's picks are there to be walked");
  const decided = await page.locator(".order").innerText();
  assert.doesNotMatch(decided, /decided red|decided blue/);
  assertQuiet(page);
  await page.context().close();
});
