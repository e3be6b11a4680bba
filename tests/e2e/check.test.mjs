// The checker, asked from the page: in a worker, with progress and stop; what breaks a property opens as a run.
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { assertAccessible, assertQuiet, eventually, moment, notice, open, press, says, setUp, until } from "./lib.mjs";

let stage;
before(async () => (stage = await setUp()));
after(() => stage?.tearDown());

const still = (options = {}) => open(stage, { reducedMotion: "reduce", ...options });
const verdict = (page, pattern) => says(page.locator("#check-verdict"), pattern);
/** What the look ahead says, once it has looked at all that it looks at. */
const ahead = async (page) => {
  await until(page, () => document.querySelector("#ahead-says").getAttribute("aria-busy") === "false");
  return page.locator("#ahead-says").textContent();
};

test("a broken variant is found out, and the violation opens as a run", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-own-value");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-timeouts").fill("1");
  await page.locator("#check-start").click();
  await verdict(page, /is violated/);
  assert((await page.locator(".steps li").count()) > 3, "the way there is told step by step");
  await assertAccessible(page);
  await page.locator("#check-open").click();
  await page.locator("#alarm").waitFor();
  await says(page.locator("#alarm"), /^Violated: /);
  assertQuiet(page);
  await page.context().close();
});

test("a search shows how far it is and is stopped", async () => {
  const page = await still();
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-states").fill("100000000");
  await page.locator("#check-start").click();
  await says(page.locator("#check-progress"), /^[1-9]\d* states, depth \d+, \d+ a second/);
  await page.locator("#check-start").click();
  await until(page, () => !document.querySelector("#check-progress"));
  assertQuiet(page);
  await page.context().close();
});

test("what can still be decided is told for the present moment", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-one-value");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-valence").click();
  await verdict(page, /^(Bivalent|Univalent|Not settled)/);
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("an adversary keeps Paxos undecided, as a run that can be walked", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-adversary");
  await notice(page, /^The run of the link/);
  await press(page, "ArrowRight", 40);
  assert((await moment(page)).event >= 40, "the adversary's picks are there to be walked");
  const decided = await page.locator(".order").innerText();
  assert.doesNotMatch(decided, /decided red|decided blue/);
  assertQuiet(page);
  await page.context().close();
});

test("what breaks from the present moment on goes on from the run as it is", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-own-value");
  await press(page, "ArrowRight", 8);
  const from = await moment(page);
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-here").check();
  await page.locator("#check-timeouts").fill("0");
  await page.locator("#check-start").click();
  await verdict(page, /is violated/);
  await page.locator("#check-open").click();
  await page.locator("#alarm").waitFor();
  assert((await moment(page)).event > from.event);
  await page.getByRole("tab", { name: "Events" }).click();
  await page.locator("#side-body").getByText("from here on everything waits for a hand").first().waitFor();
  await page.evaluate(() => document.activeElement.blur());
  for (let { event } = await moment(page); event > from.event; event -= 1) await press(page, "ArrowLeft");
  await until(page, () => !document.querySelector("#alarm"));
  assert.deepEqual(await moment(page), from, "up to there it is the same run");
  assertQuiet(page);
  await page.context().close();
});

test("while one steps, a badge says what can still be decided, and each message what it would make of that", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-one-value");
  await press(page, "ArrowRight", 12);
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
  await eventually(() => assert.equal(page.workers().length, 0, "the worker is gone"));
  // Another protocol may have nothing to decide.
  await page.locator("#scenario").selectOption("fifo-two-orders");
  await until(page, () => !document.querySelector("#ahead"));
  assertQuiet(page);
  await page.context().close();
});

test("an adversary counts what it survived, and says what its choice avoids", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("paxos-adversary");
  await notice(page, /^The run of the link/);
  await page.locator("#ahead").check();
  const avoids = /bivalent.*Avoided: .*(decides|makes it) (red|blue)/;
  for (let i = 0; i < 60 && !avoids.test(await ahead(page)); i += 1) await press(page, "ArrowRight");
  assert.match(await ahead(page), avoids);
  await says(page.locator(".sentence"), /\d+ deliveries survived/);
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});

test("Ben-Or's rounds over many seeds are drawn, and told as a table", async () => {
  const page = await still();
  await page.locator("#scenario").selectOption("ben-or-decide-on-one");
  await page.getByRole("button", { name: "Check", exact: true }).click();
  await page.locator("#check-rounds").click();
  await verdict(page, /^Done: 200 seeds\.$/);
  const counts = await page.locator(".rounds tbody tr").evaluateAll((rows) => rows.map((row) => [...row.querySelectorAll("td")].map((cell) => Number(cell.textContent))));
  for (const scheduler of [0, 1]) assert.equal(counts.reduce((sum, row) => sum + row[scheduler], 0), 200);
  assert(counts.length > 1, "it is a matter of luck");
  await assertAccessible(page);
  assertQuiet(page);
  await page.context().close();
});
