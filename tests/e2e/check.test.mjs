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

test("what breaks from the present moment on goes on from the run as it is", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-own-value");
  const event = () => page.evaluate(() => Number(document.querySelector("[data-event]").dataset.event));
  for (let i = 0; i < 8; i += 1) await page.keyboard.press("ArrowRight");
  await until(page, () => Number(document.querySelector("[data-event]").dataset.event) >= 8);
  const [from, hash] = [await event(), await page.locator(".page").getAttribute("data-hash")];
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-here").check();
  await page.locator("#check-timeouts").fill("0");
  await page.locator("#check-start").click();
  await until(page, () => /is violated/.test(document.querySelector("#check-verdict")?.textContent ?? ""));
  await page.locator("#check-open").click();
  await page.locator("#alarm").waitFor();
  assert((await event()) > from);
  await page.getByRole("tab", { name: "Events" }).click();
  await page.locator("#side-body").getByText("from here on everything waits for a hand").first().waitFor();
  await page.evaluate(() => document.activeElement.blur());
  while ((await event()) > from) {
    await page.keyboard.press("ArrowLeft");
    await page.waitForTimeout(20);
  }
  await until(page, () => !document.querySelector("#alarm"));
  assert.equal(await page.locator(".page").getAttribute("data-hash"), hash, "up to there it is the same run");
  assertQuiet(page);
  await page.context().close();
});

test("while one steps, a badge says what can still be decided, and each message what it would make of that", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-one-value");
  for (let i = 0; i < 12; i += 1) await page.keyboard.press("ArrowRight");
  assert.equal(page.workers().length, 0, "nothing is computed that nobody asked for");
  await page.locator("#ahead").check();
  await until(page, () => /^. bivalent(red|green|blue).* can both still be decided\./.test(document.querySelector("#ahead-says").textContent));
  await page.getByRole("tab", { name: "In flight" }).click();
  await until(page, () => [...document.querySelectorAll("[data-message]")].some((place) => /^. Delivering it keeps it bivalent/.test(place.textContent)));
  await until(page, () => /timer fires: /.test(document.querySelector("#ahead-steps").textContent));
  await assertAccessible(page);
  await page.locator("#speed").fill("12");
  await page.locator("#play").click();
  await until(page, () => /^. (red|green|blue)-valent(red|green|blue) is decided/.test(document.querySelector("#ahead-says").textContent));
  await page.locator("#ahead").uncheck();
  await until(page, () => document.querySelector("#ahead-says").textContent === "");
  await until(page, () => [...document.querySelectorAll("[data-message]")].every((place) => place.textContent === ""));
  assert.equal(page.workers().length, 0, "the worker is gone");
  // Another protocol may have nothing to decide.
  await page.locator("#scenario").selectOption("fifo-two-orders");
  await until(page, () => !document.querySelector("#ahead"));
  assertQuiet(page);
  await page.context().close();
});

test("an adversary counts what it survived, and says what its choice avoids", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-adversary");
  await until(page, () => /^The run of the link/.test(document.querySelector(".notice")?.textContent ?? ""));
  await page.locator("#ahead").check();
  const avoids = () => /bivalent.*Avoided: .*(decides|makes it) (red|blue)/.test(document.querySelector("#ahead-says").textContent);
  for (let i = 0; i < 60 && !(await page.evaluate(avoids)); i += 1) {
    await page.keyboard.press("ArrowRight");
    await until(page, () => /valent|settled/.test(document.querySelector("#ahead-says").textContent));
    await page.waitForTimeout(50);
  }
  assert(await page.evaluate(avoids), await page.locator("#ahead-says").innerText());
  assert.match(await page.locator(".sentence").innerText(), /\d+ deliveries survived/);
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("Ben-Or's rounds over many seeds are drawn, and told as a table", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("ben-or-decide-on-one");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-rounds").click();
  await until(page, () => document.querySelector("#check-verdict")?.textContent === "Done: 200 seeds.");
  const counts = await page.locator(".rounds tbody tr").evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  for (const scheduler of [0, 1]) assert.equal(counts.reduce((sum, row) => sum + row[scheduler], 0), 200);
  assert(counts.length > 1, "it is a matter of luck");
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});
